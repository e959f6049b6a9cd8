//! What a position of a convolution reads, side by side.

#![allow(unsafe_code, reason = "a function in assembly")]

use core::arch::naked_asm;

use crate::arch::all::convolution::Rows;

/// What is copied; the assembly knows the order of the fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Lines {
    /// Bytes of a row, and rows, at least one of each.
    pub(super) run: usize,
    pub(super) rows: usize,
    /// Bytes from a row to the next, where they are read and where they are written.
    pub(super) step: usize,
    pub(super) pitch: usize,
    /// The bits by which a byte differs from its integer's.
    pub(super) flipped: usize,
    /// Positions, at least one; bytes from one to the next, read and written.
    pub(super) positions: usize,
    pub(super) advance: usize,
    pub(super) field: usize,
}

impl Lines {
    pub(super) fn new(rows: &Rows, positions: usize, advance: usize, field: usize) -> Self {
        let Rows { flipped, run, rows, step, pitch, .. } = *rows;
        Self { run, rows, step, pitch, flipped: flipped.into(), positions, advance, field }
    }
}

/// Copies rows of bytes.
///
/// # Safety
/// There are all rows of all positions to read, and room for them.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | the position's first row, its place |
/// | r2, r12 | the job, positions left |
/// | r3, r4 | bytes of a row, rows left |
/// | r5, r6 | bytes from a row to the next, read and written |
/// | r7, r8 | next row, its place |
/// | r9, r10 | next bytes, their place |
/// | q0, q1 | bytes, bits to flip |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn copy_rows(from: *const u8, to: *mut u8, lines: &Lines) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r10, lr}}",
        "ldrd r7, r12, [r2, #{FLIPPED}]",
        "vdup.8 q1, r7",
        "1:",
        "ldm r2, {{r3, r4, r5, r6}}",
        "mov r7, r0",
        "mov r8, r1",
        "2:",
        "mov r9, r7",
        "mov r10, r8",
        "dlstp.8 lr, r3",
        "3:",
        "vldrb.u8 q0, [r9], #16",
        "veor q0, q0, q1",
        "vstrb.8 q0, [r10], #16",
        "letp lr, 3b",
        "add r7, r7, r5",
        "add r8, r8, r6",
        "subs r4, r4, #1",
        "bne 2b",
        "ldrd r5, r6, [r2, #{ADVANCE}]",
        "add r0, r0, r5",
        "add r1, r1, r6",
        "subs r12, r12, #1",
        "bne 1b",
        "pop {{r4-r10, pc}}",
        FLIPPED = const core::mem::offset_of!(Lines, flipped),
        ADVANCE = const core::mem::offset_of!(Lines, advance),
    )
}
