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
    /// `Σ weight · (code − reconstructed code)²` over the window's codes.
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
/// It is exact: with at most 65,535 codes and weights of at most 255 it stays under 2^41.
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
        let pairs = codes.iter().zip(reconstruction).enumerate();
        let of_channel = pairs.skip(channel).step_by(channels.max(1));
        let channel_score = of_channel.fold(0_u64, |sum, (index, (&code, &reconstructed))| {
            let weight = u32::from(detection.weight(index));
            // At most 255³, which fits 24 bits.
            let error = squared_difference(code, reconstructed).wrapping_mul(weight);
            sum.wrapping_add(error.into())
        });
        evidence.score = evidence.score.wrapping_add(channel_score);
        if channel_score > evidence.channel_score {
            (evidence.channel, evidence.channel_score) = (channel, channel_score);
        }
    }
    evidence
}

fn squared_difference(a: u8, b: u8) -> u32 {
    let difference = u32::from(a.abs_diff(b));
    difference.wrapping_mul(difference)
}
