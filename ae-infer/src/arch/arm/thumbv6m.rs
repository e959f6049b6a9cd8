//! Cortex-M0 and M0+: four rows side by side, in assembly.
//!
//! The compiler has eight registers that this core can compute with, and spills. Here the sums are
//! in four of the others, to which `add` alone can add, and one index serves all rows: three
//! instructions a product, and some for four products together.
#![allow(unsafe_code, reason = "assembly")]

use core::arch::{asm, naked_asm};

/// Its name.
pub(crate) const NAME: &str = "thumbv6m";

/// Rows that are summed side by side.
pub(crate) const ROWS: usize = 4;

/// Calls one of the functions below.
macro_rules! sums {
    ($rows:ident, $x:ident, $add:ident) => {{
        let mut sums = [0; ROWS];
        // SAFETY: `x` has at least so many values, and `rows` at least `ROWS` times as many bytes. All
        // registers that the function changes are named.
        unsafe {
            asm!(
                "bl {add}",
                add = sym $add,
                inout("r0") $rows.as_ptr() => _,
                inout("r1") $x.as_ptr() => _,
                inout("r2") $x.len().min($rows.len() / ROWS) => _,
                inout("r3") &raw mut sums => _,
                out("r8") _,
                out("r9") _,
                clobber_abi("C"),
            );
        }
        sums
    }};
}
/// The sums of four rows, of products with i8.
pub(crate) fn sums_i8(rows: &[u8], x: &[i8]) -> [i32; ROWS] {
    sums!(rows, x, add_i8)
}

/// The sums of four rows, of products with pixels.
pub(crate) fn sums_u8(rows: &[u8], x: &[u8]) -> [i32; ROWS] {
    sums!(rows, x, add_u8)
}

/// A function that adds to sums: `$load` brings the value at `r4 + r5` to `r6`, and a column is
/// `$column_bytes` of code. Beside what every function may change, it changes `r8` and `r9`. It leaves the
/// end of the last row in `r3`.
///
/// | register | holds |
/// | --- | --- |
/// | `r0`–`r3` | ends of the rows |
/// | `r4` | end of `x` |
/// | `r5` | place before the ends: minus the columns that are left |
/// | `r6` | a value of `x` |
/// | `r7` | a weight, and its product |
/// | `r8`, `r9`, `r12`, `lr` | the sums |
macro_rules! assembly {
    ($name:ident, $x:ty, $column_bytes:literal, $($load:literal),+) => {
        /// # Safety
        /// `x` points to `columns` values and `rows` to `ROWS` times as many bytes. The caller expects
        /// changes in `r8` and `r9`.
        #[unsafe(naked)]
        pub(super) unsafe extern "C" fn $name(
            rows: *const u8,
            x: *const $x,
            columns: usize,
            sums: &mut [i32; ROWS],
        ) {
            naked_asm!(
                // The pointer to the sums waits on the stack, below the caller's registers.
                "push {{r3-r7, lr}}",
                "ldm r3!, {{r4-r7}}",
                "mov r8, r4",
                "mov r9, r5",
                "mov r12, r6",
                "mov lr, r7",
                "adds r4, r1, r2",
                "rsbs r5, r2, #0",
                "adds r0, r0, r2",
                "adds r1, r0, r2",
                "adds r2, r1, r2",
                "subs r3, r2, r5",
                "cmp r5, #0",
                "beq 3f",
                // The loop takes eight columns a turn. The first turn begins so far in it that the
                // last one ends with the last column. `pc` is four bytes ahead.
                "movs r6, #7",
                "ands r6, r5",
                "movs r7, #{column_bytes}",
                "muls r6, r7, r6",
                "add pc, r6",
                "nop",
                "2:",
                ".rept 8",
                $($load,)+
                "ldrsb r7, [r0, r5]",
                "muls r7, r6, r7",
                "add r8, r7",
                "ldrsb r7, [r1, r5]",
                "muls r7, r6, r7",
                "add r9, r7",
                "ldrsb r7, [r2, r5]",
                "muls r7, r6, r7",
                "add r12, r7",
                "ldrsb r7, [r3, r5]",
                "muls r7, r6, r7",
                "add lr, r7",
                "adds r5, #1",
                ".endr",
                "bne 2b",
                "3:",
                "pop {{r0}}",
                "mov r4, r8",
                "mov r5, r9",
                "mov r6, r12",
                "mov r7, lr",
                "stm r0!, {{r4-r7}}",
                "pop {{r4-r7, pc}}",
                column_bytes = const $column_bytes,
            )
        }
    };
}

assembly!(add_i8, i8, 28, "ldrsb r6, [r4, r5]");
assembly!(add_u8, u8, 30, "ldrb r6, [r4, r5]", "subs r6, #128");
