//! Depthwise convolutions on Cortex-M0 and M0+: four channels side by side.
//!
//! The compiler has eight registers that this core can compute with, and spills. Here the sums are in four
//! of the others, to which `add` alone can add, and the places of four weights and four values are two
//! indices from two pointers each: five instructions a product, of which four are of its own.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Spatial;

use super::thumbv6m;
use super::thumbv6m_requantise::{high_word, round};
use crate::arch::job::{CHUNK, Job};

pub(crate) use thumbv6m::NAME;

/// Channels of a group.
pub(crate) const GROUP: usize = 4;

/// Whether rows of taps have no holes.
pub(crate) fn takes(spatial: &Spatial, _bytes: &[u8]) -> bool {
    spatial.width.dilation == 1
}

/// All rows of taps, whose values are loaded by `$load`.
macro_rules! rows {
    ($load:literal) => {
        concat!(
            "3:\n",
            "adds r2, r0, #1\n",
            "adds r3, r1, #1\n",
            "adds r4, r5, #2\n",
            "4:\n",
            "ldrsb r6, [r0, r5]\n",
            $load,
            " r7, [r1, r5]\n",
            "muls r6, r7, r6\n",
            "add r8, r6\n",
            "ldrsb r6, [r2, r5]\n",
            $load,
            " r7, [r3, r5]\n",
            "muls r6, r7, r6\n",
            "add r9, r6\n",
            "ldrsb r6, [r0, r4]\n",
            $load,
            " r7, [r1, r4]\n",
            "muls r6, r7, r6\n",
            "add r10, r6\n",
            "ldrsb r6, [r2, r4]\n",
            $load,
            " r7, [r3, r4]\n",
            "muls r6, r7, r6\n",
            "add r11, r6\n",
            "add r4, r12\n",
            "add r5, r12\n",
            "cmp r5, #0\n",
            "bne 4b\n",
            "ldr r6, [sp, #32]\n",
            "adds r0, r0, r6\n",
            "ldr r6, [sp, #36]\n",
            "adds r1, r1, r6\n",
            "ldr r5, [sp, #28]\n",
            "cmp r1, lr\n",
            "bne 3b\n",
        )
    };
}

/// The output of the channel whose sum is in `$sum`: it is number `$at` of the group, and its parameters lie
/// `$place` bytes behind those of the first.
macro_rules! output {
    ($sum:literal, $at:literal, $place:literal) => {
        concat!(
            "mov r0, ",
            $sum,
            "\nldr r1, [r4, #",
            $place,
            "]\n",
            "uxth r3, r1\n",
            "lsrs r1, r1, #16\n",
            high_word!("r0", "r3", "r1", "r2", "r5"),
            "ldr r2, [r7, #",
            $place,
            "]\n",
            "ldr r3, [sp, #44]\n",
            round!("r1", "r0", "r2", "r3"),
            "strb r1, [r6, #",
            $at,
            "]\n",
        )
    };
}

