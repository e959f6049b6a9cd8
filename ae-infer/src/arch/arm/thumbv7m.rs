//! Cortex-M3, and other cores of its kind where rows are not paired: six rows side by side, in
//! assembly.
//!
//! A load can add a register to a pointer, shifted, so two pointers serve six rows, and there are
//! registers enough for six sums: two instructions a product, and few for six products together.
#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

/// Its name.
pub(crate) const NAME: &str = "thumbv7m";

/// Rows that are summed side by side.
pub(crate) const ROWS: usize = 6;

/// The sums of six rows, of products with i8.
#[inline(always)]
pub(crate) fn sums_i8(rows: &[u8], x: &[i8]) -> [i32; ROWS] {
    sums(rows, x, false)
}

/// The sums of six rows, of products with pixels.
#[inline(always)]
pub(crate) fn sums_u8(rows: &[u8], x: &[u8]) -> [i32; ROWS] {
    sums(rows, x, true)
}

/// `X` is u8 if these are pixels, else i8.
#[inline(always)]
fn sums<X>(rows: &[u8], x: &[X], are_pixels: bool) -> [i32; ROWS] {
    let mut sums = [0; ROWS];
    let columns = x.len().min(rows.len() / ROWS);
    // SAFETY: `x` has at least `columns` bytes and `rows` at least `ROWS` times as many.
    unsafe { add(rows.as_ptr(), x.as_ptr().cast(), columns, are_pixels, &mut sums) };
    sums
}

/// Adds a column of all rows to the sums; `$load` brings the value of `x` to `r5`.
macro_rules! column {
    ($($load:literal),+) => {
        concat!(
            $($load, "\n",)+
            "ldrsb r6, [r0, r2]\n",
            "mla r9, r6, r5, r9\n",
            "ldrsb r6, [r0, r2, lsl #1]\n",
            "mla r10, r6, r5, r10\n",
            "ldrsb r6, [r0], #1\n",
            "mla r8, r6, r5, r8\n",
            "ldrsb r6, [r4, r2]\n",
            "mla r12, r6, r5, r12\n",
            "ldrsb r6, [r4, r2, lsl #1]\n",
            "mla lr, r6, r5, lr\n",
            "ldrsb r6, [r4], #1\n",
            "mla r11, r6, r5, r11\n",
        )
    };
}

/// Sums the products of the rows with the bytes of `x`.
///
/// | register | holds |
/// | --- | --- |
/// | `r0`, `r4` | the next weights of the first and the fourth row |
/// | `r1`, `r7` | the next byte of `x`, and its end |
/// | `r2` | columns, which is the distance of a row from the next |
/// | `r3` | whether these are pixels |
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
    are_pixels: bool,
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
        "beq 7f",
        // Both loops take two columns a turn. With an odd number of columns, which the flags tell
        // from here on, the first turn begins in the middle.
        "lsls r5, r2, #31",
        "cbnz r3, 4f",
        "bne 3f",
        "2:",
        column!("ldrsb r5, [r1], #1"),
        "3:",
        column!("ldrsb r5, [r1], #1"),
        "cmp r1, r7",
        "bne 2b",
        "b 7f",
        "4:",
        "bne 6f",
        "5:",
        column!("ldrb r5, [r1], #1", "subs r5, #128"),
        "6:",
        column!("ldrb r5, [r1], #1", "subs r5, #128"),
        "cmp r1, r7",
        "bne 5b",
        "7:",
        // The fifth argument lies above the nine registers that were pushed.
        "ldr r0, [sp, #36]",
        "stm r0, {{r8-r12, lr}}",
        "pop {{r4-r11, pc}}",
    )
}
