//! RISC-V of 32 bits with multiplication: eight rows side by side, in assembly.
//!
//! There are registers enough for eight pointers and eight sums, and loads with an offset, so the
//! pointers move once in eight columns: three instructions a product, and some for eight products
//! or more together.
#![allow(unsafe_code, reason = "assembly")]

use core::arch::asm;

/// Its name.
pub(super) const NAME: &str = "rv32";

/// Rows that are summed side by side.
pub(super) const ROWS: usize = 8;

/// The sums of eight rows, of products with i8.
pub(super) fn sums_i8(rows: &[u8], x: &[i8]) -> [i32; ROWS] {
    sums(rows, x, 0)
}

/// The sums of eight rows, of products with pixels.
pub(super) fn sums_u8(rows: &[u8], x: &[u8]) -> [i32; ROWS] {
    // `p − 128` is the pixel's byte as an i8 with its highest bit flipped, and all above it.
    sums(rows, x, -128)
}

/// Adds a column of all rows to the sums; its place is `$k` from where the pointers are.
macro_rules! column {
    ($k:literal) => {
        concat!(
            "lb {value}, ", $k, "({x})\n",
            "xor {value}, {value}, {flip}\n",
            column!($k, "{row0}", "{sum0}"),
            column!($k, "{row1}", "{sum1}"),
            column!($k, "{row2}", "{sum2}"),
            column!($k, "{row3}", "{sum3}"),
            column!($k, "{row4}", "{sum4}"),
            column!($k, "{row5}", "{sum5}"),
            column!($k, "{row6}", "{sum6}"),
            column!($k, "{row7}", "{sum7}"),
        )
    };
    ($k:literal, $row:literal, $sum:literal) => {
        concat!(
            "lb {weight}, ", $k, "(", $row, ")\n",
            "mul {weight}, {weight}, {value}\n",
            "add ", $sum, ", ", $sum, ", {weight}\n",
        )
    };
}

/// Moves all pointers by columns.
macro_rules! advance {
    ($columns:literal) => {
        concat!(
            advance!($columns, "{row0}"),
            advance!($columns, "{row1}"),
            advance!($columns, "{row2}"),
            advance!($columns, "{row3}"),
            advance!($columns, "{row4}"),
            advance!($columns, "{row5}"),
            advance!($columns, "{row6}"),
            advance!($columns, "{row7}"),
            advance!($columns, "{x}"),
        )
    };
    ($columns:literal, $pointer:literal) => {
        concat!("addi ", $pointer, ", ", $pointer, ", ", $columns, "\n")
    };
}

/// `X` is a byte, an i8 whose bits are flipped after `flip`.
#[inline(never)]
fn sums<X>(rows: &[u8], x: &[X], flip: i32) -> [i32; ROWS] {
    let columns = x.len().min(rows.len() / ROWS);
    let row = |index: usize| rows.as_ptr().wrapping_add(index.wrapping_mul(columns));
    let x = x.as_ptr().cast::<u8>();
    let mut sums = [0_i32; ROWS];
    let [sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7] = &mut sums;
    // SAFETY: the loops read `columns` bytes from `x` on, which has at least so many, and from the
    // beginning of each row on; `rows` has at least `ROWS` times as many. They write nothing.
    unsafe {
        asm!(
            // Eight columns a turn.
            "beq {x}, {whole}, 3f",
            "2:",
            column!(0),
            column!(1),
            column!(2),
            column!(3),
            column!(4),
            column!(5),
            column!(6),
            column!(7),
            advance!(8),
            "bne {x}, {whole}, 2b",
            // The columns left, fewer than eight.
            "3:",
            "beq {x}, {end}, 5f",
            "4:",
            column!(0),
            advance!(1),
            "bne {x}, {end}, 4b",
            "5:",
            x = inout(reg) x => _,
            whole = in(reg) x.wrapping_add(columns & !7),
            end = in(reg) x.wrapping_add(columns),
            flip = in(reg) flip,
            value = out(reg) _,
            weight = out(reg) _,
            row0 = inout(reg) row(0) => _,
            row1 = inout(reg) row(1) => _,
            row2 = inout(reg) row(2) => _,
            row3 = inout(reg) row(3) => _,
            row4 = inout(reg) row(4) => _,
            row5 = inout(reg) row(5) => _,
            row6 = inout(reg) row(6) => _,
            row7 = inout(reg) row(7) => _,
            sum0 = inout(reg) *sum0,
            sum1 = inout(reg) *sum1,
            sum2 = inout(reg) *sum2,
            sum3 = inout(reg) *sum3,
            sum4 = inout(reg) *sum4,
            sum5 = inout(reg) *sum5,
            sum6 = inout(reg) *sum6,
            sum7 = inout(reg) *sum7,
            options(nostack, readonly, pure),
        );
    }
    sums
}
