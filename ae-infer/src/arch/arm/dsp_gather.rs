//! What a position of a convolution reads, widened to 16 bits for [`dsp_convolution`].
//!
//! Words are read on word boundaries alone, and what lies on none byte by byte; see [`dsp`].
//!
//! [`dsp`]: super::dsp
//! [`dsp_convolution`]: super::dsp_convolution

#![allow(unsafe_code, reason = "functions in assembly")]

use core::arch::naked_asm;

/// What is gathered; the assembly knows the fields by their offsets.
#[repr(C)]
pub(super) struct Gather {
    /// Quads of a row, and rows, at least one of each.
    pub(super) quads: usize,
    pub(super) rows: usize,
    /// Bytes from the end of a row to the next.
    pub(super) gap: usize,
    /// The bits by which a byte differs from its integer's, in each of four bytes.
    pub(super) flipped: u32,
}

/// Widens quads that lie on word boundaries to every second pair of words.
///
/// # Safety
/// All rows can be read from `from` on, and there is a pair of words for each of their quads.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next quad, next words |
/// | r2, r3 | the job, `flipped` |
/// | r4, r12 | a quad's bytes 0 and 2, 1 and 3 |
/// | r7, lr | rows left, quads left |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn widen_words(from: *const u8, words: *mut u32, job: &Gather) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r8, lr}}",
        "ldrd r8, r3, [r2, #{GAP}]",
        "ldr r7, [r2, #{ROWS}]",
        "1:",
        "ldr lr, [r2]",
        "2:",
        "ldr r4, [r0], #4",
        "eor r4, r4, r3",
        "sxtb16 r12, r4, ror #8",
        "sxtb16 r4, r4",
        "pkhbt r5, r4, r12, lsl #16",
        "pkhtb r6, r12, r4, asr #16",
        "strd r5, r6, [r1], #16",
        "subs lr, lr, #1",
        "bne 2b",
        "add r0, r0, r8",
        "subs r7, r7, #1",
        "bne 1b",
        "pop {{r4-r8, pc}}",
        GAP = const core::mem::offset_of!(Gather, gap),
        ROWS = const core::mem::offset_of!(Gather, rows),
    )
}

/// The same wherever they lie. Bytes 0 and 1 come to r5, 2 and 3 to r6.
///
/// # Safety
/// As [`widen_words`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn widen_bytes(from: *const u8, words: *mut u32, job: &Gather) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r8, lr}}",
        "ldrd r8, r3, [r2, #{GAP}]",
        "ldr r7, [r2, #{ROWS}]",
        "1:",
        "ldr lr, [r2]",
        "2:",
        "ldrb r5, [r0], #4",
        "ldrb r4, [r0, #-3]",
        "ldrb r6, [r0, #-2]",
        "ldrb r12, [r0, #-1]",
        "orr r5, r5, r4, lsl #16",
        "orr r6, r6, r12, lsl #16",
        "eor r5, r5, r3",
        "eor r6, r6, r3",
        // The bytes between are dropped.
        "sxtb16 r5, r5",
        "sxtb16 r6, r6",
        "strd r5, r6, [r1], #16",
        "subs lr, lr, #1",
        "bne 2b",
        "add r0, r0, r8",
        "subs r7, r7, #1",
        "bne 1b",
        "pop {{r4-r8, pc}}",
        GAP = const core::mem::offset_of!(Gather, gap),
        ROWS = const core::mem::offset_of!(Gather, rows),
    )
}
