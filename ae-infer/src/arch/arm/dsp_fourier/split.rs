//! From half as many complex numbers to the bins of real values.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;

use super::{half_turned, is_frame};
use crate::arch::all::fourier::split_ends;
use crate::features::{TURN_BY, TWIDDLES};

/// See [the portable function](crate::arch::all::fourier::split).
#[inline(never)]
pub(crate) fn split(words: &mut [i32]) -> u32 {
    if !is_frame(words) {
        return 0;
    }
    let bits = split_ends(words);
    let (first, table) = (words.as_mut_ptr().wrapping_add(2), TWIDDLES.as_ptr());
    let last = words.as_mut_ptr_range().end.wrapping_sub(2);
    // A step of the table for each number of the longest frame.
    let step = (2 * TURN_BY) >> (words.len().trailing_zeros() & 15);
    // SAFETY: there are 15 numbers or more from the first to the last, an odd number; the table has a
    // word for each half turn over the numbers.
    unsafe { pairs(first, last, table.wrapping_add(step), step.wrapping_mul(4), bits) }
}

/// Splits pairs of numbers from both ends to the middle, which is left as it is. Gives `bits` and those that
/// any word has beside those that repeat its sign.
///
/// # Safety
/// `first` and `last` are the first and the last of an odd number of complex numbers, at least 3. For each
/// pair there is a twiddle, from `twiddles` on, `step` bytes from each other.
#[unsafe(naked)]
unsafe extern "C" fn pairs(
    first: *mut i32,
    last: *mut i32,
    twiddles: *const u32,
    step: usize,
    bits: u32,
) -> u32 {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r9, lr}}",
        "ldr r12, [sp, #28]",
        "2:",
        "ldrd r4, r5, [r0]",
        "ldrd r6, r7, [r1]",
        "ldr lr, [r2]",
        "add r2, r2, r3",
        // Twice the even part in r8 and r9, the odd one in r4 and r5.
        "add r8, r4, r6",
        "sub r4, r4, r6",
        "sub r9, r5, r7",
        "add r5, r5, r7",
        half_turned!("r6", "r4", "r5", "lr"),
        "add r4, r5, r8, asr #1",
        "rsb r8, r5, r8, asr #1",
        "rsb r5, r6, r9, asr #1",
        "add r6, r6, r9, asr #1",
        "rsb r9, r6, #0",
        "strd r4, r5, [r0], #8",
        "strd r8, r9, [r1], #-8",
        "eor r4, r4, r4, asr #31",
        "orr r12, r12, r4",
        "eor r5, r5, r5, asr #31",
        "orr r12, r12, r5",
        "eor r8, r8, r8, asr #31",
        "orr r12, r12, r8",
        "eor r9, r9, r9, asr #31",
        "orr r12, r12, r9",
        "cmp r0, r1",
        "blo 2b",
        "mov r0, r12",
        "pop {{r4-r9, pc}}",
    )
}
