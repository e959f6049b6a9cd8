//! The only output of a convolution, of four positions of a run at a time, from bytes where they lie in the
//! map.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;
use core::mem::offset_of;
use core::ptr::{null, null_mut};

use super::dense::Dense;
use crate::arch::all::convolution::{Rows, Run};

/// Positions that are taken together.
pub(super) const TOGETHER: usize = 4;

/// What is computed; the assembly loads several fields at once, and counts positions down.
#[repr(C)]
pub(super) struct Job {
    /// What the next position reads, and bytes from there to what the one behind it does.
    pub(super) x: *const u8,
    advance: usize,
    /// What its sum starts from.
    bias: i32,
    weights: *const u8,
    /// Bytes of a row, and from what is read last of one, in whole vectors, to the next: of values, and
    /// back of weights.
    run: usize,
    step: usize,
    back: usize,
    rows: usize,
    multiplier: i32,
    /// Negative.
    shift: i32,
    zero_point: i32,
    /// Positions left, at least four, where the next output goes, and bytes from there to the one behind.
    pub(super) left: usize,
    pub(super) y: *mut u8,
    next: usize,
}

impl Job {
    /// Of the only output of a layer with these numbers, without positions. To the bias is added what the
    /// padding gives.
    pub(super) fn new(dense: &Dense, [bias, multiplier, shift]: [i32; 3], run: &Run) -> Self {
        let Rows { run: bytes, rows, step, at, pitch, .. } = run.rows;
        let [advance, next] = run.steps;
        let whole = bytes.div_ceil(16).wrapping_mul(16);
        Self {
            x: null(),
            advance,
            bias,
            weights: dense.weights.wrapping_add(at),
            run: bytes,
            step: step.wrapping_sub(whole),
            back: whole.wrapping_sub(pitch),
            rows,
            multiplier,
            shift: shift.wrapping_neg(),
            zero_point: dense.zero_point,
            left: 0,
            y: null_mut(),
            next,
        }
    }
}

/// Computes the outputs of a line. The last four positions are perhaps computed again in part.
///
/// # Safety
/// All rows of all positions, of which there are at least four, can be read, and are not flipped; there
/// are as many weights, and room for an output of each position.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r1, r3, r5 | next bytes of the positions | r5: where the outputs go |
/// | r2, r4, r6, r8 | the sums | r4: positions left |
/// | r7 | next weights | bytes from an output to the next |
/// | r9 | bytes of a row | |
/// | r10, r11 | to the next row, back to the next weights | |
/// | r12 | rows left | the job |
/// | lr | bytes left of the row | |
/// | q4 | bytes from the first output to each | |
///
/// On the stack lies the address of the job.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn run(job: &mut Job) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r0, r4-r11, lr}}",
        "vpush {{d8, d9}}",
        "mov r12, r0",
        "ldr r1, [r0, #{NEXT}]",
        "movs r2, #0",
        "vidup.u32 q4, r2, #1",
        "vmul.i32 q4, q4, r1",
        "1:",
        "ldm r12, {{r0, r1, r2, r7, r9, r10, r11, r12}}",
        "add r3, r0, r1, lsl #1",
        "add r5, r3, r1",
        "add r1, r1, r0",
        "mov r4, r2",
        "mov r6, r2",
        "mov r8, r2",
        "2:",
        "dlstp.8 lr, r9",
        "3:",
        "vldrb.u8 q0, [r7], #16",
        "vldrb.u8 q1, [r0], #16",
        "vmladava.s8 r2, q0, q1",
        "vldrb.u8 q2, [r1], #16",
        "vmladava.s8 r4, q0, q2",
        "vldrb.u8 q1, [r3], #16",
        "vmladava.s8 r6, q0, q1",
        "vldrb.u8 q2, [r5], #16",
        "vmladava.s8 r8, q0, q2",
        "letp lr, 3b",
        "add r0, r0, r10",
        "add r1, r1, r10",
        "add r3, r3, r10",
        "add r5, r5, r10",
        "sub r7, r7, r11",
        "subs r12, r12, #1",
        "bne 2b",
        // The high word of the product; it is rounded as it is shifted, and the zero point is a whole
        // number to add before or after.
        "vmov q0[2], q0[0], r2, r6",
        "vmov q0[3], q0[1], r4, r8",
        "ldr r12, [sp, #16]",
        "ldrd r2, r3, [r12, #{MULTIPLIER}]",
        "ldrd r6, r4, [r12, #{ZERO_POINT}]",
        "ldrd r5, r7, [r12, #{Y}]",
        "vdup.32 q1, r2",
        "vmulh.s32 q0, q0, q1",
        "vrshl.s32 q0, r3",
        "vadd.i32 q0, q0, r6",
        "vqmovnb.s32 q0, q0",
        "vqmovnb.s16 q0, q0",
        "vstrb.32 q0, [r5, q4]",
        // To the next four, or as far as there are four.
        "ldrd r0, r1, [r12]",
        "subs r4, r4, #4",
        "beq 4f",
        "mov r2, #4",
        "cmp r4, #4",
        "itt lt",
        "movlt r2, r4",
        "movlt r4, #4",
        "mla r5, r7, r2, r5",
        "strd r4, r5, [r12, #{POSITIONS_LEFT}]",
        "mla r0, r1, r2, r0",
        "str r0, [r12]",
        "b 1b",
        "4:",
        "vpop {{d8, d9}}",
        "pop {{r0, r4-r11, pc}}",
        MULTIPLIER = const offset_of!(Job, multiplier),
        ZERO_POINT = const offset_of!(Job, zero_point),
        POSITIONS_LEFT = const offset_of!(Job, left),
        Y = const offset_of!(Job, y),
        NEXT = const offset_of!(Job, next),
    )
}

// The assembly loads them together.
const _: () = assert!(offset_of!(Job, rows) == 28 && offset_of!(Job, y) == 48);
