//! Depthwise convolutions on Arm cores with DSP instructions: four channels side by side.
//!
//! A word holds the weights of a tap for four channels, another word their values. `SXTB16` takes two
//! of either, so a tap takes eleven instructions for four products.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Spatial};

use super::depthwise::{self, Job};
use super::dsp;
use crate::arch::Input;

pub(crate) use dsp::NAME;

/// Channels of a group.
const GROUP: usize = 4;

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
    depthwise::depthwise(layer, spatial, x, y, GROUP, |job| {
        // SAFETY: the caller's job holds what the function asks for.
        unsafe { run(job) };
    })
}

/// Products of four channels' weights in r8 and values in r9.
macro_rules! products {
    () => {
        concat!(
            "eor r9, r9, lr\n",
            "sxtb16 r10, r8\n",
            "sxtb16 r11, r9\n",
            "sxtb16 r8, r8, ror #8\n",
            "sxtb16 r9, r9, ror #8\n",
            "smlabb r4, r10, r11, r4\n",
            "smlatt r6, r10, r11, r6\n",
            "smlabb r5, r8, r9, r5\n",
            "smlatt r7, r8, r9, r7\n",
        )
    };
}

/// A tap that lies so many bytes behind r0 and r1.
macro_rules! tap {
    ($offset:literal) => {
        concat!("ldr r8, [r0, ", $offset, "]\n", "ldr r9, [r1, ", $offset, "]\n", products!())
    };
}

/// Computes `job.groups` groups of channels.
///
/// # Safety
/// `weights` and `x` are aligned to 4 bytes, `span` is a multiple of `channels` and not 0, there is at
/// least one row, all that the taps reach is there for all groups, and `table` is null or the middle of
/// 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r1 | behind a row's weights, its values; with three taps a row, their beginning | a shift − 1, its constant |
/// | r2 | the job | the job |
/// | r3 | bytes to the end of the row, negative; with three taps a row, rows left | |
/// | r4–r7 | sums | outputs |
/// | r8, r10 | weights of channels 1 and 3, 0 and 2 | r8–r11: multipliers |
/// | r9, r11 | values of channels 1 and 3, 0 and 2 | |
/// | r12 | bytes of a tap | shifts − 1 |
/// | lr | `flipped` | rounding |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "mov r2, r0",
        "1:",
        "ldr r3, [r2, #{SUMS}]",
        "ldmia r3!, {{r4-r7}}",
        "str r3, [r2, #{SUMS}]",
        "ldr r3, [r2, #{SPAN}]",
        "ldrd r0, r1, [r2, #{WEIGHTS}]",
        "add r8, r0, #4",
        "add r9, r1, #4",
        "strd r8, r9, [r2, #{WEIGHTS}]",
        "add r0, r0, r3",
        "add r1, r1, r3",
        "ldrd r12, lr, [r2, #{CHANNELS}]",
        "add r8, r12, r12, lsl #1",
        "cmp r3, r8",
        "beq 5f",
        "ldr r8, [r2, #{ROWS}]",
        "2:",
        "push {{r8}}",
        "ldr r3, [r2, #{SPAN}]",
        "rsb r3, r3, #0",
        "3:",
        tap!("r3"),
        "adds r3, r3, r12",
        "bne 3b",
        "ldrd r8, r9, [r2, #{GAPS}]",
        "add r0, r0, r8",
        "add r1, r1, r9",
        "pop {{r8}}",
        "subs r8, r8, #1",
        "bne 2b",
        "b 7f",
        // Rows of three taps, as most are, without a loop.
        "5:",
        "sub r0, r0, r3",
        "sub r1, r1, r3",
        "ldr r3, [r2, #{ROWS}]",
        "6:",
        tap!("r12, lsl #1"),
        tap!("r12"),
        "ldr r8, [r0]",
        "ldr r9, [r1]",
        products!(),
        "ldrd r8, r9, [r2, #{GAPS}]",
        "add r0, r0, r8",
        "add r1, r1, r9",
        "subs r3, r3, #1",
        "bne 6b",
        "7:",
        "ldr r0, [r2, #{MULTIPLIERS}]",
        "ldmia r0!, {{r8-r11}}",
        "str r0, [r2, #{MULTIPLIERS}]",
        "ldr r1, [r2, #{SHIFTS}]",
        "ldr r12, [r1], #4",
        "str r1, [r2, #{SHIFTS}]",
        "sub r12, r12, #0x01010101",
        "ldr lr, [r2, #{ROUNDING}]",
        // (sum · multiplier >> 32) + constant, shifted by shift − 1, then by 1, and saturated.
        "uxtb r0, r12",
        "lsl r1, lr, r0",
        "smmla r4, r4, r8, r1",
        "asr r4, r4, r0",
        "ssat r4, #8, r4, asr #1",
        "uxtb r0, r12, ror #8",
        "lsl r1, lr, r0",
        "smmla r5, r5, r9, r1",
        "asr r5, r5, r0",
        "ssat r5, #8, r5, asr #1",
        "uxtb r0, r12, ror #16",
        "lsl r1, lr, r0",
        "smmla r6, r6, r10, r1",
        "asr r6, r6, r0",
        "ssat r6, #8, r6, asr #1",
        "uxtb r0, r12, ror #24",
        "lsl r1, lr, r0",
        "smmla r7, r7, r11, r1",
        "asr r7, r7, r0",
        "ssat r7, #8, r7, asr #1",
        "ldr r0, [r2, #{TABLE}]",
        "cbz r0, 4f",
        "ldrb r4, [r0, r4]",
        "ldrb r5, [r0, r5]",
        "ldrb r6, [r0, r6]",
        "ldrb r7, [r0, r7]",
        "4:",
        "ldr r0, [r2, #{OUT}]",
        "strb r4, [r0], #1",
        "strb r5, [r0], #1",
        "strb r6, [r0], #1",
        "strb r7, [r0], #1",
        "str r0, [r2, #{OUT}]",
        "ldr r0, [r2, #{GROUPS}]",
        "subs r0, r0, #1",
        "str r0, [r2, #{GROUPS}]",
        "bne.w 1b",
        "pop {{r4-r11, pc}}",
        SUMS = const core::mem::offset_of!(Job, sums),
        WEIGHTS = const core::mem::offset_of!(Job, weights),
        SPAN = const core::mem::offset_of!(Job, span),
        ROWS = const core::mem::offset_of!(Job, rows),
        GAPS = const core::mem::offset_of!(Job, gaps),
        CHANNELS = const core::mem::offset_of!(Job, channels),
        MULTIPLIERS = const core::mem::offset_of!(Job, multipliers),
        SHIFTS = const core::mem::offset_of!(Job, shifts),
        ROUNDING = const core::mem::offset_of!(Job, rounding),
        TABLE = const core::mem::offset_of!(Job, table),
        OUT = const core::mem::offset_of!(Job, out),
        GROUPS = const core::mem::offset_of!(Job, groups),
    )
}

// The assembly loads them together.
const _: () = assert!(
    core::mem::offset_of!(Job, x) == core::mem::offset_of!(Job, weights).wrapping_add(4)
        && core::mem::offset_of!(Job, flipped)
            == core::mem::offset_of!(Job, channels).wrapping_add(4)
);
