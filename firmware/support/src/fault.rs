//! Faults of a Cortex-M.

#![allow(unsafe_code, reason = "the runtime calls the handler, and the linker knows the stack")]

use core::arch::naked_asm;

use crate::last_words::{self, Cause};

/// The instruction `bkpt 0xab`, a semihosting call.
const SEMIHOSTING_CALL: u16 = 0xbeab;
/// A fault with less stack than this left is an overflow: entering the handler takes 32 bytes, or 104
/// with the registers of the FPU, and the instruction that failed had more than was left.
const NEARLY_NONE_BYTES: usize = 256;

unsafe extern "C" {
    /// First byte of the program's instructions. The runtime's linker script has both.
    static __stext: u8;
    /// The byte behind them.
    static __etext: u8;
    /// Where the stack may not go any deeper.
    static _stack_end: u8;
}

/// Leaves the fault and goes on in [`after`] as an ordinary program, from the start of the stack:
/// after an overflow there is none to run a handler on, and within one every further fault, such as
/// a semihosting call that no debugger answers, would stop the processor for good.
#[unsafe(naked)]
#[unsafe(export_name = "HardFault")]
#[unsafe(link_section = ".HardFault.user")]
unsafe extern "C" fn hard_fault() -> ! {
    naked_asm!(
        // r0: where the stack was. r1: the address of the instruction, where the frame that the
        // processor pushed can be read.
        "mrs r0, msp",
        "movs r1, #0",
        "ldr r2, =_stack_end",
        "cmp r0, r2",
        "blo 1f",
        "ldr r1, [r0, #24]",
        "1:",
        // A frame to return to: both are arguments of `after`.
        "ldr r2, =_stack_start",
        "subs r2, #32",
        "str r0, [r2, #0]",
        "str r1, [r2, #4]",
        "ldr r3, ={after}",
        "movs r1, #1",
        "bics r3, r1",
        "str r3, [r2, #24]",
        // xPSR: Thumb.
        "lsls r1, r1, #24",
        "str r1, [r2, #28]",
        "msr msp, r2",
        // To a thread, on the main stack, from a frame without registers of the FPU: bits 3, 2 and 4
        // of EXC_RETURN (Armv7-M Architecture Reference Manual, B1.5.8).
        "mov r3, lr",
        "movs r1, #0x18",
        "orrs r3, r1",
        "movs r1, #4",
        "bics r3, r1",
        "bx r3",
        after = sym after,
    )
}

/// Ends the program as a panic does; after a semihosting call that nobody answered it is over
/// already.
extern "C" fn after(stack_pointer: usize, address: u32) -> ! {
    forget_fpu();
    if calls_host(address) {
        if last_words::is_kept() {
            cortex_m::peripheral::SCB::sys_reset();
        }
        // It does not sleep: some chips let no debugger attach then.
        loop {
            cortex_m::asm::nop();
        }
    }
    let end = (&raw const _stack_end).addr();
    if stack_pointer < end.saturating_add(NEARLY_NONE_BYTES) || hit_the_limit() {
        last_words::keep(Cause::StackOverflow, 0, "");
        panic!("the stack overflowed");
    }
    last_words::keep(Cause::Fault, address, "");
    panic!("fault at {address:#010x}")
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

/// Whether a write to the stack pointer went past its limit: `CFSR.STKOF` (Armv8-M Architecture
/// Reference Manual, D1.2.24). Other cores read zero..
fn hit_the_limit() -> bool {
    const CFSR: *const u32 = 0xe000_ed28 as *const u32;
    // SAFETY: a register; Armv6-M reads its place as zero.
    let cfsr = unsafe { CFSR.read_volatile() };
    cfsr & 1 << 20 != 0
}

/// The FPU's registers from before the fault are not saved: their place may be past the stack.
/// `FPCCR.LSPACT` says that they are to be (Armv7-M Architecture Reference Manual, B3.2.21).
fn forget_fpu() {
    const FPCCR: *mut u32 = 0xe000_ef34 as *mut u32;
    if cfg!(target_abi = "eabihf") {
        // SAFETY: cores with an FPU have this register.
        unsafe { FPCCR.write_volatile(FPCCR.read_volatile() & !1) };
    }
}
