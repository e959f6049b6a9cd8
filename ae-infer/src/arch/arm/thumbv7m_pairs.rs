//! Outputs of two positions of a convolution in rows on the Cortex-M3, three of each at a time.
//!
//! A weight, once loaded, serves both positions: eleven instructions make six products. What follows the
//! sums is assembly too, as there are few products to each of a convolution's outputs.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use crate::arch::all::dense_rows::DenseRows;
use crate::arch::all::pair_job::{self, Job, Outputs, job};
use crate::arch::all::pairs::Line;

/// Rows that are summed side by side, and the fewest outputs of a layer that this takes.
pub(crate) const ROWS: usize = 3;

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

/// Bytes of a column's code: eleven instructions of four.
const COLUMN_BYTES: usize = 44;

/// Adds a column of three rows to the sums of both positions.
macro_rules! column {
    () => {
        concat!(
            "ldrsb.w r6, [r1, r3]\n",
            "ldrsb r5, [r1], #1\n",
            "ldrsb.w r4, [r0, r2]\n",
            "mla r10, r4, r5, r10\n",
            "mla r11, r4, r6, r11\n",
            "ldrsb r4, [r0, r2, lsl #1]\n",
            "mla r12, r4, r5, r12\n",
            "mla lr, r4, r6, lr\n",
            "ldrsb r4, [r0], #1\n",
            "mla r8, r4, r5, r8\n",
            "mla r9, r4, r6, r9\n",
        )
    };
}

/// Writes an output of both positions, whose sums are `$one` and `$other`: `(sum · multiplier >> 32) +
/// constant`, shifted by `shift − 1`, then by 1, and saturated.
macro_rules! finish {
    ($one:literal, $other:literal) => {
        concat!(
            "ldr r0, [r1], #4\n",
            "ldrb r5, [r3], #1\n",
            "add ",
            $one,
            ", ",
            $one,
            ", r0\n",
            "add ",
            $other,
            ", ",
            $other,
            ", r0\n",
            "ldr r0, [r2], #4\n",
            "sub r5, r5, #1\n",
            "lsl r6, r4, r5\n",
            "smull r7, ",
            $one,
            ", ",
            $one,
            ", r0\n",
            "smull r7, ",
            $other,
            ", ",
            $other,
            ", r0\n",
            "add ",
            $one,
            ", ",
            $one,
            ", r6\n",
            "add ",
            $other,
            ", ",
            $other,
            ", r6\n",
            "asr ",
            $one,
            ", ",
            $one,
            ", r5\n",
            "asr ",
            $other,
            ", ",
            $other,
            ", r5\n",
            "ssat ",
            $one,
            ", #8, ",
            $one,
            ", asr #1\n",
            "ssat ",
            $other,
            ", #8, ",
            $other,
            ", asr #1\n",
            "ldr r0, [sp, #24]\n",
            "cbz r0, 8f\n",
            "ldrb ",
            $one,
            ", [r0, ",
            $one,
            "]\n",
            "ldrb ",
            $other,
            ", [r0, ",
            $other,
            "]\n",
            "8:\n",
            "ldrd r6, r7, [sp, #8]\n",
            "strb ",
            $other,
            ", [r7], #1\n",
            "strb ",
            $one,
            ", [r6], #1\n",
            "strd r6, r7, [sp, #8]\n",
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
/// | r0 | next weight of the first row | bias, multiplier, table |
/// | r1, r3 | next value of the first position, and from there to the second's | next biases, shifts |
/// | r2 | inputs, which is the distance of a row from the next | next multipliers |
/// | r4 | a weight | rounding |
/// | r5, r6 | a value of each position | shift − 1, constant |
/// | r7 | end of the first position's values | scratch |
/// | r8–r12, lr | sums: of each row those of both positions | outputs |
///
/// | place on the stack | what |
/// | --- | --- |
/// | 0, 4 | values of the first position, and from there to the second's |
/// | 8, 12 | places for the next outputs of both positions |
/// | 16, 20, 24 | next output, outputs left, table |
/// | 28 | the job |
#[unsafe(naked)]
unsafe extern "C" fn run(job: &Job, outputs: &Outputs) {
    naked_asm!(
        "push {{r4-r11, lr}}",
        "mov r8, r0",
        "ldm r1, {{r1-r7}}",
        "push {{r1-r8}}",
        "1:",
        "ldr r0, [sp, #28]",
        "ldrd r5, r2, [r0]",
        "ldrd r6, r7, [sp, #16]",
        "cmp r7, #3",
        "itt lt",
        "addlt r6, r6, r7",
        "sublt r6, r6, #3",
        "mla r0, r6, r2, r5",
        "ldrd r1, r3, [sp]",
        "add r7, r1, r2",
        "movs r4, #0",
        "mov r8, r4",
        "mov r9, r4",
        "mov r10, r4",
        "mov r11, r4",
        "mov r12, r4",
        "mov lr, r4",
        // The loop takes four columns a turn. The first turn begins so far in it that the last one ends with
        // the last column. `pc` is four bytes ahead.
        "rsbs r4, r2, #0",
        "and r4, r4, #3",
        "movs r5, #{COLUMN}",
        "muls r4, r5, r4",
        "add pc, r4",
        "nop",
        "2:",
        column!(),
        column!(),
        column!(),
        column!(),
        "cmp r1, r7",
        "bne 2b",
        "ldr r0, [sp, #28]",
        "ldrd r5, r6, [sp, #16]",
        "adds r0, r0, #8",
        "ldm r0, {{r1-r4}}",
        "add r1, r1, r5, lsl #2",
        "add r2, r2, r5, lsl #2",
        "add r3, r3, r5",
        "adds r5, r5, #3",
        "subs r7, r6, #3",
        "strd r5, r7, [sp, #16]",
        "cmp r6, #2",
        "beq 5f",
        "blt 6f",
        finish!("r8", "r9"),
        "5:",
        finish!("r10", "r11"),
        "6:",
        finish!("r12", "lr"),
        "ldr r7, [sp, #20]",
        "cmp r7, #0",
        "bgt 1b",
        "add sp, sp, #32",
        "pop {{r4-r11, pc}}",
        COLUMN = const COLUMN_BYTES,
    )
}

// The assembly takes blocks of so many rows, and knows the order of the fields.
const _: () = assert!(ROWS == 3 && size_of::<Job>() == 24 && size_of::<Outputs>() == 28);
