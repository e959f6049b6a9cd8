//! Depthwise convolutions on cores with Helium (MVE): eight channels side by side.
//!
//! Eight weights of a tap and eight values are widened to 16 bits as they are loaded, and their products
//! are those of the even and of the odd channels, four each.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Spatial};

use super::depthwise::{self, Job};
use super::mve;
use crate::arch::Input;

pub(crate) use mve::NAME;

/// Channels of a group.
const GROUP: usize = 8;

pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>, spatial: &Spatial) -> bool {
    depthwise::takes(layer, spatial, GROUP)
}

/// See [`depthwise::depthwise`].
#[inline(never)]
pub(crate) fn depthwise(
    layer: &Layer<'_, Int8<'_>>,
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
) -> bool {
    let is_done = depthwise::depthwise(layer, spatial, x, y, GROUP, |job| {
        // SAFETY: the caller's job holds what the function asks for.
        unsafe { run(job) };
    });
    if let Some(table) = layer.arithmetic().tables().first().filter(|_| is_done) {
        // SAFETY: the table has 256 bytes, one for each index, and `y` as many as told.
        unsafe { mve::look_up(table.as_ptr(), y.as_mut_ptr(), y.len()) };
    }
    is_done
}

/// Computes `job.groups` groups of channels, up to their table.
///
/// # Safety
/// All that the job's pointers reach is there for all groups.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | weights and values of the row at hand |
/// | r2 | the job |
/// | r3 | rows left; addresses |
/// | r4, r5 | bytes from a row of weights and of values to the next |
/// | r6, r7 | next weights, next values |
/// | r12, lr | bytes of a tap, taps left |
/// | q0, q1 | sums, then outputs, of the even and of the odd channels |
/// | q2, q3 | weights and values; multipliers |
/// | q4, q5 | products; shifts |
/// | q6 | the bits to flip in each half word; shifts |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r7, lr}}",
        "vpush {{d8-d13}}",
        "mov r2, r0",
        "ldrd r4, r5, [r2, #{GAPS}]",
        "ldr r12, [r2, #{CHANNELS}]",
        "1:",
        "ldr r3, [r2, #{SUMS}]",
        "vld20.32 {{q0, q1}}, [r3]",
        "vld21.32 {{q0, q1}}, [r3]!",
        "str r3, [r2, #{SUMS}]",
        "ldrb r3, [r2, #{FLIPPED}]",
        "vdup.16 q6, r3",
        "ldrd r0, r1, [r2, #{WEIGHTS}]",
        "add r6, r0, #8",
        "add r7, r1, #8",
        "strd r6, r7, [r2, #{WEIGHTS}]",
        "ldr r3, [r2, #{ROWS}]",
        "2:",
        "mov r6, r0",
        "mov r7, r1",
        "ldr lr, [r2, #{COLUMNS}]",
        "dls lr, lr",
        "3:",
        "vldrb.s16 q2, [r6]",
        "vldrb.u16 q3, [r7]",
        "veor q3, q3, q6",
        "vmovlb.s8 q3, q3",
        "vmullb.s16 q4, q2, q3",
        "vmullt.s16 q5, q2, q3",
        "vadd.i32 q0, q0, q4",
        "vadd.i32 q1, q1, q5",
        "add r6, r6, r12",
        "add r7, r7, r12",
        "le lr, 3b",
        "add r0, r0, r4",
        "add r1, r1, r5",
        "subs r3, r3, #1",
        "bne 2b",
        // The high word of the product; it is rounded as it is shifted, and the zero point is a whole
        // number to add before or after.
        "ldr r3, [r2, #{MULTIPLIERS}]",
        "vld20.32 {{q2, q3}}, [r3]",
        "vld21.32 {{q2, q3}}, [r3]!",
        "str r3, [r2, #{MULTIPLIERS}]",
        "vmulh.s32 q0, q0, q2",
        "vmulh.s32 q1, q1, q3",
        "ldr r3, [r2, #{SHIFTS}]",
        "vldrb.u16 q4, [r3], #8",
        "str r3, [r2, #{SHIFTS}]",
        "vmovlb.u16 q5, q4",
        "vmovlt.u16 q6, q4",
        "vneg.s32 q5, q5",
        "vneg.s32 q6, q6",
        "vrshl.s32 q0, q0, q5",
        "vrshl.s32 q1, q1, q6",
        "ldr r3, [r2, #{ZERO_POINT}]",
        "vadd.i32 q0, q0, r3",
        "vadd.i32 q1, q1, r3",
        // To 16 bits, the odd channels between the even ones, and to 8 in the low half of each.
        "vqmovnb.s32 q0, q0",
        "vqmovnt.s32 q0, q1",
        "vqmovnb.s16 q0, q0",
        "ldr r3, [r2, #{OUT}]",
        "vstrb.16 q0, [r3], #8",
        "str r3, [r2, #{OUT}]",
        "ldr r3, [r2, #{GROUPS}]",
        "subs r3, r3, #1",
        "str r3, [r2, #{GROUPS}]",
        "bne 1b",
        "vpop {{d8-d13}}",
        "pop {{r4-r7, pc}}",
        SUMS = const core::mem::offset_of!(Job, sums),
        WEIGHTS = const core::mem::offset_of!(Job, weights),
        ROWS = const core::mem::offset_of!(Job, rows),
        COLUMNS = const core::mem::offset_of!(Job, columns),
        GAPS = const core::mem::offset_of!(Job, gaps),
        CHANNELS = const core::mem::offset_of!(Job, channels),
        FLIPPED = const core::mem::offset_of!(Job, flipped),
        MULTIPLIERS = const core::mem::offset_of!(Job, multipliers),
        SHIFTS = const core::mem::offset_of!(Job, shifts),
        ZERO_POINT = const core::mem::offset_of!(Job, zero_point),
        OUT = const core::mem::offset_of!(Job, out),
        GROUPS = const core::mem::offset_of!(Job, groups),
    )
}

// The assembly loads them together.
const _: () =
    assert!(core::mem::offset_of!(Job, x) == core::mem::offset_of!(Job, weights).wrapping_add(4));
