//! Cortex-M3, and other cores of its kind where rows are not paired: six rows side by side, in
//! assembly.
//!
//! A load can add a register to a pointer, shifted, so two pointers serve six rows, and there are
//! registers enough for six sums.
#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

/// Its name.
pub(super) const NAME: &str = "thumbv7m";

/// Rows that are summed side by side.
pub(super) const ROWS: usize = 6;

/// The sums of six rows, of products with i8.
pub(super) fn sums_i8(rows: &[u8], x: &[i8]) -> [i32; ROWS] {
    sums(rows, x, 0)
}

/// The sums of six rows, of products with pixels.
pub(super) fn sums_u8(rows: &[u8], x: &[u8]) -> [i32; ROWS] {
    // `p − 128` is the pixel's byte as an i8 with its highest bit flipped, and all above it.
    sums(rows, x, -128)
}

/// `X` is a byte.
#[inline(always)]
fn sums<X>(rows: &[u8], x: &[X], flip: i32) -> [i32; ROWS] {
    let mut sums = [0; ROWS];
    let columns = x.len().min(rows.len() / ROWS);
    // SAFETY: `x` has at least `columns` bytes and `rows` at least `ROWS` times as many.
    unsafe { add(rows.as_ptr(), x.as_ptr().cast(), columns, flip, &mut sums) };
    sums
}

/// Sums the products of the rows with the bytes of `x`, each of which is an i8 whose bits are
/// flipped after `flip`.
///
/// | register | holds |
/// | --- | --- |
/// | `r0`, `r4` | the next weights of the first and the fourth row |
/// | `r1`, `r7` | the next byte of `x`, and its end |
/// | `r2` | columns, which is the distance of a row from the next |
/// | `r3` | `flip` |
/// | `r5` | a value of `x` |
/// | `r6` | a weight |
/// | `r8`–`r12`, `lr` | the sums |
///
/// # Safety
/// `x` points to `columns` bytes and `rows` to `ROWS` times as many.
#[unsafe(naked)]
unsafe extern "C" fn add(
    rows: *const u8,
    x: *const u8,
    columns: usize,
    flip: i32,
    sums: &mut [i32; ROWS],
) {
    naked_asm!(
        "push {{r4-r11, lr}}",
        "add r4, r2, r2, lsl #1",
        "add r4, r0",
        "adds r7, r1, r2",
        "movs r5, #0",
        "mov r8, r5",
        "mov r9, r5",
        "mov r10, r5",
        "mov r11, r5",
        "mov r12, r5",
        "mov lr, r5",
        "cmp r2, #0",
        "beq 3f",
        // The loop takes four columns a turn. The first turn begins so far in it that the last one
        // ends with the last column. A column is 50 bytes of code; `pc` is four bytes ahead.
        "rsbs r5, r2, #0",
        "and r5, r5, #3",
        "movs r6, #50",
        "muls r5, r6, r5",
        "add pc, r5",
        "nop",
        "2:",
        ".rept 4",
        "ldrsb.w r5, [r1], #1",
        "eors.n r5, r3",
        "ldrsb.n r6, [r0, r2]",
        "mla r9, r6, r5, r9",
        "ldrsb.w r6, [r0, r2, lsl #1]",
        "mla r10, r6, r5, r10",
        "ldrsb.w r6, [r0], #1",
        "mla r8, r6, r5, r8",
        "ldrsb.n r6, [r4, r2]",
        "mla r12, r6, r5, r12",
        "ldrsb.w r6, [r4, r2, lsl #1]",
        "mla lr, r6, r5, lr",
        "ldrsb.w r6, [r4], #1",
        "mla r11, r6, r5, r11",
        ".endr",
        "cmp r1, r7",
        "bne 2b",
        "3:",
        // The fifth argument lies above the nine registers that were pushed.
        "ldr r0, [sp, #36]",
        "stm r0, {{r8-r12, lr}}",
        "pop {{r4-r11, pc}}",
    )
}
