//! A detector in two, under RTIC. The task of the timer takes samples; a task of lower priority
//! decides about windows while further samples come. A queue of one window lies between them.
#![no_std]
#![no_main]

use cortex_m_rt as _;

/// What RTIC wants to know of the chip. No interrupt of it is used.
mod chip {
    /// Bits of a priority.
    pub(crate) const NVIC_PRIO_BITS: u8 = 3;
}

#[rtic::app(device = crate::chip, peripherals = false)]
mod app {
    use ae_sampling::windows::{self, Window, Windows, model};
    use ae_sampling::{Decided, Sampling};
    use cortex_m::peripheral::{SCB, SYST};
    use heapless::spsc::{Consumer, Producer, Queue};

    #[shared]
    struct Shared {
        sampling: Sampling<Windows>,
    }

    #[local]
    struct Local {
        send: Producer<'static, Window>,
        whole: Consumer<'static, Window>,
        judge: model::Judge<'static>,
        decided: Decided,
        timer: SYST,
    }

    // A queue of two places holds one window.
    #[init(local = [queue: Queue<Window, 2> = Queue::new()])]
    fn init(context: init::Context) -> (Shared, Local) {
        let (send, whole) = context.local.queue.split();
        let (sampling, judge) = windows::detector();
        let timer = context.core.SYST;
        let decided = Decided::about::<Windows>();
        (Shared { sampling }, Local { send, whole, judge, decided, timer })
    }

    /// Before this, interrupts are off, so a sample would be missed.
    #[idle(local = [timer])]
    fn idle(context: idle::Context) -> ! {
        ae_sampling::start::<Windows>(context.local.timer);
        loop {
            // In the emulator, time stands still in `wfi` and goes on in `wfe`.
            cortex_m::asm::wfe();
        }
    }

    #[task(binds = SysTick, priority = 2, shared = [sampling], local = [send])]
    fn sample(mut context: sample::Context) {
        let send = context.local.send;
        context.shared.sampling.lock(|sampling| {
            sampling.take(|window| {
                SCB::set_pendsv();
                send.enqueue(window).is_ok()
            });
        });
    }

    #[task(binds = PendSV, priority = 1, shared = [sampling], local = [whole, judge, decided])]
    fn decide(context: decide::Context) {
        let decide::LocalResources { whole, judge, decided, .. } = context.local;
        let mut sampling = context.shared.sampling;
        while let Some(window) = whole.dequeue() {
            let judged = || judge.decide(&window).map(Some);
            decided.decide(judged, || sampling.lock(|it| it.taken()));
            if decided.is_over() {
                sampling.lock(|it| decided.report(it));
            }
        }
    }
}
