//! Depthwise convolutions on cores with Helium (MVE): eight channels of two positions.
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

/// Products of eight weights with the values that `$load` brings of both positions, and steps to the next.
macro_rules! tap {
    ($load:literal) => {
        concat!(
            "vldrb.s16 q4, [r0]\n",
            $load,
            " q5, [r1]\n",
            "add r0, r0, r12\n",
            "vmullb.s16 q6, q4, q5\n",
            "add r1, r1, r12\n",
            "vmullt.s16 q7, q4, q5\n",
            "vadd.i32 q0, q0, q6\n",
            $load,
            " q5, [r6]\n",
            "vadd.i32 q1, q1, q7\n",
            "add r6, r6, r12\n",
            "vmullb.s16 q6, q4, q5\n",
            "vmullt.s16 q7, q4, q5\n",
            "vadd.i32 q2, q2, q6\n",
            "vadd.i32 q3, q3, q7\n",
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
            "dls lr, r2\n",
            "4:\n",
            tap!($load),
            "le lr, 4b\n",
            "add r0, r0, r4\n",
            "add r1, r1, r5\n",
            "add r6, r6, r5\n",
            "subs r3, r3, #1\n",
            "bne 3b\n",
            "b 7f\n",
            // Rows of three taps, as most are, without a loop.
            "5:\n",
            tap!($load),
            tap!($load),
            tap!($load),
            "add r0, r0, r4\n",
            "add r1, r1, r5\n",
            "add r6, r6, r5\n",
            "subs r3, r3, #1\n",
            "bne 5b\n",
        )
    };
}

/// Outputs of a position in the low halves of the lanes of `$even`, from the high words of products there
/// and in `$odd`, the zero point in r1, and shifts in q4 and q5: rounded as they are shifted, then to
/// 16 bits, the odd channels between the even ones, and to 8.
macro_rules! narrow {
    ($even:literal, $odd:literal) => {
        concat!(
            "vrshl.s32 ",
            $even,
            ", ",
            $even,
            ", q4\n",
            "vrshl.s32 ",
            $odd,
            ", ",
            $odd,
            ", q5\n",
            "vqmovnb.s32 ",
            $even,
            ", ",
            $even,
            "\n",
            "vqmovnt.s32 ",
            $even,
            ", ",
            $odd,
            "\n",
            "vqadd.s16 ",
            $even,
            ", ",
            $even,
            ", r1\n",
            "vqmovnb.s16 ",
            $even,
            ", ",
            $even,
            "\n",
        )
    };
}

/// Computes a job of whole groups, two positions at a time. A last one is computed together with the one
/// before it again, and an only one twice.
///
/// # Safety
/// The job is as [`Job`] says, [`takes`] holds.
///
/// | register | what |
/// | --- | --- |
/// | r0 | next weights; addresses of parameters |
/// | r1, r6 | next values of both positions; the zero point |
/// | r2 | taps of a row |
/// | r3 | rows left; places of outputs |
/// | r4, r5 | bytes from the end of a row of weights and of values to the next |
/// | r7 | positions left |
/// | r8, r9 | values at the next position, its output |
/// | r10 | the job |
/// | r11 | the group's parameters |
/// | r12, lr | bytes of a place, taps left of the row |
/// | q0, q1 | sums, then outputs, of the even and of the odd channels |
/// | q2, q3 | the same of the second position |
/// | q4, q5 | weights and values; multipliers; shifts, negative |
/// | q6, q7 | products |
///
/// On the stack lie channels left, the group's weights, and bytes from a position to the next one.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn run(job: &Job) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "vpush {{d8-d15}}",
        "sub sp, sp, #12",
        "mov r10, r0",
        "ldm r10, {{r0, r8, r9, r11}}",
        "ldrd r4, r5, [r10, #{GAPS}]",
        "ldr r12, [r10, #{CHANNELS}]",
        "ldrd r3, r2, [r10, #{ROWS}]",
        "mls r4, r2, r12, r4",
        "mls r5, r2, r12, r5",
        "ldr r1, [r10, #{POSITIONS}]",
        "ldr r7, [r10, #{STEP}]",
        "cmp r1, #1",
        "it eq",
        "moveq r7, #0",
        "str r7, [sp, #8]",
        "ldr r3, [r10, #{COUNT}]",
        "1:",
        "strd r3, r0, [sp]",
        "ldr r7, [r10, #{POSITIONS}]",
        "2:",
        "ldrd r0, r6, [sp, #4]",
        "vld20.32 {{q0, q1}}, [r11]",
        "vld21.32 {{q0, q1}}, [r11]",
        "add r6, r6, r8",
        "vmov q2, q0",
        "vmov q3, q1",
        "ldr r3, [r10, #{ROWS}]",
        "ldr r1, [r10, #{FLIPPED}]",
        "cmp r1, #0",
        "mov r1, r8",
        "bne 6f",
        rows!("vldrb.s16"),
        "b 7f",
        "6:",
        rows!("vldrb.u16"),
        "7:",
        "add r0, r11, #{MULTIPLIERS}",
        "vld20.32 {{q4, q5}}, [r0]",
        "vld21.32 {{q4, q5}}, [r0]",
        "vmulh.s32 q0, q0, q4",
        "vmulh.s32 q1, q1, q5",
        "vmulh.s32 q2, q2, q4",
        "vmulh.s32 q3, q3, q5",
        "add r0, r11, #{SHIFTS}",
        "vld20.32 {{q4, q5}}, [r0]",
        "vld21.32 {{q4, q5}}, [r0]",
        "vneg.s32 q4, q4",
        "vneg.s32 q5, q5",
        "ldr r1, [r10, #{ZERO_POINT}]",
        narrow!("q0", "q1"),
        narrow!("q2", "q3"),
        "mov r3, r9",
        "vstrb.16 q0, [r3]",
        "subs r7, r7, #2",
        // Without a second position both outputs are those of the first.
        "it ge",
        "addge r3, r3, r12",
        "vstrb.16 q2, [r3]",
        "ble 8f",
        // To the next two, or by one if that is the last.
        "ldr r1, [r10, #{STEP}]",
        "add r8, r8, r1",
        "add r9, r9, r12",
        "cmp r7, #1",
        "itee eq",
        "moveq r7, #2",
        "addne r8, r8, r1",
        "addne r9, r9, r12",
        "b 2b",
        "8:",
        // The next group begins eight channels behind this one.
        "ldm r10, {{r1, r8, r9}}",
        "ldrd r3, r0, [sp]",
        "add r0, r0, #8",
        "sub r1, r0, r1",
        "add r8, r8, r1",
        "add r9, r9, r1",
        "add r11, r11, #32",
        "subs r3, r3, #8",
        "bne 1b",
        "add sp, sp, #12",
        "vpop {{d8-d15}}",
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
