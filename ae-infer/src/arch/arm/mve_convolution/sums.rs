//! The sums of four outputs of two positions, of any number of values.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;
use core::mem::offset_of;

use super::POSITIONS;
use super::dense::{Dense, narrow};

/// What is computed; the assembly loads all fields at once.
#[repr(C)]
pub(super) struct Outputs {
    /// What both positions read.
    pub(super) x: [*const u8; POSITIONS],
    /// Where the outputs of both go.
    pub(super) out: [*mut u8; POSITIONS],
    /// How many there are, at least 1.
    pub(super) left: usize,
}

/// The sums of two rows at r1 and r3 for both positions.
macro_rules! two_rows {
    () => {
        concat!(
            "ldrd r5, r7, [r0]\n",
            "movs r2, #0\n",
            "movs r4, #0\n",
            "movs r6, #0\n",
            "mov r8, #0\n",
            "dlstp.8 lr, r9\n",
            "2:\n",
            "vldrb.u8 q0, [r1], #16\n",
            "vldrb.u8 q2, [r5], #16\n",
            "vmladava.s8 r2, q0, q2\n",
            "vldrb.u8 q3, [r7], #16\n",
            "vmladava.s8 r6, q0, q3\n",
            "vldrb.u8 q1, [r3], #16\n",
            "vmladava.s8 r4, q1, q2\n",
            "vmladava.s8 r8, q1, q3\n",
            "letp lr, 2b\n",
        )
    };
}

/// Computes outputs of two positions, from the first of the layer on. Rows that a last block does not have
/// are its first row.
///
/// # Safety
/// Every pointer reaches what its field names, for the outputs that `outputs` names and the layer's inputs,
/// of which there is at least one.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0 | the outputs | |
/// | r1, r3 | next weights of both rows | places for outputs of the first position, next biases |
/// | r2, r4 | sums of the first position | places for outputs of the second, next multipliers |
/// | r5, r7 | next values of both positions | r5: next shifts |
/// | r6, r8 | sums of the second position | |
/// | r9, r10 | inputs, outputs left | |
/// | r11 | the block's first row | the next block's |
/// | r12 | zero point | |
/// | q0–q3 | weights and values | |
/// | q4 | | biases, multipliers, shifts |
/// | q5, q6 | sums of the positions | outputs of the positions |
///
/// On the stack lie what r1 to r5 are in the requantisation.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn run(dense: &Dense, outputs: &Outputs) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "vpush {{d8-d13}}",
        "ldrd r11, r9, [r0]",
        "ldrd r4, r5, [r0, #{BIASES}]",
        "ldrd r6, r12, [r0, #{SHIFTS}]",
        "mov r0, r1",
        "ldrd r2, r3, [r1, #{OUT}]",
        "ldr r10, [r1, #{LEFT}]",
        "push {{r2-r6}}",
        "1:",
        "mov r1, r11",
        "add r3, r11, r9, lsl #1",
        "cmp r10, #2",
        "it le",
        "movle r3, r11",
        two_rows!(),
        "vmov q5[2], q5[0], r2, r4",
        "vmov q6[2], q6[0], r6, r8",
        "cmp r10, #1",
        "beq 3f",
        "add r1, r11, r9",
        "add r3, r1, r9, lsl #1",
        "cmp r10, #4",
        "it lt",
        "movlt r3, r11",
        two_rows!(),
        "vmov q5[3], q5[1], r2, r4",
        "vmov q6[3], q6[1], r6, r8",
        "add r11, r11, r9, lsl #2",
        "3:",
        "ldm sp, {{r1-r5}}",
        "vctp.32 r10",
        "vpsttt",
        "vldrbt.u8 q4, [r3], #16",
        "vldrbt.u8 q3, [r4], #16",
        "vldrbt.u32 q2, [r5], #4",
        "vadd.i32 q5, q5, q4",
        "vadd.i32 q6, q6, q4",
        "vneg.s32 q4, q2",
        "vmulh.s32 q5, q5, q3",
        "vmulh.s32 q6, q6, q3",
        narrow!(),
        "vshr.u32 q6, q5, #16",
        "vpstt",
        "vstrbt.32 q6, [r2], #4",
        "vstrbt.32 q5, [r1], #4",
        "stm sp, {{r1-r5}}",
        "subs r10, r10, #4",
        "bgt 1b",
        "add sp, sp, #20",
        "vpop {{d8-d13}}",
        "pop {{r4-r11, pc}}",
        OUT = const offset_of!(Outputs, out),
        LEFT = const offset_of!(Outputs, left),
        BIASES = const offset_of!(Dense, biases),
        SHIFTS = const offset_of!(Dense, shifts),
    )
}
