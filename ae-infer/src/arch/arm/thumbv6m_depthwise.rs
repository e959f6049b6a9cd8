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
            "ldr r7, [sp, #24]\n",
            "ldr r6, [r7, #{GAPS}]\n",
            "adds r0, r0, r6\n",
            "ldr r6, [r7, #{GAPS} + 4]\n",
            "adds r1, r1, r6\n",
            "ldr r5, [sp, #28]\n",
            "rsbs r5, r5, #0\n",
            "mov r6, lr\n",
            "subs r6, #1\n",
            "mov lr, r6\n",
            "bne 3b\n",
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
/// | r0, r1 | behind a row's weights, its values | halves of the sum and of the multiplier, high |
/// | r2, r3 | the same, one byte on | the same, low |
/// | r4, r5 | places before them of the third channel, the first | the next multiplier; products |
/// | r6, r7 | a weight, a value | the next output, the next sum |
/// | r8–r11 | sums | r8: behind the sums |
/// | r12 | bytes of a place | bytes of a place |
/// | lr | rows left | |
///
/// On the stack lie the group's weights, its values at the next position, its next output, its parameters;
/// channels and positions left; the job, bytes of a row of taps; sums.
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
        "str r1, [sp, #28]",
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
        "ldr r7, [sp, #24]",
        "ldr r6, [r7, #{ROWS}]",
        "mov lr, r6",
        "ldr r0, [sp]",
        "ldr r1, [sp, #4]",
        "ldr r5, [sp, #28]",
        "adds r0, r0, r5",
        "adds r1, r1, r5",
        "rsbs r5, r5, #0",
        "ldr r6, [r7, #{FLIPPED}]",
        "cmp r6, #0",
        "bne 5f",
        rows!("ldrsb"),
        "b 6f",
        "5:",
        rows!("ldrb"),
        "6:",
        "mov r4, r8",
        "mov r5, r9",
        "mov r6, r10",
        "mov r7, r11",
        "add r0, sp, #32",
        "stm r0!, {{r4-r7}}",
        "mov r8, r0",
        "add r7, sp, #32",
        "ldr r6, [sp, #8]",
        "ldr r4, [sp, #12]",
        "adds r4, r4, #{MULTIPLIERS}",
        "7:",
        // The high word of the product, by those of halves; see `Requant::apply_in_halves`.
        "ldm r7!, {{r0}}",
        "ldm r4!, {{r1}}",
        "uxth r2, r0",
        "asrs r0, r0, #16",
        "uxth r3, r1",
        "lsrs r1, r1, #16",
        "mov r5, r2",
        "muls r5, r3, r5",
        "lsrs r5, r5, #16",
        "muls r3, r0, r3",
        "adds r3, r3, r5",
        "muls r2, r1, r2",
        "uxth r5, r3",
        "adds r2, r2, r5",
        "muls r0, r1, r0",
        "asrs r3, r3, #16",
        "adds r0, r0, r3",
        "lsrs r2, r2, #16",
        "adds r0, r0, r2",
        // The constant and the shift of the channel, whose multiplier lies four bytes back.
        "ldr r1, [r4, #{CONSTANT}]",
        "adds r0, r0, r1",
        "ldr r1, [r4, #{SHIFT}]",
        "asrs r0, r1",
        "sxtb r1, r0",
        "cmp r1, r0",
        "beq 8f",
        // 127, or −128 for what is negative.
        "asrs r0, r0, #31",
        "movs r1, #127",
        "eors r1, r0",
        "8:",
        "strb r1, [r6]",
        "adds r6, #1",
        "cmp r7, r8",
        "bne 7b",
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
        CONSTANT = const size_of::<[i32; CHUNK]>().wrapping_sub(4),
        SHIFT = const size_of::<[[i32; CHUNK]; 2]>().wrapping_sub(4),
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
