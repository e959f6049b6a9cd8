//! What a position of a convolution reads, widened to 16 bits.
//!
//! Words are read on word boundaries alone, and what lies on none byte by byte; see
//! [`dsp`](crate::arch::arm::dsp).

#![allow(unsafe_code, reason = "functions in assembly")]

use core::arch::naked_asm;

use crate::arch::arm::dsp_widen::{bytes_widened, widened};

/// Bytes from a quad to the next of the same position: a quad of the other position lies between.
pub(super) const QUAD_BYTES: usize = 16;

/// What is gathered; the assembly knows the fields by their offsets.
#[repr(C)]
pub(super) struct Gather {
    /// Quads of a row, or values of a row where these are widened one by one; and rows. At least one of
    /// each.
    pub(super) run: usize,
    pub(super) rows: usize,
    /// Bytes from the end of a row to the next, where they are read and where they are written. The
    /// latter is 0 where values are widened one by one.
    pub(super) gaps: [usize; 2],
    /// The bits by which a byte differs from its integer's, in each of four bytes.
    pub(super) flipped: u32,
    /// Bytes from the first position's values to the second's, where both are widened.
    pub(super) advance: usize,
    /// Values up to the end of the first quad, where they are widened one by one.
    pub(super) lanes: usize,
}

/// Widens quads of both positions, which lie on word boundaries.
///
/// # Safety
/// All rows of both can be read from `from` on, and there are four words for each of their quads.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next quad, next words |
/// | r2, r3 | quads of a row, `flipped` |
/// | r4, r5, r6 | a quad of the first position, its words |
/// | r7, r8, r9 | the same of the second |
/// | r10, r11 | bytes to the next row, read and written |
/// | r12 | bytes from the first position to the second |
/// | lr | quads left |
/// | sp | rows left |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn widen_pairs(from: *const u8, words: *mut u32, job: &Gather) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r3-r11, lr}}",
        "ldrd r10, r11, [r2, #{GAPS}]",
        "ldrd r3, r12, [r2, #{FLIPPED}]",
        "ldrd r2, r4, [r2]",
        "1:",
        "str r4, [sp]",
        "mov lr, r2",
        "2:",
        "ldr r7, [r0, r12]",
        "ldr r4, [r0], #4",
        "eor r7, r7, r3",
        "eor r4, r4, r3",
        widened!("r4", "r5", "r6"),
        widened!("r7", "r8", "r9"),
        "stmia r1!, {{r5, r6, r8, r9}}",
        "subs lr, lr, #1",
        "bne 2b",
        "add r0, r0, r10",
        "add r1, r1, r11",
        "ldr r4, [sp]",
        "subs r4, r4, #1",
        "bne 1b",
        "pop {{r3-r11, pc}}",
        GAPS = const core::mem::offset_of!(Gather, gaps),
        FLIPPED = const core::mem::offset_of!(Gather, flipped),
    )
}

/// Widens quads of a position to every second pair of words, wherever they lie.
///
/// # Safety
/// All rows can be read from `from` on, and there is a pair of words for each of their quads.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next quad, next words |
/// | r2, r3 | quads of a row, `flipped` |
/// | r4–r6, r12 | bytes 0 and 1 come to r5, 2 and 3 to r6 |
/// | r7, lr | rows left, quads left |
/// | r8, r9 | bytes to the next row, read and written |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn widen_bytes(from: *const u8, words: *mut u32, job: &Gather) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r9, lr}}",
        "ldr r3, [r2, #{FLIPPED}]",
        "ldrd r8, r9, [r2, #{GAPS}]",
        "ldrd r2, r7, [r2]",
        "1:",
        "mov lr, r2",
        "2:",
        bytes_widened!(),
        "strd r5, r6, [r1], #{QUAD_BYTES}",
        "subs lr, lr, #1",
        "bne 2b",
        "add r0, r0, r8",
        "add r1, r1, r9",
        "subs r7, r7, #1",
        "bne 1b",
        "pop {{r4-r9, pc}}",
        FLIPPED = const core::mem::offset_of!(Gather, flipped),
        GAPS = const core::mem::offset_of!(Gather, gaps),
        QUAD_BYTES = const QUAD_BYTES,
    )
}

/// Widens values one by one, of rows that are no whole quads.
///
/// # Safety
/// All rows can be read from `from` on, and from `to` on there is room for their values side by side.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next value, its place |
/// | r2, r3 | values of a row, `flipped` |
/// | r4 | a value |
/// | r5, r6 | bytes to the next row, values up to the end of a quad |
/// | r7, lr | rows left, values left |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn widen_values(from: *const u8, to: *mut i16, job: &Gather) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r7, lr}}",
        "ldr r3, [r2, #{FLIPPED}]",
        "ldr r6, [r2, #{LANES}]",
        "ldr r5, [r2, #{GAPS}]",
        "ldrd r2, r7, [r2]",
        "1:",
        "mov lr, r2",
        "2:",
        "ldrb r4, [r0], #1",
        "eor r4, r4, r3",
        "sxtb r4, r4",
        "strh r4, [r1], #2",
        "subs r6, r6, #1",
        "itt eq",
        "addeq r1, r1, #{OTHER}",
        "moveq r6, #4",
        "subs lr, lr, #1",
        "bne 2b",
        "add r0, r0, r5",
        "subs r7, r7, #1",
        "bne 1b",
        "pop {{r4-r7, pc}}",
        FLIPPED = const core::mem::offset_of!(Gather, flipped),
        GAPS = const core::mem::offset_of!(Gather, gaps),
        LANES = const core::mem::offset_of!(Gather, lanes),
        OTHER = const QUAD_BYTES / 2,
    )
}

/// Widens values of both positions one by one.
///
/// # Safety
/// All rows of both can be read from `from` on, and from `to` on there is room for their values side by
/// side.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next value, its place |
/// | r2, r3 | values of a row, `flipped` |
/// | r4, r8 | a value of each position |
/// | r5, r6 | bytes to the next row, values up to the end of a quad |
/// | r7, lr | rows left, values left |
/// | r12 | bytes from the first position to the second |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn widen_value_pairs(from: *const u8, to: *mut i16, job: &Gather) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r8, lr}}",
        "ldrd r3, r12, [r2, #{FLIPPED}]",
        "ldr r6, [r2, #{LANES}]",
        "ldr r5, [r2, #{GAPS}]",
        "ldrd r2, r7, [r2]",
        "1:",
        "mov lr, r2",
        "2:",
        "ldrb r8, [r0, r12]",
        "ldrb r4, [r0], #1",
        "eor r8, r8, r3",
        "eor r4, r4, r3",
        "sxtb r8, r8",
        "sxtb r4, r4",
        "strh r8, [r1, #{OTHER}]",
        "strh r4, [r1], #2",
        "subs r6, r6, #1",
        "itt eq",
        "addeq r1, r1, #{OTHER}",
        "moveq r6, #4",
        "subs lr, lr, #1",
        "bne 2b",
        "add r0, r0, r5",
        "subs r7, r7, #1",
        "bne 1b",
        "pop {{r4-r8, pc}}",
        FLIPPED = const core::mem::offset_of!(Gather, flipped),
        LANES = const core::mem::offset_of!(Gather, lanes),
        GAPS = const core::mem::offset_of!(Gather, gaps),
        OTHER = const QUAD_BYTES / 2,
    )
}

// The assembly loads them together.
const _: () = assert!(
    core::mem::offset_of!(Gather, rows) == 4
        && core::mem::offset_of!(Gather, advance)
            == core::mem::offset_of!(Gather, flipped).wrapping_add(4)
);