/// Computes a job of whole groups.
///
/// # Safety
/// The job is as [`Job`] says, [`takes`] holds.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r1 | behind a row's weights, its values | the sum, the high half of the multiplier |
/// | r2, r3 | the same, one byte on | shift, zero point |
/// | r4, r5 | places before them of the third channel, the first | r4: multipliers |
/// | r6, r7 | a weight, a value | outputs, shifts |
/// | r8–r11 | sums | the same |
/// | r12 | bytes of a place | the same |
/// | lr | r1 behind the last row | |
///
/// | place on the stack | what |
/// | --- | --- |
/// | 0, 4, 8, 12 | the group's weights, its values at the next position, its next output, its parameters |
/// | 16, 20, 24 | channels and positions left, the job |
/// | 28 | minus the bytes of a row of taps |
/// | 32, 36, 40 | bytes from a row of weights to the next, from what they read to what the next do, and to that behind the last row |
/// | 44 | zero point |
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn run(job: &Job) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "push {{r4-r7}}",
        "sub sp, sp, #48",
        "mov r7, sp",
        "str r0, [sp, #24]",
        "ldr r1, [r0, #{COLUMNS}]",
        "ldr r2, [r0, #{CHANNELS}]",
        "mov r12, r2",
        "muls r1, r2, r1",
        "rsbs r1, r1, #0",
        "str r1, [sp, #28]",
        "ldr r1, [r0, #{GAPS}]",
        "str r1, [sp, #32]",
        "ldr r1, [r0, #{GAPS} + 4]",
        "str r1, [sp, #36]",
        "ldr r2, [r0, #{ROWS}]",
        "muls r1, r2, r1",
        "str r1, [sp, #40]",
        "ldr r1, [r0, #{ZERO_POINT}]",
        "str r1, [sp, #44]",
        "ldm r0!, {{r2-r6}}",
        "stm r7!, {{r2-r6}}",
        "1:",
        "ldr r7, [sp, #24]",
        "ldr r0, [r7, #{POSITIONS}]",
        "str r0, [sp, #20]",
        "2:",
        "ldr r0, [sp, #12]",
        "ldm r0!, {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "ldr r0, [sp]",
        "ldr r1, [sp, #4]",
        "ldr r5, [sp, #28]",
        "subs r0, r0, r5",
        "subs r1, r1, r5",
        "ldr r6, [sp, #40]",
        "adds r6, r1, r6",
        "mov lr, r6",
        "ldr r7, [sp, #24]",
        "ldr r6, [r7, #{FLIPPED}]",
        "cmp r6, #0",
        "bne 5f",
        rows!("ldrsb"),
        "b 6f",
        "5:",
        rows!("ldrb"),
        "6:",
        "ldr r6, [sp, #8]",
        "ldr r4, [sp, #12]",
        "adds r4, r4, #{MULTIPLIERS}",
        "mov r7, r4",
        "adds r7, r7, #{SHIFTS}",
        output!("r8", "0", "0"),
        output!("r9", "1", "4"),
        output!("r10", "2", "8"),
        output!("r11", "3", "12"),
        "ldr r7, [sp, #24]",
        "ldr r0, [sp, #4]",
        "ldr r1, [r7, #{STEP}]",
        "adds r0, r0, r1",
        "ldr r1, [sp, #8]",
        "add r1, r12",
        "str r0, [sp, #4]",
        "str r1, [sp, #8]",
        "ldr r0, [sp, #20]",
        "subs r0, #1",
        "str r0, [sp, #20]",
        "beq 9f",
        "b 2b",
        // The next group begins four channels behind this one.
        "9:",
        "ldm r7!, {{r0, r1, r2}}",
        "ldr r3, [sp]",
        "adds r3, #4",
        "str r3, [sp]",
        "subs r3, r3, r0",
        "adds r1, r1, r3",
        "str r1, [sp, #4]",
        "adds r2, r2, r3",
        "str r2, [sp, #8]",
        "ldr r0, [sp, #12]",
        "adds r0, #16",
        "str r0, [sp, #12]",
        "ldr r0, [sp, #16]",
        "subs r0, #4",
        "str r0, [sp, #16]",
        "beq 10f",
        "b 1b",
        "10:",
        "add sp, sp, #48",
        "pop {{r4-r7}}",
        "mov r8, r4",
        "mov r9, r5",
        "mov r10, r6",
        "mov r11, r7",
        "pop {{r4-r7, pc}}",
        POSITIONS = const offset_of!(Job, positions),
        ROWS = const offset_of!(Job, rows),
        COLUMNS = const offset_of!(Job, columns),
        GAPS = const offset_of!(Job, gaps),
        CHANNELS = const offset_of!(Job, channels),
        STEP = const offset_of!(Job, step),
        FLIPPED = const offset_of!(Job, flipped),
        MULTIPLIERS = const size_of::<[i32; CHUNK]>(),
        SHIFTS = const size_of::<[[i32; CHUNK]; 2]>(),
        ZERO_POINT = const offset_of!(Job, zero_point),
    )
}

// The assembly loads these together.
const _: () = {
    let first = [
        offset_of!(Job, weights),
        offset_of!(Job, x),
        offset_of!(Job, y),
        offset_of!(Job, parameters),
        offset_of!(Job, count),
    ];
    assert!(matches!(first, [0, 4, 8, 12, 16]));
};
