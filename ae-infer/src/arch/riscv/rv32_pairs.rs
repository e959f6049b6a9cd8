//! Outputs of two positions of a convolution in rows on RISC-V of 32 bits with multiplication, four of
//! each at a time.
//!
//! A weight, once loaded, serves both positions: 22 instructions make eight products. What follows the sums
//! is assembly too, as there are few products to each of a convolution's outputs.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use crate::arch::all::dense_rows::DenseRows;
use crate::arch::all::pair_job::{self, Job, Outputs, job};
use crate::arch::all::pairs::Line;

/// Rows that are summed side by side, and the fewest outputs of a layer that this takes.
pub(crate) const ROWS: usize = 4;

/// See [`pairs::outputs`](crate::arch::all::pairs::outputs).
#[inline(never)]
pub(crate) fn outputs(
    rows: &DenseRows<'_>,
    x: [&[i8]; 2],
    first: usize,
    y: [&mut [u8]; 2],
) -> bool {
    let Some((job, outputs)) = job(rows, x, first, y, ROWS) else { return false };
    // SAFETY: they hold what `run` asks for.
    unsafe { run(&job, &outputs) };
    true
}

/// See [`pairs::line`](crate::arch::all::pairs::line).
#[inline(never)]
pub(crate) fn line(rows: &DenseRows<'_>, line: &Line<'_>, y: &mut [u8]) -> bool {
    // SAFETY: they hold what `run` asks for.
    pair_job::line(rows, line, y, ROWS, |job, outputs| unsafe { run(job, outputs) })
}

/// Adds columns of four rows to the sums of both positions: those at the places that the list `$k` has,
/// from where the pointers are.
macro_rules! columns {
    ($k:literal) => {
        concat!(
            ".irp k, ",
            $k,
            "\n",
            "lb a2, \\k(t4)\n",
            "lb a3, \\k(t5)\n",
            "lb t6, \\k(t0)\n",
            "mul a4, t6, a2\n",
            "add s0, s0, a4\n",
            "mul a4, t6, a3\n",
            "add s1, s1, a4\n",
            "lb t6, \\k(t1)\n",
            "mul a4, t6, a2\n",
            "add s2, s2, a4\n",
            "mul a4, t6, a3\n",
            "add s3, s3, a4\n",
            "lb t6, \\k(t2)\n",
            "mul a4, t6, a2\n",
            "add s4, s4, a4\n",
            "mul a4, t6, a3\n",
            "add s5, s5, a4\n",
            "lb t6, \\k(t3)\n",
            "mul a4, t6, a2\n",
            "add s6, s6, a4\n",
            "mul a4, t6, a3\n",
            "add s7, s7, a4\n",
            ".endr\n",
        )
    };
}

/// Moves all pointers by columns.
macro_rules! advance {
    ($columns:literal) => {
        concat!(
            ".irp pointer, t0, t1, t2, t3, t4, t5\n",
            "addi \\pointer, \\pointer, ",
            $columns,
            "\n",
            ".endr\n",
        )
    };
}

/// A sum becomes an output: `(sum · multiplier >> 32) + constant`, shifted and saturated.
macro_rules! requantise {
    ($sum:literal) => {
        concat!(
            "add ",
            $sum,
            ", ",
            $sum,
            ", a2\n",
            "mulh ",
            $sum,
            ", ",
            $sum,
            ", a3\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", t5\n",
            "sra ",
            $sum,
            ", ",
            $sum,
            ", t4\n",
            "ble ",
            $sum,
            ", s8, 5f\n",
            "mv ",
            $sum,
            ", s8\n",
            "5:\n",
            "bge ",
            $sum,
            ", a4, 6f\n",
            "mv ",
            $sum,
            ", a4\n",
            "6:\n",
        )
    };
}

/// Writes an output of both positions, the one of row `$row`.
macro_rules! finish {
    ($row:literal, $one:literal, $other:literal) => {
        concat!(
            "lw a2, 4*",
            $row,
            "(t0)\n",
            "lw a3, 4*",
            $row,
            "(t1)\n",
            "lbu t4, ",
            $row,
            "(t2)\n",
            // Twice the constant fits 32 bits.
            "sll t5, t3, t4\n",
            "srai t5, t5, 1\n",
            requantise!($one),
            requantise!($other),
            // Their entries in the table.
            "beqz a7, 7f\n",
            "add t6, a7, ",
            $one,
            "\n",
            "add t5, a7, ",
            $other,
            "\n",
            "lbu ",
            $one,
            ", 0(t6)\n",
            "lbu ",
            $other,
            ", 0(t5)\n",
            "7:\n",
            "sb ",
            $other,
            ", ",
            $row,
            "(a6)\n",
            "sb ",
            $one,
            ", ",
            $row,
            "(a5)\n",
        )
    };
}

