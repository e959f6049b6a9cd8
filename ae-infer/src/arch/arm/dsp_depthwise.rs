//! Depthwise convolutions on Arm cores with DSP instructions: four channels side by side.
//!
//! A word holds the weights of a tap for four channels, another word their values. `SXTB16` takes two
//! of either, so a tap takes ten instructions for four products.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Spatial;

use super::dsp;
use crate::arch::job::{CHUNK, Job};

pub(crate) use dsp::NAME;

/// Channels of a group.
pub(crate) const GROUP: usize = 4;

/// Whether the channels come in whole groups, on boundaries of 4 bytes, and rows of taps have no holes.
pub(crate) fn takes(spatial: &Spatial, bytes: &[u8]) -> bool {
    usize::from(spatial.channels_in).is_multiple_of(GROUP)
        && spatial.width.dilation == 1
        && bytes.as_ptr().addr().is_multiple_of(4)
}

/// Products of the weights and values that lie so far behind r0 and r1, of which `$extend` takes two.
macro_rules! tap {
    ($extend:literal, $offset:literal) => {
        concat!(
            "ldr r8, [r0, ",
            $offset,
            "]\n",
            "ldr r9, [r1, ",
            $offset,
            "]\n",
            "sxtb16 r10, r8\n",
            $extend,
            " r11, r9\n",
            "sxtb16 r8, r8, ror #8\n",
            $extend,
            " r9, r9, ror #8\n",
            "smlabb r4, r10, r11, r4\n",
            "smlatt r6, r10, r11, r6\n",
            "smlabb r5, r8, r9, r5\n",
            "smlatt r7, r8, r9, r7\n",
        )
    };
}

/// All rows of taps, in a loop at `$label`.
macro_rules! rows {
    ($extend:literal) => {
        concat!(
            "cmp lr, #3\n",
            "beq 4f\n",
            "3:\n",
            tap!($extend, "#0"),
            "add r0, r0, r12\n",
            "add r1, r1, r12\n",
            "subs lr, lr, #1\n",
            "bne 3b\n",
            // To the beginning of the next row.
            "ldr lr, [r2, #{COLUMNS}]\n",
            "ldrd r8, r9, [r2, #{GAPS}]\n",
            "mls r0, lr, r12, r0\n",
            "mls r1, lr, r12, r1\n",
            "add r0, r0, r8\n",
            "add r1, r1, r9\n",
            "subs r3, r3, #1\n",
            "bne 3b\n",
            "b 6f\n",
            // Rows of three taps, as most are, without a loop.
            "4:\n",
            tap!($extend, "#0"),
            tap!($extend, "r12"),
            tap!($extend, "r12, lsl #1"),
            "ldrd r8, r9, [r2, #{GAPS}]\n",
            "add r0, r0, r8\n",
            "add r1, r1, r9\n",
            "subs r3, r3, #1\n",
            "bne 4b\n",
        )
    };
}

/// Computes a job of whole groups.
///
/// # Safety
/// The job is as [`Job`] says, [`takes`] holds of `x` and of `weights`.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r1 | next weights, next values | parameters; constants |
/// | r2 | the job | the job |
/// | r3 | rows left | constants |
/// | r4–r7 | sums | outputs |
/// | r8, r10 | weights of channels 1 and 3, 0 and 2 | r8–r11: multipliers, then shifts |
/// | r9, r11 | values of channels 1 and 3, 0 and 2 | |
/// | r12 | bytes of a place | constants |
/// | lr | taps left of the row | constants |
///
/// On the stack lie the group's weights, its values at the next position, its next output, its parameters,
/// and channels and positions left.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn run(job: &Job) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "sub sp, sp, #28",
        "mov r2, r0",
        "ldm r2, {{r4-r8}}",
        "1:",
        "ldr r9, [r2, #{POSITIONS}]",
        "stm sp, {{r4-r9}}",
        "2:",
        "ldm r7, {{r4-r7}}",
        "ldrd r3, lr, [r2, #{ROWS}]",
        "ldrd r0, r1, [sp]",
        "ldr r12, [r2, #{CHANNELS}]",
        "ldr r8, [r2, #{FLIPPED}]",
        "cmp r8, #0",
        "bne.w 5f",
        rows!("sxtb16"),
        "b 6f",
        "5:",
        rows!("uxtb16"),
        "6:",
        "ldr r0, [sp, #12]",
        "ldrd r8, r9, [r0, #{MULTIPLIERS}]",
        "ldrd r10, r11, [r0, #{MULTIPLIERS} + 8]",
        "ldrd r1, r3, [r0, #{CONSTANTS}]",
        "ldrd r12, lr, [r0, #{CONSTANTS} + 8]",
        // ((sum · multiplier >> 32) + constant) >> shift, saturated.
        "smmla r4, r4, r8, r1",
        "smmla r5, r5, r9, r3",
        "smmla r6, r6, r10, r12",
        "smmla r7, r7, r11, lr",
        "ldrd r8, r9, [r0, #{SHIFTS}]",
        "ldrd r10, r11, [r0, #{SHIFTS} + 8]",
        "asr r4, r4, r8",
        "asr r5, r5, r9",
        "asr r6, r6, r10",
        "asr r7, r7, r11",
        "ssat r4, #8, r4",
        "ssat r5, #8, r5",
        "ssat r6, #8, r6",
        "ssat r7, #8, r7",
        "ldrd r1, r3, [sp, #4]",
        "strb r4, [r3]",
        "strb r5, [r3, #1]",
        "strb r6, [r3, #2]",
        "strb r7, [r3, #3]",
        "mov r7, r0",
        "ldrd r8, r9, [r2, #{CHANNELS}]",
        "add r1, r1, r9",
        "add r3, r3, r8",
        "strd r1, r3, [sp, #4]",
        "ldr r0, [sp, #20]",
        "subs r0, r0, #1",
        "str r0, [sp, #20]",
        "bne.w 2b",
        // The next group begins four channels behind this one.
        "ldm r2, {{r0, r5, r6}}",
        "ldr r4, [sp]",
        "ldr r8, [sp, #16]",
        "add r4, r4, #4",
        "sub r0, r4, r0",
        "add r5, r5, r0",
        "add r6, r6, r0",
        "add r7, r7, #16",
        "subs r8, r8, #4",
        "bne.w 1b",
        "add sp, sp, #28",
        "pop {{r4-r11, pc}}",
        POSITIONS = const offset_of!(Job, positions),
        ROWS = const offset_of!(Job, rows),
        COLUMNS = const offset_of!(Job, columns),
        GAPS = const offset_of!(Job, gaps),
        CHANNELS = const offset_of!(Job, channels),
        FLIPPED = const offset_of!(Job, flipped),
        MULTIPLIERS = const size_of::<[i32; CHUNK]>(),
        CONSTANTS = const size_of::<[[i32; CHUNK]; 2]>(),
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
        offset_of!(Job, count),
    ];
    assert!(matches!(first, [0, 4, 8, 12, 16]));
    assert!(offset_of!(Job, columns) == offset_of!(Job, rows).wrapping_add(4));
    assert!(offset_of!(Job, step) == offset_of!(Job, channels).wrapping_add(4));
};
