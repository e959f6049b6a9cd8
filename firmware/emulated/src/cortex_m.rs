//! Cortex-M: start, faults, timer.

use cortex_m_rt::{ExceptionFrame, exception};

pub use cortex_m_rt::entry;

/// SysTick. Under `-icount shift=0` a tick is a fixed number of instructions.
pub(crate) struct Timer(ae_firmware::SysTick);

impl Timer {
    pub(crate) fn start() -> Self {
        let peripherals = cortex_m::Peripherals::take().expect("a board is started once");
        Self(ae_firmware::SysTick::new(peripherals.SYST))
    }

    pub(crate) fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        self.0.ticks(work)
    }
}

pub(crate) fn name() -> &'static str {
    ae_firmware::cortex_m()
}

/// A fault ends the program with failure and says where.
#[allow(unsafe_code, reason = "the runtime calls it")]
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    panic!("fault at {:#010x}", frame.pc())
}

#[allow(unsafe_code, reason = "the runtime calls it")]
#[exception]
unsafe fn DefaultHandler(number: i16) {
    panic!("unexpected exception {number}")
}
