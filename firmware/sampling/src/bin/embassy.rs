//! A detector in two, under Embassy. The interrupt of a timer takes samples; a task decides about
//! windows while further samples come.
#![no_std]
#![no_main]

use core::cell::RefCell;

use ae_sampling::windows::{self, Window, Windows, model};
use ae_sampling::{Decided, Sampling};
use cortex_m::peripheral::SYST;
use cortex_m_rt::{entry, exception};
use embassy_executor::Executor;
use embassy_sync::blocking_mutex::{Mutex, raw::CriticalSectionRawMutex};
use embassy_sync::channel::Channel;
use static_cell::StaticCell;

static SAMPLING: Mutex<CriticalSectionRawMutex, RefCell<Option<Sampling<Windows>>>> =
    Mutex::new(RefCell::new(None));
/// From the interrupt to the task.
static WHOLE: Channel<CriticalSectionRawMutex, Window, 1> = Channel::new();

#[exception]
fn SysTick() {
    SAMPLING.lock(|sampling| {
        if let Some(sampling) = sampling.borrow_mut().as_mut() {
            sampling.take(|window| WHOLE.try_send(window).is_ok());
        }
    });
}

/// Decides about windows as they come. `model::Judge` has no parameters but a lifetime, so a task
/// can take it.
#[embassy_executor::task]
async fn watch(mut judge: model::Judge<'static>, mut timer: SYST) {
    let mut decided = Decided::about::<Windows>();
    let taken = || SAMPLING.lock(|it| it.borrow().as_ref().map_or(0, Sampling::taken));
    ae_sampling::start::<Windows>(&mut timer);
    while !decided.is_over() {
        let window = WHOLE.receive().await;
        decided.decide(|| judge.decide(&window).map(Some), taken);
    }
    timer.disable_interrupt();
    SAMPLING.lock(|it| decided.report(it.borrow().as_ref().expect("it was sampled")))
}

#[entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();

    let (sampling, judge) = windows::detector();
    SAMPLING.lock(|it| *it.borrow_mut() = Some(sampling));
    let timer = cortex_m::Peripherals::take().expect("a board is started once").SYST;
    EXECUTOR.init(Executor::new()).run(|spawner| {
        spawner.spawn(watch(judge, timer).expect("a task that is started once"));
    })
}
