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

/// Whether reading or writing a word that is not on a boundary is a fault from here on.
pub fn trap_unaligned(trap: bool) {
    const UNALIGN_TRP: u32 = 1 << 3;
    cortex_m::asm::dsb();
    #[allow(unsafe_code, reason = "a register")]
    // SAFETY: it changes no memory, and what needs no boundary gives the same.
    unsafe {
        (*cortex_m::peripheral::SCB::PTR)
            .ccr
            .modify(|ccr| if trap { ccr | UNALIGN_TRP } else { ccr & !UNALIGN_TRP });
    }
    cortex_m::asm::isb();
}

/// What `work` gives while bits of FPSCR are set.
#[cfg(target_abi = "eabihf")]
pub fn with_fpscr<R>(bits: u32, work: impl FnOnce() -> R) -> R {
    let kept: u32;
    #[allow(unsafe_code, reason = "a register")]
    // SAFETY: reads it.
    unsafe {
        core::arch::asm!("vmrs {}, fpscr", out(reg) kept);
    }
    let set = |value: u32| {
        #[allow(unsafe_code, reason = "a register")]
        // SAFETY: it changes how numbers are rounded, and is put back below.
        unsafe {
            core::arch::asm!("vmsr fpscr, {}", in(reg) value);
        }
    };
    set(kept | bits);
    let result = work();
    set(kept);
    result
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
