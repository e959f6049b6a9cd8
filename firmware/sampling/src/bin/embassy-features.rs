//! A detector of features in two, under Embassy. The interrupt of a timer takes samples; a task computes
//! the features of frames and decides about windows of them while further samples come.
#![no_std]
#![no_main]

use core::cell::RefCell;

use ae_sampling::frames::{self, Frame, Frames, model};
use ae_sampling::{Decided, Sampling};
use cortex_m::peripheral::SYST;
use cortex_m_rt::{entry, exception};
use embassy_executor::Executor;
use embassy_sync::blocking_mutex::{Mutex, raw::CriticalSectionRawMutex};
use embassy_sync::channel::Channel;
use static_cell::StaticCell;

static SAMPLING: Mutex<CriticalSectionRawMutex, RefCell<Option<Sampling<Frames>>>> =
    Mutex::new(RefCell::new(None));
/// From the interrupt to the task.
static WHOLE: Channel<CriticalSectionRawMutex, Frame, 1> = Channel::new();

#[exception]
fn SysTick() {
    SAMPLING.lock(|sampling| {
        if let Some(sampling) = sampling.borrow_mut().as_mut() {
            sampling.take(|frame| WHOLE.try_send(frame).is_ok());
        }
    });
}

/// Takes frames as they come. Not every one ends a window. `model::Judge` has no parameters but a lifetime, so a task
/// can take it.
#[embassy_executor::task]
async fn watch(mut judge: model::Judge<'static>, mut timer: SYST) {
    let mut decided = Decided::about::<Frames>();
    let taken = || SAMPLING.lock(|it| it.borrow().as_ref().map_or(0, Sampling::taken));
    ae_sampling::start::<Frames>(&mut timer);
    while !decided.is_over() {
        let frame = WHOLE.receive().await;
        decided.decide(|| judge.take_frame(&frame), taken);
    }
    timer.disable_interrupt();
    SAMPLING.lock(|it| decided.report(it.borrow().as_ref().expect("it was sampled")))
}

#[entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();

    let (sampling, judge) = frames::detector();
    SAMPLING.lock(|it| *it.borrow_mut() = Some(sampling));
    let timer = cortex_m::Peripherals::take().expect("a board is started once").SYST;
    EXECUTOR.init(Executor::new()).run(|spawner| {
        spawner.spawn(watch(judge, timer).expect("a task that is started once"));
    })
}
