//! The only output of a convolution, of two positions at a time, from bytes where they lie in the map.
//!
//! The lanes of a row pair hold the even output alone where there is no odd one, so they are weights of 16
//! bits. Two instructions bring those of a quad into the order in which `SXTB16` takes bytes apart, for
//! both positions.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;

use super::gather::Gather;
use super::sums::Job;

/// The output of the first position in the low word, that of the second in the high one.
///
/// # Safety
/// All rows of both positions can be read from `x` on, on word boundaries, as quads that are not flipped;
/// `block` is the layer's only one, whose odd output is zero; and the job's table is null or the middle of
/// 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r1 | next quad, next weights | r1: parameters |
/// | r2, r3 | what is gathered, the job | |
/// | r4, r5 | bytes; weights of bytes 1 and 3 | bias, multiplier |
/// | r6, r7 | a quad of each position | shift − 1, its constant |
/// | r8 | weights of bytes 0 and 2 | table |
/// | r9, r10 | the sums | the outputs |
/// | r11, lr | rows left, quads left | |
/// | r12 | bytes from the first position to the second | |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn single(
    x: *const u8,
    block: *const u8,
    gather: &Gather,
    job: &Job,
) -> u64 {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "ldr r12, [r2, #{ADVANCE}]",
        "ldr r11, [r2, #{ROWS}]",
        "mov r9, #0",
        "mov r10, #0",
        "1:",
        "ldr lr, [r2]",
        "2:",
        "ldrd r4, r5, [r1], #16",
        "pkhbt r8, r4, r5, lsl #16",
        "pkhtb r5, r5, r4, asr #16",
        "ldr r7, [r0, r12]",
        "ldr r6, [r0], #4",
        "sxtb16 r4, r6",
        "smlad r9, r4, r8, r9",
        "sxtb16 r6, r6, ror #8",
        "smlad r9, r6, r5, r9",
        "sxtb16 r4, r7",
        "smlad r10, r4, r8, r10",
        "sxtb16 r7, r7, ror #8",
        "smlad r10, r7, r5, r10",
        "subs lr, lr, #1",
        "bne 2b",
        "ldr r4, [r2, #{GAPS}]",
        "add r0, r0, r4",
        "subs r11, r11, #1",
        "bne 1b",
        "ldr r4, [r1]",
        "ldr r5, [r1, #16]",
        "ldrb r6, [r1, #32]",
        "ldrd r7, r8, [r3, #{ROUNDING}]",
        "add r9, r9, r4",
        "add r10, r10, r4",
        // (sum · multiplier >> 32) + constant, shifted by shift − 1, then by 1, and saturated.
        "sub r6, r6, #1",
        "lsl r7, r7, r6",
        "smmla r9, r9, r5, r7",
        "asr r9, r9, r6",
        "ssat r0, #8, r9, asr #1",
        "smmla r10, r10, r5, r7",
        "asr r10, r10, r6",
        "ssat r1, #8, r10, asr #1",
        "cmp r8, #0",
        "beq 3f",
        "ldrb r0, [r8, r0]",
        "ldrb r1, [r8, r1]",
        "3:",
        "pop {{r4-r11, pc}}",
        ADVANCE = const core::mem::offset_of!(Gather, advance),
        ROWS = const core::mem::offset_of!(Gather, rows),
        GAPS = const core::mem::offset_of!(Gather, gaps),
        ROUNDING = const core::mem::offset_of!(Job, rounding),
    )
}
