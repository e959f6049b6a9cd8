//! Statistics of a frame's samples.

use ae_core::Statistics;

use super::Frame;
use super::log2::log2;

/// Bits to which differences from the mean are cut before their fourth powers are added: 2^11 of them
/// then fit 64 bits.
const BITS: u32 = 13;

/// Gives those that are in the set, in the order of [`Statistics::NAMES`].
pub(super) fn each(frame: Frame<'_>, set: Statistics, value: &mut impl FnMut(i16)) {
    let (mut sum, mut least, mut most) = (0_i32, i16::MAX, i16::MIN);
    for sample in frame.samples() {
        sum = sum.wrapping_add(sample.into());
        (least, most) = (least.min(sample), most.max(sample));
    }
    let half = 1_i32 << (frame.log2.wrapping_sub(1) & 31);
    let mean = sum.wrapping_add(half) >> (frame.log2 & 31);
    let different = frame.samples().map(|sample| i32::from(sample).wrapping_sub(mean));

    let (mut squares, mut peak, mut crossings, mut is_below) = (0_u64, 0_u32, 0_i16, None);
    for difference in different.clone() {
        let magnitude = difference.unsigned_abs();
        squares = squares.wrapping_add(u64::from(magnitude).wrapping_mul(magnitude.into()));
        peak = peak.max(magnitude);
        let below = Some(difference < 0);
        crossings = crossings.wrapping_add((is_below.is_some() && is_below != below).into());
        is_below = below;
    }
    // Half the logarithm of the mean square.
    let log2_len = (frame.log2 << 8) as i32;
    let rms = log2(squares).wrapping_sub(log2_len) >> 1;

    let mut give = |statistic, found: i32| {
        if set.has(statistic) {
            // All fit: logarithms are at most 64 · 256.
            value(found.clamp(i16::MIN.into(), i16::MAX.into()) as i16);
        }
    };
    give(Statistics::MEAN, mean);
    give(Statistics::RMS, rms);
    let range = i32::from(most).wrapping_sub(least.into());
    give(Statistics::PEAK_TO_PEAK, log2(range.unsigned_abs().into()));
    let is_constant = squares == 0;
    let crest = if is_constant { 0 } else { log2(peak.into()).wrapping_sub(rms) };
    give(Statistics::CREST, crest);
    if set.has(Statistics::KURTOSIS) {
        let kurtosis = if is_constant { 0 } else { kurtosis(different, peak, log2_len) };
        give(Statistics::KURTOSIS, kurtosis);
    }
    give(Statistics::CROSSINGS, crossings.into());
}

/// The logarithm of the mean fourth power over the mean square's square.
fn kurtosis(different: impl Iterator<Item = i32>, peak: u32, log2_len: i32) -> i32 {
    let bits = u32::BITS.wrapping_sub(peak.leading_zeros());
    let cut = bits.saturating_sub(BITS);
    let (mut squares, mut fourths) = (0_u64, 0_u64);
    for difference in different {
        let kept = u64::from(difference.unsigned_abs() >> (cut & 31));
        let square = kept.wrapping_mul(kept);
        squares = squares.wrapping_add(square);
        fourths = fourths.wrapping_add(square.wrapping_mul(square));
    }
    log2(fourths).wrapping_add(log2_len).wrapping_sub(log2(squares) << 1)
}
