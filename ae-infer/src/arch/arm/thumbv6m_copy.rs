//! What a position of a convolution reads, side by side, on Cortex-M0, M0+ and M3.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use crate::arch::all::convolution::Rows;

/// What is copied; the assembly knows the fields by their offsets.
#[repr(C)]
struct Job {
    /// Bytes of a row, and rows, at least one of each.
    run: usize,
    rows: usize,
    /// Bytes from a row to the next, where they are read and where they are written.
    step: usize,
    pitch: usize,
    /// The bits by which a byte differs from its integer's, in each byte.
    flipped: u32,
}

/// See [`copy::rows`](crate::arch::all::copy::rows).
#[inline(never)]
pub(crate) fn rows(rows: &Rows, x: &[u8], places: &mut [u8]) {
    let [read, written] = rows.reach();
    let Rows { flipped, run, rows, step, pitch, .. } = *rows;
    if rows > 0 && run > 0 && x.len() >= read && places.len() >= written {
        let flipped = u32::from_le_bytes([flipped; 4]);
        let job = Job { run, rows, step, pitch, flipped };
        // SAFETY: there are so many bytes to read, and to write.
        unsafe { copy(x.as_ptr(), places.as_mut_ptr(), &job) };
    }
}

/// Copies rows: as words where these lie on boundaries, and else byte by byte.
///
/// # Safety
/// There are all rows to read from `from` on, and from `to` on there is room for them.
///
/// | register | holds |
/// | --- | --- |
/// | r0, r1 | ends of a row, and of its place |
/// | r2, r3 | the job, bits to flip |
/// | r4 | bytes |
/// | r5 | place before the ends: minus the bytes that are left |
/// | r6, r7 | bytes of a row, rows left |
#[unsafe(naked)]
unsafe extern "C" fn copy(from: *const u8, to: *mut u8, job: &Job) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "ldr r3, [r2, #{FLIPPED}]",
        "ldr r6, [r2, #{RUN}]",
        "ldr r7, [r2, #{ROWS}]",
        "adds r0, r0, r6",
        "adds r1, r1, r6",
        "1:",
        "movs r4, r0",
        "orrs r4, r1",
        "orrs r4, r6",
        "rsbs r5, r6, #0",
        "lsls r4, r4, #30",
        "beq 3f",
        "2:",
        "ldrb r4, [r0, r5]",
        "eors r4, r3",
        "strb r4, [r1, r5]",
        "adds r5, r5, #1",
        "bne 2b",
        "b 4f",
        "3:",
        "ldr r4, [r0, r5]",
        "eors r4, r3",
        "str r4, [r1, r5]",
        "adds r5, r5, #4",
        "bne 3b",
        "4:",
        "ldr r4, [r2, #{STEP}]",
        "adds r0, r0, r4",
        "ldr r4, [r2, #{PITCH}]",
        "adds r1, r1, r4",
        "subs r7, r7, #1",
        "bne 1b",
        "pop {{r4-r7, pc}}",
        RUN = const offset_of!(Job, run),
        ROWS = const offset_of!(Job, rows),
        STEP = const offset_of!(Job, step),
        PITCH = const offset_of!(Job, pitch),
        FLIPPED = const offset_of!(Job, flipped),
    )
}
