//! Depthwise convolutions on cores with Helium (MVE): eight channels side by side.
//!
//! Eight weights of a tap and eight values are widened to 16 bits as they are loaded, and their products
//! are those of the even and of the odd channels, four each.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Spatial;

use super::mve;
use crate::arch::job::{CHUNK, Job};

pub(crate) use mve::NAME;

/// Channels of a group.
pub(crate) const GROUP: usize = 8;

/// Whether rows of taps have no holes.
pub(crate) fn takes(spatial: &Spatial, _bytes: &[u8]) -> bool {
    spatial.width.dilation == 1
}

/// Products of eight weights at `$w` and the values that `$load` brings from `$x`, and steps to the next.
macro_rules! tap {
    ($load:literal, $w:literal, $x:literal) => {
        concat!(
            "vldrb.s16 q2, [",
            $w,
            "]\n",
            $load,
            " q3, [",
            $x,
            "]\n",
            "vmullb.s16 q4, q2, q3\n",
            "add ",
            $w,
            ", ",
            $w,
            ", r12\n",
            "vmullt.s16 q5, q2, q3\n",
            "add ",
            $x,
            ", ",
            $x,
            ", r12\n",
            "vadd.i32 q0, q0, q4\n",
            "vadd.i32 q1, q1, q5\n",
        )
    };
}

/// All rows of taps, whose values are loaded by `$load`.
macro_rules! rows {
    ($load:literal) => {
        concat!(
            "cmp r2, #3\n",
            "beq 5f\n",
            "3:\n",
            "mov r6, r0\n",
            "mov r7, r1\n",
            "dls lr, r2\n",
            "4:\n",
            tap!($load, "r6", "r7"),
            "le lr, 4b\n",
            "add r0, r0, r4\n",
            "add r1, r1, r5\n",
            "subs r3, r3, #1\n",
            "bne 3b\n",
            "b 7f\n",
            // Rows of three taps, as most are, without a loop.
            "5:\n",
            tap!($load, "r0", "r1"),
            tap!($load, "r0", "r1"),
            tap!($load, "r0", "r1"),
            "add r0, r0, r6\n",
            "add r1, r1, r7\n",
            "subs r3, r3, #1\n",
            "bne 5b\n",
        )
    };
}

/// Computes a job of whole groups.
///
/// # Safety
/// The job is as [`Job`] says, [`takes`] holds.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | weights and values of the row at hand; addresses of parameters, the zero point |
/// | r2 | taps of a row |
/// | r3 | rows left |
/// | r4, r5 | bytes from a row of weights and of values to the next |
/// | r6, r7 | next weights, next values; with three taps a row, bytes from its end to the next |
/// | r8, r9 | values at the next position, its output |
/// | r10 | the job |
/// | r11 | the group's parameters |
/// | r12, lr | bytes of a place, taps left of the row |
/// | q0, q1 | sums, then outputs, of the even and of the odd channels |
/// | q2, q3 | weights and values; multipliers |
/// | q4, q5 | products |
/// | q6, q7 | shifts, negative |
///
/// On the stack lie positions left, channels left, and the group's weights.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn run(job: &Job) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "sub sp, sp, #12",
        "vpush {{d8-d15}}",
        "mov r10, r0",
        "ldm r10, {{r0, r8, r9, r11}}",
        "ldrd r4, r5, [r10, #{GAPS}]",
        "ldr r12, [r10, #{CHANNELS}]",
        "sub r6, r4, r12",
        "sub r6, r6, r12, lsl #1",
        "sub r7, r5, r12",
        "sub r7, r7, r12, lsl #1",
        "ldr r3, [r10, #{COUNT}]",
        "1:",
        "ldr r1, [r10, #{POSITIONS}]",
        "str r1, [sp, #64]",
        "strd r3, r0, [sp, #68]",
        "add r1, r11, #{SHIFTS}",
        "vld20.32 {{q6, q7}}, [r1]",
        "vld21.32 {{q6, q7}}, [r1]",
        "vneg.s32 q6, q6",
        "vneg.s32 q7, q7",
        "2:",
        "vld20.32 {{q0, q1}}, [r11]",
        "vld21.32 {{q0, q1}}, [r11]",
        "ldrd r3, r2, [r10, #{ROWS}]",
        "ldr r1, [r10, #{FLIPPED}]",
        "cmp r1, #0",
        "mov r1, r8",
        "bne 6f",
        rows!("vldrb.s16"),
        "b 7f",
        "6:",
        rows!("vldrb.u16"),
        "7:",
        // The high word of the product; it is rounded as it is shifted, and the zero point is a whole
        // number to add before or after.
        "add r0, r11, #{MULTIPLIERS}",
        "vld20.32 {{q2, q3}}, [r0]",
        "vld21.32 {{q2, q3}}, [r0]",
        "vmulh.s32 q0, q0, q2",
        "vmulh.s32 q1, q1, q3",
        "ldr r1, [r10, #{ZERO_POINT}]",
        "vrshl.s32 q0, q0, q6",
        "vrshl.s32 q1, q1, q7",
        "vadd.i32 q0, q0, r1",
        "vadd.i32 q1, q1, r1",
        // To 16 bits, the odd channels between the even ones, and to 8 in the low half of each.
        "vqmovnb.s32 q0, q0",
        "vqmovnt.s32 q0, q1",
        "vqmovnb.s16 q0, q0",
        "mov r0, r9",
        "vstrb.16 q0, [r0]",
        "add r9, r9, r12",
        "ldr r1, [r10, #{STEP}]",
        "add r8, r8, r1",
        "ldrd r1, r3, [sp, #64]",
        "ldr r0, [sp, #72]",
        "subs r1, r1, #1",
        "str r1, [sp, #64]",
        "bne 2b",
        // The next group begins eight channels behind this one.
        "ldm r10, {{r1, r8, r9}}",
        "add r0, r0, #8",
        "sub r1, r0, r1",
        "add r8, r8, r1",
        "add r9, r9, r1",
        "add r11, r11, #32",
        "subs r3, r3, #8",
        "bne 1b",
        "vpop {{d8-d15}}",
        "add sp, sp, #12",
        "pop {{r4-r11, pc}}",
        COUNT = const offset_of!(Job, count),
        POSITIONS = const offset_of!(Job, positions),
        ROWS = const offset_of!(Job, rows),
        GAPS = const offset_of!(Job, gaps),
        CHANNELS = const offset_of!(Job, channels),
        STEP = const offset_of!(Job, step),
        FLIPPED = const offset_of!(Job, flipped),
        ZERO_POINT = const offset_of!(Job, zero_point),
        MULTIPLIERS = const size_of::<[i32; CHUNK]>(),
        SHIFTS = const size_of::<[[i32; CHUNK]; 3]>(),
    )
}

// The assembly loads these together.
const _: () = {
    let first = [
        offset_of!(Job, weights),
        offset_of!(Job, x),
        offset_of!(Job, y),
        offset_of!(Job, parameters),
    ];
    assert!(matches!(first, [0, 4, 8, 12]));
    assert!(offset_of!(Job, columns) == offset_of!(Job, rows).wrapping_add(4));
};