/// Computes outputs of two positions.
///
/// # Safety
/// They are what [`job`] gives for [`ROWS`].
///
/// | register | in the sums | behind them |
/// | --- | --- | --- |
/// | a0, a1 | the job, what is computed | the same |
/// | a2, a3 | a value of each position | bias, multiplier |
/// | a4 | a product | −128 |
/// | a5, a6, a7 | places for the block's outputs of both positions, table | the same |
/// | t0–t3 | next weights of the rows | the block's biases, multipliers, shifts; rounding |
/// | t4, t5 | next values of both positions | shift; constant, and an address |
/// | t6 | a weight | an address |
/// | s0–s7 | sums: of each row those of both positions | outputs |
/// | s8 | columns left | 127 |
/// | s9, s10, s11 | inputs, outputs left, the block's first output | the same |
#[unsafe(naked)]
unsafe extern "C" fn run(job: &Job, outputs: &Outputs) {
    naked_asm!(
        // The assembler is not told by itself what the target can do.
        ".option push",
        ".option arch, +m",
        "addi sp, sp, -48",
        "sw s0, 0(sp)",
        "sw s1, 4(sp)",
        "sw s2, 8(sp)",
        "sw s3, 12(sp)",
        "sw s4, 16(sp)",
        "sw s5, 20(sp)",
        "sw s6, 24(sp)",
        "sw s7, 28(sp)",
        "sw s8, 32(sp)",
        "sw s9, 36(sp)",
        "sw s10, 40(sp)",
        "sw s11, 44(sp)",
        "lw s9, 4(a0)",
        "lw a5, 8(a1)",
        "lw a6, 12(a1)",
        "lw s11, 16(a1)",
        "lw s10, 20(a1)",
        "lw a7, 24(a1)",
        "1:",
        // Fewer outputs than a block are the last of one that begins before them.
        "addi t1, s10, -4",
        "bgez t1, 2f",
        "add s11, s11, t1",
        "add a5, a5, t1",
        "add a6, a6, t1",
        "2:",
        "mul t0, s11, s9",
        "lw t1, 0(a0)",
        "add t0, t0, t1",
        "add t1, t0, s9",
        "add t2, t1, s9",
        "add t3, t2, s9",
        "lw t4, 0(a1)",
        "lw t5, 4(a1)",
        "add t5, t5, t4",
        ".irp sum, s0, s1, s2, s3, s4, s5, s6, s7",
        "li \\sum, 0",
        ".endr",
        "andi s8, s9, 7",
        "beqz s8, 4f",
        "3:",
        columns!("0"),
        advance!("1"),
        "addi s8, s8, -1",
        "bnez s8, 3b",
        "4:",
        "srli s8, s9, 3",
        "beqz s8, 6f",
        "5:",
        columns!("0, 1, 2, 3, 4, 5, 6, 7"),
        advance!("8"),
        "addi s8, s8, -1",
        "bnez s8, 5b",
        "6:",
        "lw t0, 8(a0)",
        "lw t1, 12(a0)",
        "lw t2, 16(a0)",
        "lw t3, 20(a0)",
        "slli a2, s11, 2",
        "add t0, t0, a2",
        "add t1, t1, a2",
        "add t2, t2, s11",
        "li s8, 127",
        "li a4, -128",
        "addi s11, s11, 4",
        "addi a2, s10, -3",
        "mv a3, s10",
        "addi s10, s10, -4",
        "beqz a2, 12f",
        "bgtz a2, 11f",
        "addi a3, a3, -2",
        "beqz a3, 13f",
        "j 14f",
        "11:",
        finish!("0", "s0", "s1"),
        "12:",
        finish!("1", "s2", "s3"),
        "13:",
        finish!("2", "s4", "s5"),
        "14:",
        finish!("3", "s6", "s7"),
        "addi a5, a5, 4",
        "addi a6, a6, 4",
        "bgtz s10, 1b",
        "lw s0, 0(sp)",
        "lw s1, 4(sp)",
        "lw s2, 8(sp)",
        "lw s3, 12(sp)",
        "lw s4, 16(sp)",
        "lw s5, 20(sp)",
        "lw s6, 24(sp)",
        "lw s7, 28(sp)",
        "lw s8, 32(sp)",
        "lw s9, 36(sp)",
        "lw s10, 40(sp)",
        "lw s11, 44(sp)",
        "addi sp, sp, 48",
        "ret",
        ".option pop",
    )
}

// The assembly takes blocks of so many rows, and knows the order of the fields.
const _: () = assert!(ROWS == 4 && size_of::<Job>() == 24 && size_of::<Outputs>() == 28);
