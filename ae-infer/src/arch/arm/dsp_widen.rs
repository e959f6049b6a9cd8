//! Inputs of the kernel [`dsp`](super::dsp), widened to 16 bits.

#![allow(unsafe_code, reason = "a kernel in assembly, and the memory it works on")]

use core::arch::naked_asm;

use super::dsp::QUAD;
use crate::arch::Input;

/// Widens the quad in `$quad`, which is lost: bytes 0 and 1 come to `$low`, 2 and 3 to `$high`.
macro_rules! widened {
    ($quad:literal, $low:literal, $high:literal) => {
        concat!(
            concat!("sxtb16 ", $high, ", ", $quad, ", ror #8\n"),
            concat!("sxtb16 ", $quad, ", ", $quad, "\n"),
            concat!("pkhbt ", $low, ", ", $quad, ", ", $high, ", lsl #16\n"),
            concat!("pkhtb ", $high, ", ", $high, ", ", $quad, ", asr #16\n"),
        )
    };
}
pub(super) use widened;

/// Loads the quad at r0, wherever it lies, steps over it, and widens its bytes, which differ from integers by
/// r3: 0 and 1 come to r5, 2 and 3 to r6. r4 and r12 are lost.
macro_rules! bytes_widened {
    () => {
        // The bytes between are dropped.
        "ldrb r5, [r0], #4
         ldrb r4, [r0, #-3]
         ldrb r6, [r0, #-2]
         ldrb r12, [r0, #-1]
         orr r5, r5, r4, lsl #16
         orr r6, r6, r12, lsl #16
         eor r5, r5, r3
         eor r6, r6, r3
         sxtb16 r5, r5
         sxtb16 r6, r6"
    };
}
pub(super) use bytes_widened;

/// `x` as 16-bit numbers, two in a word, a quad in each of `words`; what stands behind the last
/// meets weights of zero.
pub(super) fn widen(x: Input<'_>, words: &mut [[u32; 2]]) {
    let (x, flipped) = x.bytes();
    let flipped = u32::from_le_bytes([flipped; 4]);
    let (quads, rest) = x.as_chunks::<QUAD>();
    let last = [core::array::from_fn(|place| rest.get(place).copied().unwrap_or_default())];
    let (whole, behind) = words.split_at_mut_checked(quads.len()).unwrap_or_default();
    let behind = behind.get_mut(..usize::from(!rest.is_empty())).unwrap_or_default();
    for (quads, words) in [(quads, whole), (&last, behind)] {
        if !words.is_empty() {
            let (from, to, count) = (quads.as_ptr(), words.as_mut_ptr(), words.len());
            // Two calls and no pointer to a function, so that a call graph shows what is called.
            if from.addr().is_multiple_of(4) {
                // SAFETY: there is a quad for each of the words, and at least one, on a word boundary.
                unsafe { widen_words(from, to, count, flipped) };
            } else {
                // SAFETY: there is a quad for each of the words, and at least one.
                unsafe { widen_bytes(from, to, count, flipped) };
            }
        }
    }
}

/// Widens `count` quads, at least 1, of bytes that differ from integers by `flipped`. They lie on a
/// word boundary.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next quad, next words |
/// | r2, r3 | quads left, `flipped` |
/// | r4, r5, r6 | a quad, its words |
#[unsafe(naked)]
unsafe extern "C" fn widen_words(
    quads: *const [u8; QUAD],
    words: *mut [u32; 2],
    count: usize,
    flipped: u32,
) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4, r5, r6, lr}}",
        "1:",
        "ldr r4, [r0], #4",
        "eor r4, r4, r3",
        widened!("r4", "r5", "r6"),
        "strd r5, r6, [r1], #8",
        "subs r2, r2, #1",
        "bne 1b",
        "pop {{r4, r5, r6, pc}}",
    )
}

/// The same wherever they lie, four instructions a quad more.
#[unsafe(naked)]
unsafe extern "C" fn widen_bytes(
    quads: *const [u8; QUAD],
    words: *mut [u32; 2],
    count: usize,
    flipped: u32,
) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4, r5, r6, lr}}",
        "1:",
        bytes_widened!(),
        "strd r5, r6, [r1], #8",
        "subs r2, r2, #1",
        "bne 1b",
        "pop {{r4, r5, r6, pc}}",
    )
}
