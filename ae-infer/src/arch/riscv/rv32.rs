//! RISC-V of 32 bits with multiplication: eight rows side by side, in assembly.
//!
//! There are registers enough for eight pointers and eight sums, and loads with an offset, so the
//! pointers move once in eight columns: three instructions a product, and some for eight products
//! or more together.
#![allow(unsafe_code, reason = "assembly")]

use core::arch::asm;

/// Its name.
pub(crate) const NAME: &str = "rv32";

/// Rows that are summed side by side.
pub(crate) const ROWS: usize = 8;

/// Adds the columns of all rows whose places from where the pointers are the list `$k` has.
/// `$load` brings the value of `x` at the place `\k` to `{value}`.
macro_rules! columns {
    ($k:literal, $load:literal) => {
        concat!(
            ".irp k, ",
            $k,
            "\n",
            $load,
            "\n",
            "lb {weight}, \\k({row0})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum0}, {sum0}, {weight}\n",
            "lb {weight}, \\k({row1})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum1}, {sum1}, {weight}\n",
            "lb {weight}, \\k({row2})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum2}, {sum2}, {weight}\n",
            "lb {weight}, \\k({row3})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum3}, {sum3}, {weight}\n",
            "lb {weight}, \\k({row4})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum4}, {sum4}, {weight}\n",
            "lb {weight}, \\k({row5})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum5}, {sum5}, {weight}\n",
            "lb {weight}, \\k({row6})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum6}, {sum6}, {weight}\n",
            "lb {weight}, \\k({row7})\n",
            "mul {weight}, {weight}, {value}\n",
            "add {sum7}, {sum7}, {weight}\n",
            ".endr\n",
        )
    };
}

/// Moves all pointers by columns.
macro_rules! advance {
    ($columns:literal) => {
        concat!(
            ".irp pointer, {x}, {row0}, {row1}, {row2}, {row3}, {row4}, {row5}, {row6}, {row7}\n",
            "addi \\pointer, \\pointer, ",
            $columns,
            "\n",
            ".endr\n",
        )
    };
}

/// A function that gives the sums of eight rows, of products with values that `$load` brings to
/// `{value}`.
macro_rules! sums {
    ($(#[$doc:meta])* $name:ident, $x:ty, $load:literal) => {
        $(#[$doc])*
        #[inline(never)]
        pub(crate) fn $name(rows: &[u8], x: &[$x]) -> [i32; ROWS] {
            let columns = x.len().min(rows.len() / ROWS);
            let row = |index: usize| rows.as_ptr().wrapping_add(index.wrapping_mul(columns));
            let x = x.as_ptr();
            let mut sums = [0_i32; ROWS];
            let [sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7] = &mut sums;
            // SAFETY: the loops read `columns` bytes from `x` on, which has at least so many, and
            // from the beginning of each row on; `rows` has at least `ROWS` times as many. They
            // write nothing.
            unsafe {
                asm!(
                    // Eight columns a turn.
                    "beq {x}, {whole}, 3f",
                    "2:",
                    columns!("0, 1, 2, 3, 4, 5, 6, 7", $load),
                    advance!(8),
                    "bne {x}, {whole}, 2b",
                    // The columns left, fewer than eight.
                    "3:",
                    "beq {x}, {end}, 5f",
                    "4:",
                    columns!("0", $load),
                    advance!(1),
                    "bne {x}, {end}, 4b",
                    "5:",
                    x = inout(reg) x => _,
                    whole = in(reg) x.wrapping_add(columns & !7),
                    end = in(reg) x.wrapping_add(columns),
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
    };
}

sums! {
    /// The sums of eight rows, of products with i8.
    sums_i8, i8, "lb {value}, \\k({x})"
}
sums! {
    /// The sums of eight rows, of products with pixels.
    sums_u8, u8, "lbu {value}, \\k({x})\naddi {value}, {value}, -128"
}
