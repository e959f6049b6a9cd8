//! How far a reconstruction is from its original.

use ae_core::Detection;

/// `Σ (a − b)²` over the bytes of two images or windows. It is exact: of at most 65,535 bytes it
/// stays under 2^33.
///
/// ```
/// assert_eq!(ae_infer::squared_error(&[0, 10, 255], &[255, 13, 255]), 255 * 255 + 9);
/// ```
#[must_use]
pub fn squared_error(a: &[u8], b: &[u8]) -> u64 {
    a.iter().zip(b).fold(0, |sum: u64, (&a, &b)| sum.wrapping_add(squared_difference(a, b).into()))
}

/// What a detector knows of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// `Σ weight · error²` over the window's codes. An error is `code − reconstructed code`, to which
    /// the errors of as many samples as [`Detection::smoothing`] says are added on each side.
    pub score: u64,
    /// The blob's threshold.
    pub threshold: u64,
    /// The channel that contributes most to the score; of several the first.
    pub channel: usize,
    /// What that channel contributes.
    pub channel_score: u64,
}

impl Evidence {
    /// Whether the score is above the threshold.
    #[must_use]
    pub const fn exceeds(&self) -> bool {
        self.score > self.threshold
    }
}

/// The score of a window of samples of `channels` channels, and which channel contributes most to
/// it.
///
/// It is exact: with at most 65,535 codes and weights of at most 255 it stays under 2^41, and under
/// 2^46 where errors are smoothed.
#[must_use]
pub fn evidence(
    detection: &Detection<'_>,
    channels: usize,
    codes: &[u8],
    reconstruction: &[u8],
) -> Evidence {
    let mut evidence =
        Evidence { score: 0, threshold: detection.threshold, channel: 0, channel_score: 0 };
    for channel in 0..channels {
        let channel_score = match detection.smoothing {
            0 => plain(detection, channels, channel, codes, reconstruction),
            _ => smoothed(detection, channels, channel, codes, reconstruction),
        };
        evidence.score = evidence.score.wrapping_add(channel_score);
        if channel_score > evidence.channel_score {
            (evidence.channel, evidence.channel_score) = (channel, channel_score);
        }
    }
    evidence
}

/// The score of a channel, code by code.
fn plain(
    detection: &Detection<'_>,
    channels: usize,
    channel: usize,
    codes: &[u8],
    reconstruction: &[u8],
) -> u64 {
    let pairs = codes.iter().zip(reconstruction).enumerate();
    let of_channel = pairs.skip(channel).step_by(channels.max(1));
    of_channel.fold(0_u64, |sum, (index, (&code, &reconstructed))| {
        let weight = u32::from(detection.weight(index));
        // At most 255³, which fits 24 bits.
        let error = squared_difference(code, reconstructed).wrapping_mul(weight);
        sum.wrapping_add(error.into())
    })
}

/// The score of a channel whose errors are added over neighbouring samples. Beyond the window's ends
/// there is none.
fn smoothed(
    detection: &Detection<'_>,
    channels: usize,
    channel: usize,
    codes: &[u8],
    reconstruction: &[u8],
) -> u64 {
    let error_at = |index: usize| match (codes.get(index), reconstruction.get(index)) {
        (Some(&code), Some(&back)) => i32::from(code).wrapping_sub(back.into()),
        _ => 0,
    };
    let stride = channels.max(1);
    let reach = usize::from(detection.smoothing).saturating_mul(stride);
    // The sum for the sample at hand: of those before it as far as they reach, and those behind it.
    let ahead = (channel..channel.saturating_add(reach)).step_by(stride);
    let mut sum = ahead.fold(0_i32, |sum, index| sum.wrapping_add(error_at(index)));
    let mut score = 0_u64;
    for index in (channel..codes.len()).step_by(stride) {
        sum = sum.wrapping_add(error_at(index.saturating_add(reach)));
        let magnitude = sum.unsigned_abs();
        // At most (7 · 255)² · 255, which fits 30 bits.
        let weight = u32::from(detection.weight(index));
        score = score.wrapping_add(magnitude.wrapping_mul(magnitude).wrapping_mul(weight).into());
        if let Some(left) = index.checked_sub(reach) {
            sum = sum.wrapping_sub(error_at(left));
        }
    }
    score
}

fn squared_difference(a: u8, b: u8) -> u32 {
    let difference = u32::from(a.abs_diff(b));
    difference.wrapping_mul(difference)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    use ae_core::{Calibration, Debounce, GroupThresholds, SampleMap};

    use super::*;

    fn detection(weights: &[u8], smoothing: u8) -> Detection<'_> {
        Detection {
            samples: SampleMap::Pixels,
            window: 1,
            stride: 1,
            weights,
            threshold: 0,
            calibration: Calibration { alarm_ppm: 0, scores: 0, digest: &[] },
            debounce: Debounce::NONE,
            smoothing,
            features: None,
            groups: GroupThresholds::NONE,
        }
    }

    #[test]
    fn errors_of_neighbouring_samples_are_added() {
        // Four samples of two channels. Errors of the first: 1, −2, 3, 0; of the second: 0, 0, 0, 5.
        let codes = [11, 0, 8, 0, 13, 0, 10, 5];
        let back = [10, 0, 10, 0, 10, 0, 10, 0];
        let of = |smoothing| {
            let found = evidence(&detection(&[], smoothing), 2, &codes, &back);
            (found.score, found.channel, found.channel_score)
        };
        assert_eq!(of(0), (14 + 25, 1, 25));
        // Sums of the first: −1, 2, 1, 3; of the second: 0, 0, 5, 5.
        assert_eq!(of(1), (15 + 50, 1, 50));
        // 2, 2, 2, 1; 0, 5, 5, 5.
        assert_eq!(of(2), (13 + 75, 1, 75));
        // All four: 2 each; 5 each.
        assert_eq!(of(3), (16 + 100, 1, 100));
        let weights: Vec<u8> = (1..9).collect();
        let found = evidence(&detection(&weights, 1), 2, &codes, &back);
        assert_eq!(found.score, (1 + 3 * 4 + 5 + 7 * 9) + (6 + 8) * 25);
    }

    #[test]
    fn the_largest_errors_fit() {
        let (codes, back, weights) = (vec![255; 65_535], vec![0; 65_535], vec![255; 65_535]);
        let found = evidence(&detection(&weights, 3), 1, &codes, &back);
        let ends =
            2 * [4_u64, 5, 6].map(|samples| (255 * samples).pow(2) * 255).iter().sum::<u64>();
        assert_eq!(found.score, (65_535 - 6) * (255 * 7_u64).pow(2) * 255 + ends);
    }
}
