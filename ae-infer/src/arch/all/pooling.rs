//! Pools, some channels side by side: so that registers hold their results, and one walk over the places
//! serves them all.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]
#![allow(unsafe_code, reason = "pointers")]

use ae_core::Spatial;

use crate::arch::job::Job;
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
    // SAFETY: the caller's promise.
    unsafe { side_by_side::<GROUP>(job, mean) };
}

/// Computes a pool up to its tables, `N` channels side by side: the largest values, or where there is
/// a `mean` the means.
///
/// # Safety
/// The job is as [`Job`] says, and its channels are a multiple of `N`.
#[inline(never)]
pub(crate) unsafe fn side_by_side<const N: usize>(job: &Job, mean: Option<Mean>) {
    // Of the values plus 128, which are the bytes of pixels: so none is below 0.
    let flipped = job.flipped as u8 ^ 0x80;
    for first in (0..job.count).step_by(N) {
        let (mut x, mut y) = (job.x.wrapping_add(first), job.y.wrapping_add(first));
        for _ in 0..job.positions {
            let mut results = [0_u32; N];
            let mut row = x;
            for _ in 0..job.rows {
                let mut at = row;
                for _ in 0..job.columns {
                    // SAFETY: the caller's promise.
                    let values = unsafe { &*at.cast::<[u8; N]>() };
                    for (result, byte) in results.iter_mut().zip(values) {
                        let value = u32::from(byte ^ flipped);
                        *result = match mean {
                            None => value.max(*result),
                            // Of at most `MAX_WIDTH` values, which fit 24 bits.
                            Some(_) => result.wrapping_add(value),
                        };
                    }
                    at = at.wrapping_add(job.channels);
                }
                let [_, gap] = job.gaps;
                row = row.wrapping_add(gap);
            }
            // SAFETY: there is a place for the outputs of the group.
            let places = unsafe { &mut *y.cast::<[u8; N]>() };
            for (place, result) in places.iter_mut().zip(results) {
                *place = mean.map_or(result as u8, |mean| mean.apply(result)) ^ 0x80;
            }
            (x, y) = (x.wrapping_add(job.step), y.wrapping_add(job.channels));
        }
    }
}
