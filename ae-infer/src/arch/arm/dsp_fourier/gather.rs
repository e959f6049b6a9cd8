//! Samples where a transform wants them.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Taper;

use super::is_frame;
use crate::features::{TURN_BY, TWIDDLES};

/// See [the portable function](crate::arch::all::fourier::gather).
#[inline(never)]
pub(crate) fn gather(pieces: [&[i16]; 2], taper: Taper, exponent: u32, words: &mut [i32]) {
    let [older, newer] = pieces;
    if !is_frame(words) || older.len().wrapping_add(newer.len()) != words.len() {
        return;
    }
    // The last of an odd number of samples is a pair with the first of the newer ones.
    let is_odd = older.len() & 1;
    let even = older.len().wrapping_sub(is_odd);
    let (older, last) = older.split_at_checked(even).unwrap_or_default();
    let (first, newer) = newer.split_at_checked(is_odd).unwrap_or_default();
    let between = [last, first].map(|one| one.first().copied().unwrap_or_default());
    let between = if is_odd == 0 { &[][..] } else { &between };
    pairs(0, older, taper, exponent, words);
    pairs(even, between, taper, exponent, words);
    pairs(even.wrapping_add(between.len()), newer, taper, exponent, words);
}

/// Gathers an even number of samples, from the even number `index` on.
fn pairs(index: usize, samples: &[i16], taper: Taper, exponent: u32, words: &mut [i32]) {
    let len = words.len();
    // Half of a frame meets cosines that fall, and half those that rise again.
    let left = (len / 2).saturating_sub(index).min(samples.len());
    let (falling, rising) = samples.split_at_checked(left).unwrap_or((&[], samples));
    let log2 = len.trailing_zeros() & 15;
    // A step of the table for each sample of the longest frame.
    let step = (2 * TURN_BY) >> log2;
    let mut index = index;
    for (samples, is_rising) in [(falling, false), (rising, true)] {
        let angle = index.wrapping_mul(step);
        let (angle, step) = match taper {
            Taper::Hann if is_rising => ((2 * TURN_BY).wrapping_sub(angle), step.wrapping_neg()),
            Taper::Hann => (angle, step),
            // The least cosine alone, of which the share is 1.
            Taper::Rectangular => (TURN_BY, 0),
        };
        let next = 1_u32 << (30_u32.wrapping_sub(log2) & 31);
        let job = Job {
            step: step.wrapping_mul(size_of::<u32>()),
            exponent: exponent & 15,
            half: 1 << log2,
            shift: log2.wrapping_add(1),
            words: words.as_mut_ptr(),
            place: next.wrapping_mul((index / 2) as u32),
            next,
        };
        index = index.wrapping_add(samples.len());
        if !samples.is_empty() {
            let (range, cosines) = (samples.as_ptr_range(), TWIDDLES.as_ptr().wrapping_add(angle));
            // SAFETY: the samples are an even number, which is not 0, and belong to a frame of as many samples
            // as there are words; for each there is a cosine, up to the table's last in the first half
            // of the frame, and from there back in the second.
            unsafe { gather_pairs(range.start, range.end, cosines, &job) };
        }
    }
}

/// What stays the same from pair to pair; the assembly loads all fields at once.
#[repr(C)]
struct Job {
    /// Where complex numbers go.
    words: *mut i32,
    /// The number of the first pair, and 1, so that they have the offset of its place in bytes for their bits in
    /// reverse.
    place: u32,
    next: u32,
    /// From a cosine to the next in bytes.
    step: usize,
    /// By how many bits samples are shifted.
    exponent: u32,
    /// What is added before a product is shifted, and by how many bits it is.
    half: u32,
    shift: u32,
}

/// Writes pairs of samples times 2^15 less their cosines where they belong.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next sample, behind the last |
/// | r2 | next cosine |
/// | r3 | `words` of the job |
/// | r4, r5, r6, r7 | two samples and cosines |
/// | r8 to r12, lr | `place` to `shift` of the job |
///
/// # Safety
/// From `samples` to `end` there is an even number of samples, which is not 0. For each there is a cosine in the
/// low half of a word, and for each pair a number in the place that the job names.
#[unsafe(naked)]
unsafe extern "C" fn gather_pairs(
    samples: *const i16,
    end: *const i16,
    cosines: *const u32,
    job: &Job,
) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "add r4, r3, #{PLACE}",
        "ldr r3, [r3, #{WORDS}]",
        "ldm r4, {{r8-r12, lr}}",
        "2:",
        "ldrsh r4, [r0], #2",
        "ldrsh r5, [r0], #2",
        "ldrsh r6, [r2]",
        "ldrsh r7, [r2, r10]",
        "add r2, r2, r10, lsl #1",
        "rsb r6, r6, #32768",
        "rsb r7, r7, #32768",
        "lsl r4, r4, r11",
        "lsl r5, r5, r11",
        "mla r4, r4, r6, r12",
        "mla r5, r5, r7, r12",
        "asr r4, r4, lr",
        "asr r5, r5, lr",
        "rbit r6, r8",
        "add r8, r8, r9",
        "add r6, r6, r3",
        "strd r4, r5, [r6]",
        "cmp r0, r1",
        "bne 2b",
        "pop {{r4-r11, pc}}",
        PLACE = const offset_of!(Job, place),
        WORDS = const offset_of!(Job, words),
    )
}
