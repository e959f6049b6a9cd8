//! Depthwise convolutions of three taps a row on the Cortex-M3: five positions of a channel together.
//!
//! The positions share what they load: three weights, and seven values of a row where they are neighbours.
//! So a row of taps takes 25 instructions for 15 products, and seven to go on. What follows the sums is
//! assembly too.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Spatial;

use super::thumbv7m;
use crate::arch::all::depthwise;
use crate::arch::job::{CHUNK, Job};

pub(crate) use thumbv7m::NAME;

/// Channels of a group.
pub(crate) const GROUP: usize = 1;

/// Positions that are computed together.
const POSITIONS: usize = 5;
/// Taps of a row.
const TAPS: usize = 3;

/// Whether rows have so many taps, without holes, and positions are at most two places apart.
pub(crate) fn takes(spatial: &Spatial, _bytes: &[u8]) -> bool {
    let width = &spatial.width;
    usize::from(width.kernel) == TAPS && width.dilation == 1 && width.stride <= 2
}

/// Computes a job.
///
/// # Safety
/// The job is as [`Job`] says, [`takes`] holds.
pub(crate) unsafe fn run(job: &mut Job) {
    if job.columns == TAPS && job.positions >= POSITIONS {
        // SAFETY: the caller's promise.
        unsafe { blocks(job) };
    } else {
        // SAFETY: as before.
        unsafe { depthwise::run(job) };
    }
}

/// Loads a value, `$place` behind r0, and adds its products: of a weight each, to a sum.
macro_rules! value {
    ($load:literal, $place:literal $(, $weight:literal, $sum:literal)+) => {
        concat!(
            $load, " r3, [r0", $place, "]\n",
            $("mla ", $sum, ", r3, ", $weight, ", ", $sum, "\n",)+
        )
    };
}

/// All rows of taps, whose values are added by `$values`.
macro_rules! rows {
    ($($values:expr),+) => {
        concat!(
            "3:\n",
            "ldrsb r4, [r1]\n",
            "ldrsb r5, [r1, r2]\n",
            "ldrsb r6, [r1, r2, lsl #1]\n",
            $($values,)+
            "ldrd r3, r4, [sp, #16]\n",
            "add r1, r1, r3\n",
            "add r0, r0, r4\n",
            "subs r12, r12, #1\n",
            "bne 3b\n",
        )
    };
}

/// [`rows`] of positions that are neighbours. They leave r0 two places on.
macro_rules! close_rows {
    ($load:literal) => {
        rows!(
            value!($load, "", "r4", "r7"),
            value!($load, ", r2", "r5", "r7", "r4", "r8"),
            value!($load, ", r2, lsl #1", "r6", "r7", "r5", "r8", "r4", "r9"),
            value!($load, ", r2, lsl #2", "r6", "r9", "r5", "r10", "r4", "r11"),
            "add r0, r0, r2\n",
            value!($load, ", r2, lsl #1", "r6", "r8", "r5", "r9", "r4", "r10"),
            value!($load, ", r2, lsl #2", "r6", "r10", "r5", "r11"),
            "add r0, r0, r2\n",
            value!($load, ", r2, lsl #2", "r6", "r11")
        )
    };
}

/// [`rows`] of positions that are two places apart. They leave r0 three places on.
macro_rules! wide_rows {
    ($load:literal) => {
        rows!(
            value!($load, "", "r4", "r7"),
            value!($load, ", r2", "r5", "r7"),
            value!($load, ", r2, lsl #1", "r6", "r7", "r4", "r8"),
            value!($load, ", r2, lsl #2", "r6", "r8", "r4", "r9"),
            value!($load, ", r2, lsl #3", "r6", "r10", "r4", "r11"),
            "add r0, r0, r2\n",
            value!($load, ", r2, lsl #1", "r5", "r8"),
            value!($load, ", r2, lsl #2", "r5", "r9"),
            value!($load, ", r2, lsl #3", "r5", "r11"),
            "add r0, r0, r2\n",
            value!($load, ", r2, lsl #2", "r6", "r9", "r4", "r10"),
            value!($load, ", r2, lsl #3", "r6", "r11"),
            "add r0, r0, r2\n",
            value!($load, ", r2, lsl #2", "r5", "r10")
        )
    };
}

/// Writes the output whose sum is in `$sum`, `$place` behind r1: `(sum · multiplier >> 32) + constant`,
/// shifted and saturated.
macro_rules! output {
    ($sum:literal, $place:literal) => {
        concat!(
            "smull r6, ",
            $sum,
            ", ",
            $sum,
            ", r3\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", r4\n",
            "asr ",
            $sum,
            ", ",
            $sum,
            ", r5\n",
            "ssat ",
            $sum,
            ", #8, ",
            $sum,
            "\n",
            "strb ",
            $sum,
            ", [r1",
            $place,
            "]\n",
        )
    };
}

