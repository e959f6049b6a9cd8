//! The only output of a convolution on Cortex-M0 and M0+, two positions at a time; see
//! [`single`](crate::arch::all::single).

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;
use core::ptr::null;

use super::thumbv6m_requantise::{high_word, round};
use crate::arch::all::dense_rows::DenseRows;
use crate::arch::all::single::Shape;

/// What is computed; the assembly knows the fields by their offsets, and counts on in them.
#[repr(C)]
struct Job {
    weights: *const u8,
    /// Where the next pair of positions reads, and where its outputs go.
    x: *const u8,
    y: *mut u8,
    /// Pairs left, at least 1.
    pairs: usize,
    bias: i32,
    multiplier: i32,
    shift: u32,
    zero_point: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
    shape: Shape,
}

/// See [`single::outputs`](crate::arch::all::single::outputs).
#[inline(never)]
pub(crate) fn outputs(rows: &DenseRows<'_>, x: &[u8], shape: &Shape, y: &mut [u8]) {
    let (Some(bias), Some(multiplier), Some(shift)) =
        (rows.biases.first(), rows.multipliers.first(), rows.shifts.first())
    else {
        return;
    };
    let pairs = y.len() / 2;
    if pairs == 0 || !shape.fits_pairs(rows.weights, x, pairs) {
        return;
    }
    let mut job = Job {
        weights: rows.weights.as_ptr(),
        x: x.as_ptr(),
        y: y.as_mut_ptr(),
        pairs,
        bias: i32::from_le(*bias),
        multiplier: i32::from_le(*multiplier),
        shift: (*shift).into(),
        zero_point: rows.zero_point.into(),
        table: rows.table.map_or(null(), |table| table.as_ptr().wrapping_add(128)),
        shape: *shape,
    };
    // SAFETY: there are so many weights, all values of the pairs, and places for their outputs.
    unsafe { run(&mut job) };
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
/// All values of the pairs can be read from `x` on, and from `weights` on a weight for each of a position;
/// there are places for the outputs; and the table is null or the middle of 256 bytes.
///
/// | register | in the sums | behind them |
/// | --- | --- | --- |
/// | r0, r1, r2 | ends of the row of weights, and of values of both positions | shift; halves of the multiplier, high and low |
/// | r3 | place before the ends: minus the columns that are left | zero point |
/// | r4, r5 | a weight; a value, and its product | the job, an output |
/// | r6, r7 | the sums | the same |
/// | r8, r9 | values of a row, and minus so many | the same |
/// | r10 | values from a row to the next | the same |
/// | r11, r12 | r0 behind the last row, the job | the same |
#[unsafe(naked)]
unsafe extern "C" fn run(job: &mut Job) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "mov r12, r0",
        "mov r4, r0",
        "ldr r0, [r4, #{WEIGHTS}]",
        "ldr r1, [r4, #{RUN}]",
        "mov r8, r1",
        "rsbs r2, r1, #0",
        "mov r9, r2",
        "ldr r2, [r4, #{STEP}]",
        "mov r10, r2",
        "ldr r2, [r4, #{ROWS}]",
        "adds r2, r2, #1",
        "muls r2, r1, r2",
        "adds r2, r0, r2",
        "mov r11, r2",
        "1:",
        "ldr r0, [r4, #{WEIGHTS}]",
        "ldr r1, [r4, #{X}]",
        "ldr r2, [r4, #{ADVANCE}]",
        "add r0, r8",
        "add r1, r8",
        "adds r2, r1, r2",
        "ldr r6, [r4, #{BIAS}]",
        "movs r7, r6",
        "2:",
        "mov r3, r9",
        // The loop takes two columns a turn. With an odd number of columns the first turn begins in the
        // middle.
        "lsls r4, r3, #31",
        "bne 4f",
        "3:",
        column!(),
        "4:",
        column!(),
        "bne 3b",
        "add r1, r10",
        "add r2, r10",
        "add r0, r8",
        "cmp r0, r11",
        "bne 2b",
        "mov r4, r12",
        "ldr r1, [r4, #{MULTIPLIER}]",
        "uxth r2, r1",
        "lsrs r1, r1, #16",
        high_word!("r6", "r2", "r1", "r0", "r3", "r5"),
        "ldr r0, [r4, #{SHIFT}]",
        "ldr r3, [r4, #{ZERO_POINT}]",
        round!("r5", "r6", "r0", "r3"),
        high_word!("r7", "r2", "r1", "r6", "r3"),
        "ldr r3, [r4, #{ZERO_POINT}]",
        round!("r6", "r7", "r0", "r3"),
        "ldr r0, [r4, #{TABLE}]",
        "cmp r0, #0",
        "beq 5f",
        "ldrb r5, [r0, r5]",
        "ldrb r6, [r0, r6]",
        "5:",
        "ldr r0, [r4, #{Y}]",
        "strb r5, [r0]",
        "strb r6, [r0, #1]",
        "adds r0, r0, #2",
        "str r0, [r4, #{Y}]",
        "ldr r0, [r4, #{X}]",
        "ldr r1, [r4, #{ADVANCE}]",
        "adds r0, r0, r1",
        "adds r0, r0, r1",
        "str r0, [r4, #{X}]",
        "ldr r0, [r4, #{PAIRS}]",
        "subs r0, r0, #1",
        "str r0, [r4, #{PAIRS}]",
        "bne 1b",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
        WEIGHTS = const offset_of!(Job, weights),
        X = const offset_of!(Job, x),
        Y = const offset_of!(Job, y),
        PAIRS = const offset_of!(Job, pairs),
        BIAS = const offset_of!(Job, bias),
        MULTIPLIER = const offset_of!(Job, multiplier),
        SHIFT = const offset_of!(Job, shift),
        ZERO_POINT = const offset_of!(Job, zero_point),
        TABLE = const offset_of!(Job, table),
        RUN = const offset_of!(Job, shape.run),
        ROWS = const offset_of!(Job, shape.rows),
        STEP = const offset_of!(Job, shape.step),
        ADVANCE = const offset_of!(Job, shape.advance),
    )
}
