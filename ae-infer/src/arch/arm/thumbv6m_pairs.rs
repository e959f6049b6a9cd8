//! Outputs of two positions of a convolution in rows on Cortex-M0 and M0+.
//!
//! A word holds a value of both positions: that of the second above that of the first. Its product with a
//! weight holds both products, and so does the sum of two, for a weight is at least −127: what it has of the
//! first position fits 16 bits. Bit 15 is its sign, which the shift by 16 leaves in the carry. So eight
//! instructions make four products, and two more move the pointers. What follows the sums is assembly too,
//! as there are few products to each of a convolution's outputs.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use super::thumbv6m_requantise::{high_word, round};
use crate::arch::all::dense_rows::DenseRows;
use crate::arch::all::pair_job::{self, Job, Outputs, job};
use crate::arch::all::pairs::{self, Line};

/// The fewest outputs of a layer that this takes.
pub(crate) const ROWS: usize = 1;

/// Most values of a position that are put into words: these lie on the stack.
const MOST: usize = 256;

/// See [`pairs::outputs`].
#[inline(never)]
pub(crate) fn outputs(
    rows: &DenseRows<'_>,
    x: [&[i8]; 2],
    first: usize,
    y: [&mut [u8]; 2],
) -> bool {
    if rows.inputs > MOST {
        return rows.biases.len() >= pairs::ROWS && pairs::outputs(rows, x, first, y);
    }
    let Some((job, outputs)) = job(rows, x, first, y, ROWS) else { return false };
    // SAFETY: they hold what `run` asks for, and behind the weights the layer has biases.
    unsafe { run(&job, &outputs) };
    true
}

/// See [`pairs::line`].
#[inline(never)]
pub(crate) fn line(rows: &DenseRows<'_>, line: &Line<'_>, y: &mut [u8]) -> bool {
    // SAFETY: they hold what `run` asks for, and behind the weights the layer has biases.
    let run = |job: &Job, outputs: &Outputs| unsafe { run(job, outputs) };
    rows.inputs <= MOST && pair_job::line(rows, line, y, ROWS, run)
}

/// Adds two columns to the sums: to r7 the second position's, to r8 that of both in halves.
macro_rules! columns {
    () => {
        concat!(
            "ldmia r3!, {{r0, r1}}\n",
            "ldrsb r2, [r4, r5]\n",
            "muls r0, r2, r0\n",
            "ldrsb r2, [r4, r6]\n",
            "muls r1, r2, r1\n",
            "adds r0, r0, r1\n",
            "add r8, r0\n",
            "asrs r0, r0, #16\n",
            "adcs r7, r0\n",
            "adds r4, r4, #2\n",
        )
    };
}

