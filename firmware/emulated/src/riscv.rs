//! RISC-V: start, faults, timer.

use core::sync::atomic::{AtomicBool, Ordering};

pub use riscv_rt::entry;

/// The counter of instructions retired.
pub(crate) struct Timer;

impl Timer {
    pub(crate) fn start() -> Self {
        static STARTED: AtomicBool = AtomicBool::new(false);
        assert!(!STARTED.swap(true, Ordering::Relaxed), "a board is started once");
        Self
    }

    #[allow(clippy::unused_self, reason = "as on Cortex-M")]
    pub(crate) fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        let start = riscv::register::minstret::read64();
        let result = work();
        let count = riscv::register::minstret::read64().wrapping_sub(start);
        (result, u32::try_from(count).ok())
    }
}

/// There is no such switch; what reads across boundaries traps on some cores, and in no emulator.
pub fn trap_unaligned(_: bool) {}

pub(crate) fn name() -> &'static str {
    "RV32IMAC"
}

/// A fault ends the program with failure and says where.
#[allow(unsafe_code, reason = "the runtime calls it by this name")]
#[unsafe(export_name = "ExceptionHandler")]
extern "C" fn exception(_: &riscv_rt::TrapFrame) -> ! {
    let cause = riscv::register::mcause::read().code();
    panic!("trap {cause} at {:#010x}", riscv::register::mepc::read())
}
