//! The watchdog of the Arm MPS2 images, for the program that hangs on purpose. The others do not start
//! it: while they wait for the host, the emulator stands still and time goes on.

#![allow(unsafe_code, reason = "registers, and a handler that the runtime calls")]

use ae_firmware::last_words::{Cause, keep};

/// Its registers: CMSDK APB watchdog (ARM DDI 0479, section 4.5) at the place that Application Note
/// AN385 gives it. It counts at 25 MHz, raises an interrupt that cannot be masked, and resets the
/// board when the same time has passed once more.
const BASE: usize = 0x4000_8000;
const LOAD: usize = BASE;
const CONTROL: usize = BASE + 8;
/// Interrupt and reset.
const ENABLED: u32 = 3;
/// A fifth of a second.
const PERIOD: u32 = 5_000_000;

pub(crate) fn start() {
    let write = |register: usize, value: u32| {
        // SAFETY: a register of the watchdog, which nothing else uses.
        unsafe { (register as *mut u32).write_volatile(value) };
    };
    write(LOAD, PERIOD);
    write(CONTROL, ENABLED);
}

/// The chip has no register that says why it was reset, so the cause is kept before it is.
#[cortex_m_rt::exception]
unsafe fn NonMaskableInt() -> ! {
    keep(Cause::Watchdog, 0, "");
    loop {
        cortex_m::asm::nop();
    }
}
