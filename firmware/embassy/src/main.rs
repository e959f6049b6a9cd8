//! A detector in two, under Embassy. The interrupt of a timer takes samples; a task decides about
//! windows while further samples come. The program then compares the task's decisions with those of
//! a detector in one, and looks whether a sample was missed. Its model lies in a second flash.
#![no_std]
#![no_main]

mod clock;

use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering};

use ae_infer::{Decision, Detector};
use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::{entry, exception};
use embassy_executor::Executor;
use embassy_sync::blocking_mutex::{Mutex, raw::CriticalSectionRawMutex};
use embassy_sync::channel::Channel;
use semihosting::{println, process::exit};
use static_cell::StaticCell;

ae_infer::include_model!(
    mod model = "../../../tests/golden/tiny.values.f32.aeb",
    section = ".model_flash"
);

/// Where `memory.x` puts the model.
const MODEL_FLASH: core::ops::Range<usize> = 0x2100_0000..0x2110_0000;
/// Ticks from a sample to the next. A decision takes longer than that, and less than a stride.
const PERIOD: u32 = 50;
/// Windows that are decided.
const WINDOWS: usize = 400;

/// What the interrupt owns.
struct Sampling {
    sampler: model::Sampler<'static>,
    /// Samples that were due and found no interrupt.
    missed: u32,
    /// Windows that were whole before the task had taken the one before.
    lost: u32,
}

static SAMPLING: Mutex<CriticalSectionRawMutex, RefCell<Option<Sampling>>> =
    Mutex::new(RefCell::new(None));
/// Samples that the interrupt took.
static TAKEN: AtomicU32 = AtomicU32::new(0);
/// From the interrupt to the task.
static WHOLE: Channel<CriticalSectionRawMutex, [u8; model::FEATURES], 1> = Channel::new();

/// The signal at a time: calm, and wild now and then.
fn signal(at: u32) -> [f32; 4] {
    let swing = if at % 100 > 80 { 9.0 } else { 0.5 };
    let sway = |step: u32| ((at * step % 251) as f32 / 125.0 - 1.0) * swing;
    [sway(37), 1.0 + 30.0 * sway(53), 9.81 + 5.0 * sway(71), -2.0 + 0.2 * sway(97)]
}

/// Takes the sample of this time, as a sensor gives it: one that is missed is never seen again.
#[exception]
fn SysTick() {
    let at = clock::ticks() / PERIOD;
    SAMPLING.lock(|sampling| {
        let mut sampling = sampling.borrow_mut();
        let Some(Sampling { sampler, missed, lost }) = sampling.as_mut() else { return };
        if sampler.push(&signal(at)).expect("four values of f32") {
            let window = sampler.window().try_into().expect("a window of the model's");
            *lost += u32::from(WHOLE.try_send(window).is_err());
        }
        *missed = at - (TAKEN.fetch_add(1, Ordering::Relaxed) + 1);
    });
}

/// From here on an interrupt comes every period, the first one a period from now.
fn start(timer: &mut SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(PERIOD - 1);
    timer.clear_current();
    timer.enable_interrupt();
    clock::start();
    timer.enable_counter();
}

/// Decides about windows as they come. `model::Judge` has no parameters but a lifetime, so a task
/// can take it.
#[embassy_executor::task]
async fn watch(mut judge: model::Judge<'static>, mut timer: SYST) {
    let mut decisions = [None; WINDOWS];
    let (mut meanwhile, mut alone) = (0, 0);
    start(&mut timer);
    for decision in &mut decisions {
        let window = WHOLE.receive().await;
        let before = TAKEN.load(Ordering::Relaxed);
        *decision = judge.decide(&window).ok();
        let came = TAKEN.load(Ordering::Relaxed) - before;
        meanwhile += came;
        alone += u32::from(came == 0);
    }
    timer.disable_interrupt();
    report(&decisions, meanwhile, alone)
}

/// Says what was kept and what was not. `meanwhile` is the number of samples that came during
/// decisions, and `alone` that of decisions during which none came.
fn report(decisions: &[Option<Decision>; WINDOWS], meanwhile: u32, alone: u32) -> ! {
    let taken = TAKEN.load(Ordering::Relaxed);
    let (missed, lost) = SAMPLING
        .lock(|it| it.borrow().as_ref().map(|it| (it.missed, it.lost)))
        .expect("it was sampled");
    let alarms = decisions.iter().flatten().filter(|it| it.is_alarm()).count();
    let checks = [
        ("the model lies in its own flash", MODEL_FLASH.contains(&model::BLOB.as_ptr().addr())),
        ("no sample was missed", missed == 0),
        ("no window was lost", lost == 0),
        ("a sample came during every decision", alone == 0),
        ("there are alarms, and windows without", alarms > 0 && alarms < WINDOWS),
        ("the decisions are those of push", *decisions == decisions_of_push()),
    ];
    for (check, _) in checks.iter().filter(|(_, kept)| !kept) {
        println!("FAILED: {check}");
    }
    let summary = format_args!(
        "{taken} samples, {meanwhile} of them during decisions, {missed} missed; {WINDOWS} windows, \
         {alarms} alarms, {lost} lost"
    );
    let kept = checks.iter().all(|(_, kept)| *kept);
    println!("{}: {summary}", if kept { "ok" } else { "FAILED" });
    exit(i32::from(!kept))
}

/// The same samples, one after another, in a detector that is not split.
fn decisions_of_push() -> [Option<Decision>; WINDOWS] {
    let (mut window, mut reconstruction) = (model::pixels(), model::pixels());
    let mut scratch = model::scratch();
    let model = model::load().expect("a blob that can be run");
    let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)
        .expect("a blob with a detector");
    // The first interrupt comes a period after the start.
    let mut found = (1..).filter_map(|at| detector.push(&signal(at)).expect("four values of f32"));
    core::array::from_fn(|_| found.next())
}

#[entry]
fn main() -> ! {
    static WINDOW: StaticCell<[u8; model::FEATURES]> = StaticCell::new();
    static RECONSTRUCTION: StaticCell<[u8; model::FEATURES]> = StaticCell::new();
    static SCRATCH: StaticCell<[model::Element; model::SCRATCH]> = StaticCell::new();
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();

    let detector: model::Detector<'static> = Detector::new(
        model::load().expect("a blob that can be run"),
        WINDOW.init(model::pixels()),
        RECONSTRUCTION.init(model::pixels()),
        SCRATCH.init(model::scratch()),
    )
    .expect("a blob with a detector");
    let (sampler, judge) = detector.split();
    SAMPLING.lock(|it| *it.borrow_mut() = Some(Sampling { sampler, missed: 0, lost: 0 }));

    let timer = cortex_m::Peripherals::take().expect("a board is started once").SYST;
    EXECUTOR.init(Executor::new()).run(|spawner| {
        spawner.spawn(watch(judge, timer).expect("a task that is started once"));
    })
}