/// Computes a job in blocks of positions. The last block ends with the last position, and so may begin
/// before the end of the one before it.
///
/// # Safety
/// The job is as [`Job`] says, of [`TAPS`] columns and at least [`POSITIONS`] positions that are one or
/// two places apart.
///
/// | register | in the sums | behind them |
/// | --- | --- | --- |
/// | r0, r1 | a row's values, its weights | r1: outputs |
/// | r2 | bytes of a place | the same |
/// | r3 | a value | multiplier |
/// | r4–r6 | weights | constant, shift, scratch |
/// | r7–r11 | sums | outputs |
/// | r12 | rows left | |
/// | lr | the channel's parameters | the same |
///
/// | place on the stack | what |
/// | --- | --- |
/// | 0, 4, 8 | the next channel's values, weights and outputs |
/// | 12 | rows of taps |
/// | 16, 20 | bytes from a row of weights to the next, and from where a row leaves r0 to the next values |
/// | 24 | where the parameters end |
/// | 28 | the code of the sums |
/// | 32, 36, 40 | the block's values and outputs, positions left |
/// | 44 | the job |
#[unsafe(naked)]
unsafe extern "C" fn blocks(job: &Job) {
    naked_asm!(
        "push {{r4-r11, lr}}",
        "sub sp, sp, #48",
        "str r0, [sp, #44]",
        "ldrd r4, r5, [r0, #{X}]",
        "ldr r6, [r0, #{POSITIONS}]",
        "strd r4, r5, [sp, #32]",
        "str r6, [sp, #40]",
        "ldrd r4, r5, [r0, #{PARAMETERS}]",
        "add r4, r4, r5, lsl #2",
        "str r4, [sp, #24]",
        "ldr r4, [r0, #{ROWS}]",
        "str r4, [sp, #12]",
        "ldrd r2, r3, [r0, #{CHANNELS}]",
        "ldrd r4, r5, [r0, #{GAPS}]",
        "ldr r6, [r0, #{FLIPPED}]",
        "sub r5, r5, r2, lsl #1",
        "cmp r3, r2",
        "bne 1f",
        "adr r7, 11f",
        "cbz r6, 2f",
        "adr r7, 12f",
        "b 2f",
        "1:",
        "sub r5, r5, r2",
        "adr r7, 13f",
        "cbz r6, 2f",
        "adr r7, 14f",
        "2:",
        "strd r4, r5, [sp, #16]",
        // A jump to an address that is odd stays in Thumb.
        "add r7, r7, #1",
        "str r7, [sp, #28]",
        "4:",
        "ldr r0, [sp, #44]",
        "ldr r5, [r0]",
        "ldr lr, [r0, #{PARAMETERS}]",
        "ldrd r4, r6, [sp, #32]",
        "strd r4, r5, [sp]",
        "str r6, [sp, #8]",
        "5:",
        "ldrd r0, r1, [sp]",
        "ldr r7, [lr]",
        "add r3, r0, #1",
        "add r4, r1, #1",
        "strd r3, r4, [sp]",
        "ldr r12, [sp, #12]",
        "mov r8, r7",
        "mov r9, r7",
        "mov r10, r7",
        "mov r11, r7",
        "ldr pc, [sp, #28]",
        ".p2align 2",
        "11:",
        close_rows!("ldrsb"),
        "b 6f",
        ".p2align 2",
        "12:",
        close_rows!("ldrb"),
        "b 6f",
        ".p2align 2",
        "13:",
        wide_rows!("ldrsb"),
        "b 6f",
        ".p2align 2",
        "14:",
        wide_rows!("ldrb"),
        "6:",
        "ldr r1, [sp, #8]",
        "ldr r3, [lr, #{MULTIPLIERS}]",
        "ldr r4, [lr, #{CONSTANTS}]",
        "ldr r5, [lr, #{SHIFTS}]",
        "add r6, r1, #1",
        "str r6, [sp, #8]",
        output!("r7", ""),
        output!("r8", ", r2"),
        output!("r9", ", r2, lsl #1"),
        output!("r11", ", r2, lsl #2"),
        "add r1, r1, r2",
        output!("r10", ", r2, lsl #1"),
        "ldr r3, [sp, #24]",
        "add lr, lr, #4",
        "cmp lr, r3",
        "bne.w 5b",
        // The next block: of the positions that are left, and of those before them where these are less.
        "ldr r0, [sp, #44]",
        "ldr r3, [r0, #{STEP}]",
        "ldrd r4, r5, [sp, #32]",
        "ldr r6, [sp, #40]",
        "subs r6, r6, #{POSITIONS_OF_BLOCK}",
        "ble 7f",
        "str r6, [sp, #40]",
        "cmp r6, #{POSITIONS_OF_BLOCK}",
        "it gt",
        "movgt r6, #{POSITIONS_OF_BLOCK}",
        "mla r4, r6, r3, r4",
        "mla r5, r6, r2, r5",
        "strd r4, r5, [sp, #32]",
        "b 4b",
        "7:",
        "add sp, sp, #48",
        "pop {{r4-r11, pc}}",
        X = const offset_of!(Job, x),
        PARAMETERS = const offset_of!(Job, parameters),
        POSITIONS = const offset_of!(Job, positions),
        ROWS = const offset_of!(Job, rows),
        GAPS = const offset_of!(Job, gaps),
        CHANNELS = const offset_of!(Job, channels),
        STEP = const offset_of!(Job, step),
        FLIPPED = const offset_of!(Job, flipped),
        MULTIPLIERS = const size_of::<[i32; CHUNK]>(),
        CONSTANTS = const size_of::<[[i32; CHUNK]; 2]>(),
        SHIFTS = const size_of::<[[i32; CHUNK]; 3]>(),
        POSITIONS_OF_BLOCK = const POSITIONS,
    )
}

// The assembly loads these together, the first of all from the job itself.
const _: () = {
    assert!(offset_of!(Job, weights) == 0);
    assert!(offset_of!(Job, y) == offset_of!(Job, x).wrapping_add(4));
    assert!(offset_of!(Job, count) == offset_of!(Job, parameters).wrapping_add(4));
    assert!(offset_of!(Job, step) == offset_of!(Job, channels).wrapping_add(4));
};
