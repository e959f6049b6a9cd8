//! The sums of the only output of a convolution on the Cortex-M0; see
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
            "ldrsb r4, [r0, r3]\n",
            "ldrsb r5, [r1, r3]\n",
            "muls r5, r4, r5\n",
            "adds r6, r6, r5\n",
            "ldrsb r5, [r2, r3]\n",
            "muls r5, r4, r5\n",
            "adds r7, r7, r5\n",
            "adds r3, r3, #1\n",
        )
    };
}

/// # Safety
/// All values of both positions can be read from `x` on, and from `weights` on a weight for each of one.
///
/// | register | holds |
/// | --- | --- |
/// | r0, r1, r2 | ends of the row of weights, and of values of both positions |
/// | r3 | place before the ends: minus the columns that are left |
/// | r4, r5 | a weight; a value, and its product |
/// | r6, r7 | the sums |
/// | r8, r9 | values of a row, rows left |
/// | r10 | values from a row to the next |
/// | r11 | where the sums go |
#[unsafe(naked)]
unsafe extern "C" fn add(weights: *const u8, x: *const u8, shape: &Shape, sums: &mut [i32; 2]) {
    naked_asm!(
        "push {{r4, r5, r6, r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4, r5, r6, r7}}",
        "mov r11, r3",
        "ldmia r2!, {{r4, r5, r6, r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "adds r0, r0, r4",
        "adds r1, r1, r4",
        "adds r2, r1, r7",
        "movs r6, #0",
        "movs r7, #0",
        "1:",
        "mov r3, r8",
        // The loop takes two columns a turn. With an odd number of columns the first turn begins in the
        // middle.
        "lsls r4, r3, #31",
        "rsbs r3, r3, #0",
        "cmp r4, #0",
        "bne 3f",
        "2:",
        column!(),
        "3:",
        column!(),
        "bne 2b",
        "add r0, r8",
        "add r1, r10",
        "add r2, r10",
        "mov r4, r9",
        "subs r4, r4, #1",
        "mov r9, r4",
        "bne 1b",
        "mov r0, r11",
        "stmia r0!, {{r6, r7}}",
        "pop {{r4, r5, r6, r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4, r5, r6, r7, pc}}",
    )
}
