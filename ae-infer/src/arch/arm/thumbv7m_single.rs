//! The sums of the only output of a convolution on the Cortex-M3; see
//! [`single`](crate::arch::all::single).

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use crate::arch::all::single::Shape;

/// See [`single::sums`](crate::arch::all::single::sums).
pub(crate) fn sums(weights: &[u8], x: &[u8], shape: &Shape) -> [i32; 2] {
    let mut sums = [0; 2];
    if shape.fits(weights, x) {
        // SAFETY: there are so many weights, and all values of both positions.
        unsafe { add(weights.as_ptr(), x.as_ptr(), shape, &mut sums) };
    }
    sums
}

/// Adds a column to the sums.
macro_rules! column {
    () => {
        concat!(
            "ldrsb r2, [r1, r7]\n",
            "ldrsb r12, [r0], #1\n",
            "mla r9, r12, r2, r9\n",
            "ldrsb r2, [r1], #1\n",
            "mla r8, r12, r2, r8\n",
        )
    };
}

/// # Safety
/// All values of both positions can be read from `x` on, and from `weights` on a weight for each of one.
///
/// | register | holds |
/// | --- | --- |
/// | r0, r1 | next weight, next value of the first position |
/// | r2, r12 | a value, a weight |
/// | r4, r5 | values of a row, rows left |
/// | r6, r7 | values from a row to the next, from the first position to the second |
/// | r8, r9 | the sums |
/// | r10, lr | the row's first value and last |
#[unsafe(naked)]
unsafe extern "C" fn add(weights: *const u8, x: *const u8, shape: &Shape, sums: &mut [i32; 2]) {
    naked_asm!(
        "push {{r4-r10, lr}}",
        "ldm r2, {{r4-r7}}",
        "mov r8, #0",
        "mov r9, #0",
        "1:",
        "mov r10, r1",
        "add lr, r1, r4",
        // The loop takes two columns a turn. With an odd number of columns the first turn begins in the
        // middle.
        "lsls r2, r4, #31",
        "bne 3f",
        "2:",
        column!(),
        "3:",
        column!(),
        "cmp r1, lr",
        "bne 2b",
        "add r1, r10, r6",
        "subs r5, r5, #1",
        "bne 1b",
        "strd r8, r9, [r3]",
        "pop {{r4-r10, pc}}",
    )
}
