//! Faults.

#![allow(unsafe_code, reason = "the runtime calls the handlers, and knows where the program is")]

use cortex_m_rt::{ExceptionFrame, exception};

/// The instruction `bkpt 0xab`, a semihosting call.
const SEMIHOSTING_CALL: u16 = 0xbeab;

unsafe extern "C" {
    /// First byte of the program's instructions. The runtime's linker script sets both.
    static __stext: u8;
    /// The byte behind them.
    static __etext: u8;
}

/// Whether there is a semihosting call at `address`.
fn calls_host(address: u32) -> bool {
    let (start, end) = (&raw const __stext, &raw const __etext);
    let address = address as usize;
    // A jump that went astray faults anywhere; reading there could fault again.
    (start.addr()..end.addr()).contains(&address)
        // SAFETY: the processor has read an instruction, two bytes at the least, there.
        && unsafe { (address as *const u16).read() } == SEMIHOSTING_CALL
}

/// A fault ends the program with failure and says where. A semihosting call is a fault where no
/// debugger is attached: there the program is over.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    if calls_host(frame.pc()) {
        // It does not sleep: some chips let no debugger attach then.
        loop {
            cortex_m::asm::nop();
        }
    }
    panic!("fault at {:#010x}", frame.pc())
}

#[exception]
unsafe fn DefaultHandler(number: i16) {
    panic!("unexpected exception {number}")
}
