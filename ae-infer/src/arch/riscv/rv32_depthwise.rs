//! Depthwise convolutions of three taps a row on RISC-V of 32 bits with multiplication: the positions of a
//! channel one after the other.
//!
//! Registers hold all nine weights, and the sums of the positions that read the column at hand. So each value
//! is loaded once for all of them: 24 instructions make nine products where positions are neighbours, 30 where
//! they are two places apart. What follows the sums is assembly too.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Spatial;

use super::rv32;
use crate::arch::all::depthwise;
use crate::arch::job::{CHUNK, Job};

pub(crate) use rv32::NAME;

/// Channels of a group.
pub(crate) const GROUP: usize = 1;

/// Taps of a row, and most rows.
const TAPS: usize = 3;
/// Fewer positions are too few for what a channel takes at first.
const FEWEST: usize = 3;

/// Whether weights fit the registers, rows have no holes, and positions are at most two places apart.
pub(crate) fn takes(spatial: &Spatial, _bytes: &[u8]) -> bool {
    let Spatial { height, width, .. } = spatial;
    usize::from(width.kernel) == TAPS
        && usize::from(height.kernel) <= TAPS
        && width.dilation == 1
        && width.stride <= 2
}

/// Computes a job.
///
/// # Safety
/// The job is as [`Job`] says, [`takes`] holds.
pub(crate) unsafe fn run(job: &mut Job) {
    if job.columns == TAPS && job.positions >= FEWEST {
        // SAFETY: the caller's promise.
        unsafe { channels(job) };
    } else {
        // SAFETY: as before.
        unsafe { depthwise::run(job) };
    }
}

/// Loads the next value of a row, and adds its products: of a weight each, to a sum, into another.
macro_rules! value {
    ($load:literal, $row:literal $(, $weight:literal, $sum:literal => $to:literal)+) => {
        concat!(
            $load, " t0, 0(", $row, ")\n",
            "add ", $row, ", ", $row, ", a5\n",
            $("mul t1, t0, ", $weight, "\n", "add ", $to, ", ", $sum, ", t1\n",)+
        )
    };
}

/// A column whose only sum is that of the first position.
macro_rules! first_column {
    ($load:literal) => {
        concat!(
            value!($load, "a1", "s0", "s9" => "t3"),
            value!($load, "a2", "s3", "t3" => "t3"),
            value!($load, "a3", "s6", "t3" => "t3"),
        )
    };
}

/// Writes the output whose sum is in t4: `(sum · multiplier >> 32) + constant`, shifted and saturated.
/// Goes on with the next position at `$next`, if there is one, and else with the next channel.
macro_rules! output {
    ($next:literal) => {
        concat!(
            "mulh t4, t4, s10\n",
            "add t4, t4, s11\n",
            "sra t4, t4, ra\n",
            "ble t4, t6, 5f\n",
            "mv t4, t6\n",
            "5:\n",
            "bge t4, t5, 6f\n",
            "mv t4, t5\n",
            "6:\n",
            "sb t4, 0(a4)\n",
            "add a4, a4, a5\n",
            "bne a4, a6, ",
            $next,
            "b\n",
            "j 20f\n",
        )
    };
}

/// All positions of a channel that are neighbours. In the loop at `$label` t2 and t3 are the sums of the
/// last positions that read the column, and of the one before.
macro_rules! close {
    ($label:literal, $load:literal) => {
        concat!(
            first_column!($load),
            value!($load, "a1", "s1", "t3" => "t2", "s0", "s9" => "t3"),
            value!($load, "a2", "s4", "t2" => "t2", "s3", "t3" => "t3"),
            value!($load, "a3", "s7", "t2" => "t2", "s6", "t3" => "t3"),
            $label, ":\n",
            value!($load, "a1", "s2", "t2" => "t4", "s1", "t3" => "t2", "s0", "s9" => "t3"),
            value!($load, "a2", "s5", "t4" => "t4", "s4", "t2" => "t2", "s3", "t3" => "t3"),
            value!($load, "a3", "s8", "t4" => "t4", "s7", "t2" => "t2", "s6", "t3" => "t3"),
            output!($label),
        )
    };
}

/// All positions of a channel that are two places apart. In the loop at `$label` t3 is the sum of the next
/// one.
macro_rules! wide {
    ($label:literal, $load:literal) => {
        concat!(
            first_column!($load),
            $label, ":\n",
            value!($load, "a1", "s1", "t3" => "t3"),
            value!($load, "a2", "s4", "t3" => "t3"),
            value!($load, "a3", "s7", "t3" => "t3"),
            value!($load, "a1", "s2", "t3" => "t4", "s0", "s9" => "t3"),
            value!($load, "a2", "s5", "t4" => "t4", "s3", "t3" => "t3"),
            value!($load, "a3", "s8", "t4" => "t4", "s6", "t3" => "t3"),
            output!($label),
        )
    };
}

