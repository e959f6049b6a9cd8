//! Pools whose channels come in whole words: four in each, without instructions for bytes.
//!
//! A word is loaded once for four channels, and what is computed of it serves two or four of them.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]
#![allow(unsafe_code, reason = "pointers")]

use crate::arch::job::{Job, times};
use crate::arch::pooling::Mean;

/// Channels in a word.
pub(crate) const CHANNELS: usize = size_of::<u32>();

/// Every byte's highest bit, and every second byte.
const HIGHEST: u32 = 0x8080_8080;
const SECOND: u32 = 0x00ff_00ff;

/// Whether a job reads whole words on their boundaries.
pub(crate) fn takes(job: &Job) -> bool {
    (job.x.addr() | job.channels | job.count).is_multiple_of(CHANNELS)
}

/// The largest values.
///
/// # Safety
/// The job is as [`Job`] says, [`takes`] holds.
#[inline(never)]
pub(crate) unsafe fn maximum(job: &Job) {
    let flipped = u32::from_ne_bytes([job.flipped as u8; CHANNELS]);
    // SAFETY: the caller's promise.
    unsafe { walk(job, |word| word ^ flipped, |one, word| larger(one, word ^ flipped), |one| one) };
}

/// The means.
///
/// # Safety
/// As of [`maximum`], and the mean is one by product.
#[inline(never)]
pub(crate) unsafe fn average(job: &Job, mean: &Mean) {
    // Plus 128, so that none is below 0. The bytes of pixels are such.
    let flipped = u32::from_ne_bytes([job.flipped as u8 ^ 0x80; CHANNELS]);
    let halves = |word: u32| {
        let word = word ^ flipped;
        [word & SECOND, word >> 8 & SECOND]
    };
    let add = |[even, odd]: [u32; 2], word| {
        let [further_even, further_odd] = halves(word);
        // Few enough that no sum leaves its 16 bits.
        [even.wrapping_add(further_even), odd.wrapping_add(further_odd)]
    };
    let finish = |[even, odd]: [u32; 2]| {
        let mean = |sum: u32| u32::from(mean.apply(sum));
        let even = mean(even & 0xffff) | mean(even >> 16) << 16;
        let odd = mean(odd & 0xffff) | mean(odd >> 16) << 16;
        (even | odd << 8) ^ HIGHEST
    };
    // SAFETY: the caller's promise.
    unsafe { walk(job, halves, add, finish) };
}

/// Of each pair of bytes the larger integer.
#[inline(always)]
fn larger(one: u32, other: u32) -> u32 {
    let differing = one ^ other;
    // The highest bit of each byte: whether `other` is no less in the lower bits, from which nothing is borrowed.
    let lower = (other | HIGHEST).wrapping_sub(one & !HIGHEST);
    // Of integers with two signs the one that is not negative.
    let is_other = (lower ^ (lower ^ one) & differing) & HIGHEST;
    let mask = (is_other << 1).wrapping_sub(is_other >> 7);
    one ^ differing & mask
}

/// Takes the words of each position: the first into `begin`, each further one into `take`.
///
/// # Safety
/// As of [`maximum`].
#[inline(always)]
unsafe fn walk<T: Copy>(
    job: &Job,
    begin: impl Fn(u32) -> T,
    take: impl Fn(T, u32) -> T,
    finish: impl Fn(T) -> u32,
) {
    // SAFETY: it is a word of the map, on its boundary.
    let load = |at: *const u8| unsafe { *at.cast::<u32>() };
    let [_, gap] = job.gaps;
    let (mut position, mut place) = (job.x, job.y);
    times(job.positions, || {
        let (mut x, mut y) = (position, place);
        times(job.count / CHANNELS, || {
            let mut result = begin(load(x));
            let (mut row, mut rows) = (x, job.rows);
            loop {
                let mut at = row;
                for _ in 1..job.columns {
                    at = at.wrapping_add(job.channels);
                    result = take(result, load(at));
                }
                rows = rows.wrapping_sub(1);
                if rows == 0 {
                    break;
                }
                row = row.wrapping_add(gap);
                result = take(result, load(row));
            }
            // SAFETY: there is a place for the outputs of the word.
            unsafe { *y.cast::<[u8; CHANNELS]>() = finish(result).to_ne_bytes() };
            (x, y) = (x.wrapping_add(CHANNELS), y.wrapping_add(CHANNELS));
        });
        position = position.wrapping_add(job.step);
        place = place.wrapping_add(job.channels);
    });
}

#[cfg(test)]
mod tests {
    use super::larger;

    #[test]
    fn of_two_bytes_the_larger_integer_is_taken_whatever_lies_beside_them() {
        for (one, other) in (0..=u16::MAX).map(|pair| pair.to_le_bytes().into()) {
            let expected = (one as i8).max(other as i8) as u8;
            for [before, behind] in [[0, 0], [0, 0xff], [0xff, 0], [0x80, 0x7f], [0x7f, 0x80]] {
                let word = larger(
                    u32::from_le_bytes([before, one, behind, one]),
                    u32::from_le_bytes([behind, other, before, other]),
                );
                let [_, second, _, last] = word.to_le_bytes();
                assert_eq!([second, last], [expected; 2], "{one} {other}");
            }
        }
    }
}
