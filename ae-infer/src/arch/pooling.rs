//! Pooling: in groups of channels as the core's kernel takes them, and one by one what is left.

#![allow(unsafe_code, reason = "kernels take pointers")]

use ae_core::{Rounding, Spatial};

use super::all::pooling as lanes;
use super::job::{Job, Jobs, in_groups};
use super::{Input, pooling_groups as groups};

/// The name of what computes a layer.
pub(crate) fn name(spatial: &Spatial, rounding: Rounding) -> &'static str {
    let is_of_groups = usize::from(spatial.channels_in).is_multiple_of(groups::GROUP);
    if is_of_groups && rounding == Rounding::Once { groups::NAME } else { lanes::NAME }
}

/// Computes a pool up to its tables: the largest values, or where halves are told how to be rounded the
/// means.
#[inline(never)]
pub(crate) fn pool(spatial: &Spatial, x: Input<'_>, y: &mut [u8], mean: Option<Rounding>) {
    let channels = usize::from(spatial.channels_in);
    let (bytes, _) = x.bytes();
    let whole = if groups::takes(spatial, bytes) { in_groups(channels, groups::GROUP) } else { 0 };
    let Some(jobs) = &mut Jobs::new(spatial, x, y, [0, channels]) else { return };
    while let Some((job, _)) = jobs.next() {
        compute(job, whole, mean);
    }
}

/// Computes a job: `whole` channels in groups, and then what is left.
#[inline(never)]
fn compute(job: &mut Job, whole: usize, mean: Option<Rounding>) {
    let mean = mean.map(|rounding| Mean::of(job.rows.wrapping_mul(job.columns), rounding));
    let count = job.count;
    if whole > 0 {
        job.count = whole;
        // SAFETY: the caller's job holds what the function asks for, of more channels even.
        unsafe { groups::run(job, mean) };
    }
    if whole < count {
        job.count = count;
        job.skip(whole);
        // SAFETY: as before.
        unsafe { lanes::side_by_side::<1>(job, mean) };
    }
}

/// How sums of bytes become their mean, rounded to the nearest. Assembly knows the fields by their offsets.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Mean {
    /// Half of how many bytes there are, rounded down.
    half: u32,
    /// `⌈2^shift / count⌉`, in 16 bits.
    reciprocal: u32,
    /// 15, and as many bits as count − 1 has.
    shift: u32,
    count: u32,
    /// Below it the bytes stand for a mean below 0, of which halves are rounded down: bytes are 128 more than
    /// what they stand for. 0 where halves are rounded up.
    #[cfg(feature = "double-rounding")]
    middle: u32,
}

impl Mean {
    /// Most bytes whose sum is divided by a product.
    const MOST: u32 = 128;

    /// Of so many bytes, at least 1. A layer that rounds twice rounds halves away from zero.
    #[cfg_attr(
        not(feature = "double-rounding"),
        expect(unused_variables, reason = "there is but one")
    )]
    fn of(count: usize, rounding: Rounding) -> Self {
        let count = (count as u32).max(1);
        let bits = u32::BITS.wrapping_sub(count.wrapping_sub(1).leading_zeros());
        let shift = bits.wrapping_add(15) & 31;
        let reciprocal = (1_u32 << shift).div_ceil(count);
        Self {
            half: count >> 1,
            reciprocal,
            shift,
            count,
            #[cfg(feature = "double-rounding")]
            middle: match rounding {
                Rounding::Once => 0,
                // Of an odd number there are no halves.
                Rounding::Twice if count & 1 == 1 => 0,
                Rounding::Twice => count.wrapping_mul(128),
            },
        }
    }

    /// Whether the mean is `(sum + half) · reciprocal >> shift`, where halves are rounded up.
    ///
    /// Of c bytes `sum + half` is at most 255.5 · c, and the reciprocal is too large by at most
    /// (c − 1) / c. So the product is too large by at most 255.5 · (c − 1), and no quotient reaches the next
    /// whole number as long as that is less than 2^shift / c. This is at least 2^15: up to 128 bytes it is
    /// less. The product has 31 bits.
    pub(crate) fn is_by_product(&self) -> bool {
        self.count <= Self::MOST
    }

    /// Whether halves are rounded up.
    pub(crate) fn is_plain(&self) -> bool {
        #[cfg(feature = "double-rounding")]
        return self.middle == 0;
        #[cfg(not(feature = "double-rounding"))]
        true
    }

    /// The mean of the bytes with this sum, with halves away from the mean of 128.
    #[cfg(feature = "double-rounding")]
    #[inline(always)]
    pub(crate) fn apply_away(&self, sum: u32) -> u8 {
        // The count is even. With one less, halves come to one less than a whole number.
        self.apply(sum.wrapping_sub((sum < self.middle).into()))
    }

    /// The mean of the bytes with this sum.
    #[inline(always)]
    pub(crate) fn apply(&self, sum: u32) -> u8 {
        let sum = sum.wrapping_add(self.half);
        if self.is_by_product() {
            (sum.wrapping_mul(self.reciprocal) >> self.shift) as u8
        } else {
            sum.checked_div(self.count).unwrap_or_default() as u8
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mean, Rounding};

    #[cfg(feature = "double-rounding")]
    #[test]
    fn halves_are_away_from_zero() {
        for count in 1..=400_i32 {
            let mean = Mean::of(count as usize, Rounding::Twice);
            assert_eq!(mean.is_plain(), count % 2 == 1);
            for sum in -128 * count..=127 * count {
                let expected = sum.signum() * ((2 * sum.abs() + count) / (2 * count));
                let bytes = (sum + 128 * count) as u32;
                let found =
                    if mean.is_plain() { mean.apply(bytes) } else { mean.apply_away(bytes) };
                assert_eq!(i32::from((found ^ 0x80) as i8), expected, "{sum} / {count}");
            }
        }
    }

    #[test]
    fn a_mean_is_the_quotient_rounded_half_up() {
        for count in 1..=400_usize {
            let mean = Mean::of(count, Rounding::Once);
            for sum in 0..=255 * count {
                let expected = (2 * sum + count) / (2 * count);
                assert_eq!(usize::from(mean.apply(sum as u32)), expected, "{sum} / {count}");
            }
        }
    }
}