/// Loads the weights of a row of taps.
macro_rules! weights {
    ($($weight:literal),+) => {
        concat!($("lb ", $weight, ", 0(t0)\n", "add t0, t0, a5\n",)+)
    };
}

/// Computes a job channel by channel. Weights of rows that there are not are 0, and read another row.
///
/// # Safety
/// The job is as [`Job`] says, of [`TAPS`] columns and at most as many rows, whose weights lie one after the
/// other, and of positions that are one or two places apart.
///
/// | register | holds |
/// | --- | --- |
/// | a0 | the job |
/// | a1, a2, a3 | next values of the rows |
/// | a4, a6 | next output, and the place behind the last |
/// | a5 | bytes of a place |
/// | a7 | the channel's parameters |
/// | t0, t1 | a value, a product |
/// | t2, t3, t4 | sums; t4 is the one that becomes an output |
/// | t5, t6 | −128, 127 |
/// | s0–s8 | weights |
/// | s9, s10, s11, ra | what sums start from, multiplier, constant, shift |
///
/// At 52, 56, 60 and 64 on the stack are the next channel's values, outputs and weights, and channels left.
#[unsafe(naked)]
unsafe extern "C" fn channels(job: &Job) {
    naked_asm!(
        // The assembler is not told by itself what the target can do.
        ".option push",
        ".option arch, +m",
        "addi sp, sp, -80",
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
        "sw ra, 48(sp)",
        "li t5, -128",
        "li t6, 127",
        "lw a5, {CHANNELS}(a0)",
        "lw a7, {PARAMETERS}(a0)",
        "lw a1, {X}(a0)",
        "lw a4, {Y}(a0)",
        "lw t0, {WEIGHTS}(a0)",
        "lw t1, {COUNT}(a0)",
        "1:",
        "addi t2, a1, 1",
        "addi t3, a4, 1",
        "addi t4, t0, 1",
        "sw t2, 52(sp)",
        "sw t3, 56(sp)",
        "sw t4, 60(sp)",
        "sw t1, 64(sp)",
        "lw t1, {ROWS}(a0)",
        "lw t2, {GAPS} + 4(a0)",
        "lw a6, {POSITIONS}(a0)",
        "mul a6, a6, a5",
        "add a6, a6, a4",
        "mv a2, a1",
        "mv a3, a1",
        ".irp weight, s3, s4, s5, s6, s7, s8",
        "li \\weight, 0",
        ".endr",
        weights!("s0", "s1", "s2"),
        "addi t1, t1, -1",
        "beqz t1, 2f",
        "add a2, a1, t2",
        weights!("s3", "s4", "s5"),
        "addi t1, t1, -1",
        "beqz t1, 2f",
        "add a3, a2, t2",
        weights!("s6", "s7", "s8"),
        "2:",
        "lw s9, 0(a7)",
        "lw s10, {MULTIPLIERS}(a7)",
        "lw s11, {CONSTANTS}(a7)",
        "lw ra, {SHIFTS}(a7)",
        "lw t0, {FLIPPED}(a0)",
        "lw t1, {STEP}(a0)",
        "bne t1, a5, 4f",
        "bnez t0, 3f",
        close!("11", "lb"),
        "3:",
        close!("12", "lbu"),
        "4:",
        "bnez t0, 3f",
        wide!("13", "lb"),
        "3:",
        wide!("14", "lbu"),
        "20:",
        "lw a1, 52(sp)",
        "lw a4, 56(sp)",
        "lw t0, 60(sp)",
        "lw t1, 64(sp)",
        "addi a7, a7, 4",
        "addi t1, t1, -1",
        "bnez t1, 1b",
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
        "lw ra, 48(sp)",
        "addi sp, sp, 80",
        "ret",
        ".option pop",
        WEIGHTS = const offset_of!(Job, weights),
        X = const offset_of!(Job, x),
        Y = const offset_of!(Job, y),
        PARAMETERS = const offset_of!(Job, parameters),
        COUNT = const offset_of!(Job, count),
        POSITIONS = const offset_of!(Job, positions),
        ROWS = const offset_of!(Job, rows),
        GAPS = const offset_of!(Job, gaps),
        CHANNELS = const offset_of!(Job, channels),
        STEP = const offset_of!(Job, step),
        FLIPPED = const offset_of!(Job, flipped),
        MULTIPLIERS = const size_of::<[i32; CHUNK]>(),
        CONSTANTS = const size_of::<[[i32; CHUNK]; 2]>(),
        SHIFTS = const size_of::<[[i32; CHUNK]; 3]>(),
    )
}
