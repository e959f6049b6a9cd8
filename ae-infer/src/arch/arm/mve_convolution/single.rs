//! The only output of a convolution, of two positions at a time, from bytes where they lie in the map.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;

use super::copy::Lines;
use super::sums::Job;

/// The output of the first position in the low word, that of the second in the high one.
///
/// # Safety
/// All rows of both positions can be read from `x` on, and are not flipped; the job is that of a layer
/// whose inputs they are.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r6 | the next row of each position | r6: the constant |
/// | r1, r2 | lines, the job | r2: the job |
/// | r3, r4, r5 | bytes of a row, rows left, bytes to the next | bias, multiplier, shift − 1 |
/// | r7 | next weights | table |
/// | r8, r10 | the sums | the outputs |
/// | r9, r11, r12 | next bytes of the positions and of weights | |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn single(x: *const u8, lines: &Lines, job: &Job) -> u64 {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "ldr r6, [r1, #{ADVANCE}]",
        "ldm r1, {{r3, r4, r5}}",
        "ldr r7, [r2]",
        "add r6, r6, r0",
        "mov r8, #0",
        "mov r10, #0",
        "1:",
        "mov r9, r0",
        "mov r11, r6",
        "mov r12, r7",
        "dlstp.8 lr, r3",
        "2:",
        "vldrb.u8 q0, [r12], #16",
        "vldrb.u8 q1, [r9], #16",
        "vmladava.s8 r8, q0, q1",
        "vldrb.u8 q2, [r11], #16",
        "vmladava.s8 r10, q0, q2",
        "letp lr, 2b",
        "add r0, r0, r5",
        "add r6, r6, r5",
        "add r7, r7, r3",
        "subs r4, r4, #1",
        "bne 1b",
        "ldrd r3, r4, [r2, #{BIASES}]",
        "ldrd r5, r6, [r2, #{SHIFTS}]",
        "ldr r7, [r2, #{TABLE}]",
        "ldr r3, [r3]",
        "ldr r4, [r4]",
        "ldrb r5, [r5]",
        // (sum · multiplier >> 32) + constant, shifted by shift − 1, then by 1, and saturated; the constant
        // is 2 · zero point + 1, shifted by shift − 1.
        "lsls r6, r6, #1",
        "adds r6, r6, #1",
        "subs r5, r5, #1",
        "lsls r6, r5",
        "add r8, r8, r3",
        "add r10, r10, r3",
        "smmla r8, r8, r4, r6",
        "asr r8, r8, r5",
        "ssat r0, #8, r8, asr #1",
        "smmla r10, r10, r4, r6",
        "asr r10, r10, r5",
        "ssat r1, #8, r10, asr #1",
        "cbz r7, 3f",
        "ldrb r0, [r7, r0]",
        "ldrb r1, [r7, r1]",
        "3:",
        "pop {{r4-r11, pc}}",
        ADVANCE = const core::mem::offset_of!(Lines, advance),
        BIASES = const core::mem::offset_of!(Job, biases),
        SHIFTS = const core::mem::offset_of!(Job, shifts),
        TABLE = const core::mem::offset_of!(Job, table),
    )
}
