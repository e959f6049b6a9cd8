//! Pooling: in groups of channels as the core's kernel takes them, and one by one what is left.

#![allow(unsafe_code, reason = "kernels take pointers")]

use ae_core::Spatial;

use super::all::pooling as lanes;
use super::job::runs;
use super::{Input, pooling_groups as groups};

/// The name of what computes a layer.
pub(crate) fn name(spatial: &Spatial) -> &'static str {
    let is_of_groups = usize::from(spatial.channels_in).is_multiple_of(groups::GROUP);
    if is_of_groups { groups::NAME } else { lanes::NAME }
}

/// Computes a pool up to its tables: the largest values, or the means.
#[inline(never)]
pub(crate) fn pool(spatial: &Spatial, x: Input<'_>, y: &mut [u8], is_mean: bool) {
    let channels = usize::from(spatial.channels_in);
    let (bytes, _) = x.bytes();
    let in_groups = groups::takes(spatial, bytes);
    let whole = if in_groups { channels.wrapping_sub(channels % groups::GROUP) } else { 0 };
    runs(spatial, x, y, 0, channels, |mut job, run| {
        let mean = is_mean.then(|| Mean::of(run.taps()));
        if whole > 0 {
            job.count = whole;
            // SAFETY: `runs` has shown that all is there, of more channels even.
            unsafe { groups::run(&job, mean) };
        }
        if whole < channels {
            job.count = channels.wrapping_sub(whole);
            job.x = job.x.wrapping_add(whole);
            job.y = job.y.wrapping_add(whole);
            // SAFETY: as before.
            unsafe { lanes::side_by_side::<1>(&job, mean) };
        }
    });
}

/// How sums of bytes become their mean, rounded half up.
#[derive(Clone, Copy)]
pub(crate) struct Mean {
    /// How many bytes there are.
    count: u32,
    /// `⌈2^24 / (2 · count)⌉`.
    reciprocal: u32,
}

impl Mean {
    /// Of so many bytes, at least 1.
    fn of(count: usize) -> Self {
        let count = count as u32;
        let reciprocal = (1_u32 << 23).wrapping_add(count.wrapping_sub(1)).checked_div(count);
        Self { count, reciprocal: reciprocal.unwrap_or_default() }
    }

    /// The mean of the bytes with this sum.
    #[inline(always)]
    pub(crate) fn apply(&self, sum: u32) -> u8 {
        let twice = sum.wrapping_mul(2).wrapping_add(self.count);
        // Of c bytes `twice` is at most 511 · c, and the reciprocal by less than 2 · c / 2^24 parts too
        // large. So the product is by less than 1022 · c² / 2^24 of a last place too large, which for
        // c up to 128 is less than one; and it fits 32 bits.
        let mean = if self.count <= 128 {
            twice.wrapping_mul(self.reciprocal) >> 24
        } else {
            twice.checked_div(self.count.wrapping_mul(2)).unwrap_or_default()
        };
        mean as u8
    }
}
