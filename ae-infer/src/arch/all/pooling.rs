//! Pools, some channels side by side: so that registers hold their results, and one walk over the places
//! serves them all.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]
#![allow(unsafe_code, reason = "pointers")]

use ae_core::Spatial;

use super::pooling_words as words;
use crate::arch::job::{Job, times};
use crate::arch::pooling::Mean;

/// The name of portable code.
pub(crate) const NAME: &str = "portable";

/// Channels of a group.
pub(crate) const GROUP: usize = 4;

/// Whether a layer is taken in groups that reads `bytes`.
pub(crate) fn takes(_spatial: &Spatial, _bytes: &[u8]) -> bool {
    true
}

/// Computes a job of whole groups.
///
/// # Safety
/// The job is as [`Job`] says.
pub(crate) unsafe fn run(job: &Job, mean: Option<Mean>) {
    match mean {
        // SAFETY: the caller's promise.
        None if words::takes(job) => unsafe { words::maximum(job) },
        // SAFETY: as before.
        Some(mean) if words::takes(job) && mean.is_by_product() && mean.is_plain() => unsafe {
            words::average(job, &mean);
        },
        // SAFETY: as before.
        mean => unsafe { side_by_side::<GROUP>(job, mean) },
    }
}

/// Computes a pool up to its tables, `N` channels side by side: the largest values, or where there is
/// a `mean` the means.
///
/// # Safety
/// The job is as [`Job`] says, and its channels are a multiple of `N`.
pub(crate) unsafe fn side_by_side<const N: usize>(job: &Job, mean: Option<Mean>) {
    match mean {
        // SAFETY: the caller's promise.
        None => unsafe { walk::<N>(job, u32::max, |largest| largest as u8) },
        // Sums are of at most `MAX_WIDTH` values, which fit 24 bits.
        #[cfg(feature = "double-rounding")]
        // SAFETY: as before.
        Some(mean) if !mean.is_plain() => unsafe {
            walk::<N>(job, u32::wrapping_add, |sum| mean.apply_away(sum));
        },
        // SAFETY: as before.
        Some(mean) => unsafe { walk::<N>(job, u32::wrapping_add, |sum| mean.apply(sum)) },
    }
}

/// Takes the values of each position and channel, plus 128 so that none is below 0, from 0 on.
///
/// # Safety
/// As of [`side_by_side`].
#[inline(never)]
unsafe fn walk<const N: usize>(
    job: &Job,
    take: impl Fn(u32, u32) -> u32,
    finish: impl Fn(u32) -> u8,
) {
    // The bytes of pixels are such.
    let flipped = job.flipped as u8 ^ 0x80;
    for first in (0..job.count).step_by(N) {
        let (mut x, mut y) = (job.x.wrapping_add(first), job.y.wrapping_add(first));
        times(job.positions, || {
            let mut results = [0_u32; N];
            let mut row = x;
            times(job.rows, || {
                let mut at = row;
                times(job.columns, || {
                    // SAFETY: the caller's promise.
                    let values = unsafe { &*at.cast::<[u8; N]>() };
                    for (result, byte) in results.iter_mut().zip(values) {
                        *result = take(*result, u32::from(byte ^ flipped));
                    }
                    at = at.wrapping_add(job.channels);
                });
                let [_, gap] = job.gaps;
                row = row.wrapping_add(gap);
            });
            // SAFETY: there is a place for the outputs of the group.
            let places = unsafe { &mut *y.cast::<[u8; N]>() };
            let outputs = results.map(|result| finish(result) ^ 0x80);
            places.iter_mut().zip(outputs).for_each(|(place, output)| *place = output);
            (x, y) = (x.wrapping_add(job.step), y.wrapping_add(job.channels));
        });
    }
}