/// Computes outputs of two positions.
///
/// # Safety
/// They are what [`job`] gives for [`ROWS`], of at most [`MOST`] inputs, and a byte behind the weights can be
/// read.
///
/// | register | in the sums | behind them |
/// | --- | --- | --- |
/// | r0, r1 | values of both positions, products | |
/// | r2 | a weight | |
/// | r3 | next values | |
/// | r4 | next weight | shift |
/// | r5, r6 | 0 and 1, the places of two weights from there | halves of the multiplier, low and high |
/// | r7, r8 | the sums | |
/// | r9 | end of the values, where the stack was | the same |
/// | r10, r12 | next bias, next row of weights | the same |
/// | r11, lr | where the loop begins, inputs | the same |
///
/// | place on the stack | what |
/// | --- | --- |
/// | 0 | the place for the next output of the first position |
/// | 4, 8 | from there to that of the second one, and to the next shift |
/// | 12 | from the next bias to the multiplier at hand |
/// | 16, 20, 24 | zero point, end of the first position's outputs, table |
/// | 28 | values of both positions in words; behind an odd number of them a zero |
#[unsafe(naked)]
unsafe extern "C" fn run(job: &Job, outputs: &Outputs) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "mov r10, r0",
        "mov r11, r1",
        "mov r9, sp",
        // The values: two words a turn, and the odd one.
        "ldr r2, [r0, #4]",
        "mov lr, r2",
        "ldr r5, [r1]",
        "ldr r6, [r1, #4]",
        "lsrs r3, r2, #1",
        "lsls r3, r3, #1",
        "adds r5, r5, r3",
        "adds r6, r5, r6",
        "rsbs r7, r3, #0",
        "adds r2, r2, #1",
        "lsrs r2, r2, #1",
        "lsls r2, r2, #3",
        "mov r4, sp",
        "subs r4, r4, r2",
        "mov sp, r4",
        "cmp r7, #0",
        "beq 2f",
        "1:",
        "ldrsb r0, [r5, r7]",
        "ldrsb r1, [r6, r7]",
        "lsls r1, r1, #16",
        "adds r0, r0, r1",
        "adds r7, r7, #1",
        "ldrsb r1, [r5, r7]",
        "ldrsb r2, [r6, r7]",
        "lsls r2, r2, #16",
        "adds r1, r1, r2",
        "stmia r4!, {{r0, r1}}",
        "adds r7, r7, #1",
        "bne 1b",
        "2:",
        "cmp r4, r9",
        "beq 3f",
        "ldrsb r0, [r5, r7]",
        "ldrsb r1, [r6, r7]",
        "lsls r1, r1, #16",
        "adds r0, r0, r1",
        "str r0, [r4]",
        "str r7, [r4, #4]",
        "3:",
        "mov r0, r10",
        "mov r7, r11",
        "ldr r6, [r7, #16]",
        "ldr r4, [r0, #8]",
        "ldr r5, [r0, #12]",
        "subs r5, r5, r4",
        "lsls r1, r6, #2",
        "adds r1, r1, r4",
        "mov r10, r1",
        "subs r4, r5, #4",
        "ldr r1, [r7, #8]",
        "ldr r2, [r7, #12]",
        "subs r2, r2, r1",
        "ldr r3, [r0, #16]",
        "adds r3, r3, r6",
        "subs r3, r3, r1",
        "mov r5, lr",
        "muls r6, r5, r6",
        "ldr r5, [r0]",
        "adds r6, r6, r5",
        "mov r12, r6",
        "ldr r5, [r0, #20]",
        "asrs r5, r5, #1",
        "ldr r6, [r7, #20]",
        "adds r6, r6, r1",
        "ldr r7, [r7, #24]",
        "push {{r1-r7}}",
        // The loop takes eight times two columns a turn. The first turn begins so far in it that the last
        // one ends with the last column.
        "mov r1, lr",
        "adds r1, r1, #1",
        "lsrs r1, r1, #1",
        "rsbs r1, r1, #0",
        "movs r2, #7",
        "ands r1, r2",
        "movs r2, #{COLUMNS_CODE}",
        "muls r1, r2, r1",
        "adr r0, 5f",
        "adds r0, r0, r1",
        "mov r11, r0",
        "b 4f",
        ".balign 4",
        "5:",
        ".rept 8",
        columns!(),
        ".endr",
        "cmp r3, r9",
        "bne 5b",
        "lsls r0, r7, #16",
        "mov r1, r8",
        "subs r0, r1, r0",
        "mov r1, r10",
        "ldr r2, [sp, #12]",
        "ldr r1, [r1, r2]",
        "uxth r5, r1",
        "lsrs r6, r1, #16",
        "ldr r2, [sp]",
        "ldr r3, [sp, #8]",
        "ldrb r4, [r2, r3]",
        high_word!("r0", "r5", "r6", "r1", "r2", "r3"),
        "ldr r3, [sp, #16]",
        round!("r1", "r0", "r4", "r3"),
        high_word!("r7", "r5", "r6", "r0", "r2"),
        round!("r2", "r7", "r4", "r3"),
        "ldr r0, [sp, #24]",
        "cmp r0, #0",
        "beq 6f",
        "ldrb r1, [r0, r1]",
        "ldrb r2, [r0, r2]",
        "6:",
        "ldr r3, [sp]",
        "ldr r4, [sp, #4]",
        "strb r2, [r3, r4]",
        "strb r1, [r3]",
        "adds r3, r3, #1",
        "str r3, [sp]",
        "ldr r0, [sp, #20]",
        "cmp r3, r0",
        "beq 7f",
        "4:",
        "mov r4, r12",
        "add r12, lr",
        // The sums begin with the bias of both positions.
        "mov r0, r10",
        "ldmia r0!, {{r7}}",
        "mov r10, r0",
        "lsls r0, r7, #16",
        "adds r0, r0, r7",
        "mov r8, r0",
        "movs r5, #0",
        "movs r6, #1",
        "add r3, sp, #28",
        "mov pc, r11",
        "7:",
        "mov sp, r9",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
        COLUMNS_CODE = const 20,
    )
}

// The assembly knows the order of the fields.
const _: () = assert!(size_of::<Job>() == 24 && size_of::<Outputs>() == 28);
