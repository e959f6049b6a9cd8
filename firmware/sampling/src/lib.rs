//! A signal that does not wait, and what a program says that watched it: which samples it missed,
//! and whether it decided as a detector in one does. The model lies in a second flash.
#![no_std]

pub mod clock;

use ae_infer::{Decision, Detector};
use cortex_m::peripheral::{SYST, syst::SystClkSource};
use semihosting::{println, process::exit};
use static_cell::StaticCell;

ae_infer::include_model!(
    /// The model, and buffers and types of its sizes.
    pub mod model = "../../../tests/golden/tiny.values.f32.aeb",
    section = ".model_flash"
);

/// Where `memory.x` puts the model.
const MODEL_FLASH: core::ops::Range<usize> = 0x2100_0000..0x2110_0000;
/// Ticks from a sample to the next. A decision takes longer than that, and less than a stride.
const PERIOD: u32 = 50;
/// Windows that are decided.
pub const WINDOWS: usize = 400;

/// A window on its way from who samples to who decides.
pub type Window = [u8; model::FEATURES];

/// The half of the detector that an interrupt owns, and what it missed.
pub struct Sampling {
    sampler: model::Sampler<'static>,
    /// Samples that were taken.
    taken: u32,
    /// Samples that were due and found no interrupt.
    missed: u32,
    /// Windows that were whole before the one before had been taken.
    lost: u32,
}

impl Sampling {
    /// Takes the sample of this time, as a sensor gives it: one that is missed is never seen again.
    /// `send` is given a window that is whole, and says whether there was room for it.
    ///
    /// # Panics
    /// The model takes other samples.
    pub fn take(&mut self, send: impl FnOnce(Window) -> bool) {
        let at = clock::ticks() / PERIOD;
        if self.sampler.push(&signal(at)).expect("four values of f32") {
            let window = self.sampler.window().try_into().expect("a window of the model's");
            self.lost += u32::from(!send(window));
        }
        self.taken += 1;
        self.missed = at - self.taken;
    }

    /// Samples that were taken.
    #[must_use]
    pub fn taken(&self) -> u32 {
        self.taken
    }
}

/// What was decided while samples came.
pub struct Decided {
    decisions: [Option<Decision>; WINDOWS],
    count: usize,
    /// Samples that came during decisions.
    meanwhile: u32,
    /// Decisions during which none came.
    alone: u32,
}

impl Decided {
    /// Before the first window.
    #[must_use]
    pub const fn new() -> Self {
        Self { decisions: [None; WINDOWS], count: 0, meanwhile: 0, alone: 0 }
    }

    /// Decides about a window. `taken` says how many samples have been taken.
    pub fn decide(
        &mut self,
        judge: &mut model::Judge<'static>,
        window: &Window,
        mut taken: impl FnMut() -> u32,
    ) {
        let before = taken();
        let decision = judge.decide(window).ok();
        let came = taken() - before;
        if let Some(place) = self.decisions.get_mut(self.count) {
            *place = decision;
        }
        self.count += 1;
        self.meanwhile += came;
        self.alone += u32::from(came == 0);
    }

    /// Whether all windows are decided.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.count >= WINDOWS
    }

    /// Says what was kept and what was not, and ends the program.
    pub fn report(&self, sampling: &Sampling) -> ! {
        let Self { decisions, meanwhile, alone, .. } = self;
        let Sampling { taken, missed, lost, .. } = sampling;
        let alarms = decisions.iter().flatten().filter(|it| it.is_alarm()).count();
        let checks = [
            ("the model lies in its own flash", MODEL_FLASH.contains(&model::BLOB.as_ptr().addr())),
            ("no sample was missed", *missed == 0),
            ("no window was lost", *lost == 0),
            ("a sample came during every decision", *alone == 0),
            ("there are alarms, and windows without", alarms > 0 && alarms < WINDOWS),
            ("the decisions are those of push", *decisions == decisions_of_push()),
        ];
        for (check, _) in checks.iter().filter(|(_, kept)| !kept) {
            println!("FAILED: {check}");
        }
        let summary = format_args!(
            "{taken} samples, {meanwhile} of them during decisions, {missed} missed; {WINDOWS} \
             windows, {alarms} alarms, {lost} lost"
        );
        let kept = checks.iter().all(|(_, kept)| *kept);
        println!("{}: {summary}", if kept { "ok" } else { "FAILED" });
        exit(i32::from(!kept))
    }
}

impl Default for Decided {
    fn default() -> Self {
        Self::new()
    }
}

/// A detector in two. It can be made once.
///
/// # Panics
/// It is made again.
#[must_use]
pub fn detector() -> (Sampling, model::Judge<'static>) {
    static WINDOW: StaticCell<[u8; model::WINDOW]> = StaticCell::new();
    static RECONSTRUCTION: StaticCell<Window> = StaticCell::new();
    static SCRATCH: StaticCell<[model::Element; model::SCRATCH]> = StaticCell::new();

    let detector: model::Detector<'static> = Detector::new(
        model::load().expect("a blob that can be run"),
        WINDOW.init(model::window()),
        RECONSTRUCTION.init(model::pixels()),
        SCRATCH.init(model::scratch()),
    )
    .expect("a blob with a detector");
    let (sampler, judge) = detector.split();
    (Sampling { sampler, taken: 0, missed: 0, lost: 0 }, judge)
}

/// From here on an interrupt comes every period, the first one a period from now.
pub fn start(timer: &mut SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(PERIOD - 1);
    timer.clear_current();
    timer.enable_interrupt();
    clock::start();
    timer.enable_counter();
}

/// The signal at a time: calm, and wild now and then.
fn signal(at: u32) -> [f32; 4] {
    let swing = if at % 100 > 80 { 9.0 } else { 0.5 };
    let sway = |step: u32| ((at * step % 251) as f32 / 125.0 - 1.0) * swing;
    [sway(37), 1.0 + 30.0 * sway(53), 9.81 + 5.0 * sway(71), -2.0 + 0.2 * sway(97)]
}

/// The same samples, one after another, in a detector that is not split.
fn decisions_of_push() -> [Option<Decision>; WINDOWS] {
    let (mut window, mut reconstruction) = (model::window(), model::pixels());
    let mut scratch = model::scratch();
    let model = model::load().expect("a blob that can be run");
    let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)
        .expect("a blob with a detector");
    // The first interrupt comes a period after the start.
    let mut found = (1..).filter_map(|at| detector.push(&signal(at)).expect("four values of f32"));
    core::array::from_fn(|_| found.next())
}
