//! [`evidence`](crate::evidence) for hosts: channels side by side in vector registers, instead of one
//! after the other.

use ae_core::Detection;

use crate::score::{self, Evidence};

/// Places that are added up side by side: as many fill some vector registers.
const ABREAST: usize = 64;
/// The most of them, which is that of channels. A window of more is scored channel by channel.
const PLACES: usize = 256;
/// Blocks whose squares fit a sum of 32 bits: each is at most 255³, which fits 24.
const BLOCKS: usize = 256;

/// What [`evidence`](crate::evidence) gives, sooner. The sums are of integers, so their order does not
/// matter.
#[must_use]
pub fn evidence(
    detection: &Detection<'_>,
    channels: usize,
    codes: &[u8],
    reconstruction: &[u8],
) -> Evidence {
    let weights = detection.weights;
    let is_whole =
        codes.len() == reconstruction.len() && (weights.is_empty() || weights.len() == codes.len());
    if !is_whole || channels > PLACES {
        return score::evidence(detection, channels, codes, reconstruction);
    }
    // Whole samples, one at least.
    let samples = ABREAST.checked_div(channels).unwrap_or(1).max(1);
    let width = samples.saturating_mul(channels);
    let window = Window { codes, back: reconstruction, weights, channels, width };
    let sums = match detection.smoothing {
        0 => window.plain(),
        reach => window.smoothed(reach.into()),
    };
    let mut evidence =
        Evidence { score: 0, threshold: detection.threshold, channel: 0, channel_score: 0 };
    for (channel, &sum) in sums.iter().take(channels).enumerate() {
        evidence.score = evidence.score.wrapping_add(sum);
        if sum > evidence.channel_score {
            (evidence.channel, evidence.channel_score) = (channel, sum);
        }
    }
    evidence
}

/// A window and its reconstruction.
struct Window<'w> {
    codes: &'w [u8],
    back: &'w [u8],
    /// Of each code, or none.
    weights: &'w [u8],
    channels: usize,
    /// Codes of a block: whole samples.
    width: usize,
}

impl Window<'_> {
    /// The score of each channel, code by code.
    fn plain(&self) -> [u64; PLACES] {
        let mut sums = [0; PLACES];
        let (width, many) = (self.width.max(1), self.width.saturating_mul(BLOCKS).max(1));
        let mut weights = self.weights.chunks(width);
        for (codes, back) in self.codes.chunks(many).zip(self.back.chunks(many)) {
            let mut squares = [0_u32; PLACES];
            for (codes, back) in codes.chunks(width).zip(back.chunks(width)) {
                let pairs = squares.iter_mut().zip(codes.iter().zip(back));
                match weights.next() {
                    None => pairs.for_each(|(sum, (&a, &b))| *sum = sum.wrapping_add(square(a, b))),
                    Some(weights) => pairs.zip(weights).for_each(|((sum, (&a, &b)), &weight)| {
                        *sum = sum.wrapping_add(square(a, b).wrapping_mul(weight.into()));
                    }),
                }
            }
            self.fold(&squares, &mut sums);
        }
        sums
    }

    /// The same of errors that are added over so many samples on each side.
    fn smoothed(&self, reach: usize) -> [u64; PLACES] {
        let mut squares = [0_u64; PLACES];
        let mut weights = self.weights.chunks(self.width.max(1));
        for start in (0..self.codes.len()).step_by(self.width.max(1)) {
            let len = self.width.min(self.codes.len().wrapping_sub(start));
            // A sum of seven errors fits 16 bits.
            let mut errors = [0_i16; PLACES];
            for neighbour in 0..=reach.wrapping_mul(2) {
                let ahead = start.wrapping_add(neighbour.wrapping_mul(self.channels));
                self.add_errors(ahead, reach.wrapping_mul(self.channels), len, &mut errors);
            }
            let pairs = squares.iter_mut().zip(&errors).take(len);
            match weights.next() {
                None => {
                    pairs.for_each(|(sum, &error)| *sum = sum.wrapping_add(squared(error).into()))
                }
                Some(weights) => pairs.zip(weights).for_each(|((sum, &error), &weight)| {
                    // At most (7 · 255)² · 255, which fits 30 bits.
                    let square = squared(error).wrapping_mul(weight.into());
                    *sum = sum.wrapping_add(square.into());
                }),
            }
        }
        let mut sums = [0; PLACES];
        self.fold(&squares, &mut sums);
        sums
    }

    /// Adds the errors of the `len` codes from `ahead − behind` on; beyond the window's ends there is none.
    fn add_errors(&self, ahead: usize, behind: usize, len: usize, errors: &mut [i16; PLACES]) {
        let first = ahead.saturating_sub(behind);
        let left_out = behind.saturating_sub(ahead);
        let last = ahead.saturating_add(len).saturating_sub(behind).min(self.codes.len());
        let (codes, back) = (self.codes.get(first..last), self.back.get(first..last));
        let (Some(codes), Some(back), Some(errors)) = (codes, back, errors.get_mut(left_out..))
        else {
            return;
        };
        for (error, (&code, &back)) in errors.iter_mut().zip(codes.iter().zip(back)) {
            *error = error.wrapping_add(i16::from(code).wrapping_sub(back.into()));
        }
    }

    /// Adds the sums of a block's places to those of its channels.
    fn fold<S: Copy + Into<u64>>(&self, places: &[S; PLACES], sums: &mut [u64; PLACES]) {
        let used = places.get(..self.width).unwrap_or_default();
        for sample in used.chunks(self.channels.max(1)) {
            for (sum, &place) in sums.iter_mut().zip(sample) {
                *sum = sum.wrapping_add(place.into());
            }
        }
    }
}

fn square(a: u8, b: u8) -> u32 {
    let difference = u16::from(a.abs_diff(b));
    difference.wrapping_mul(difference).into()
}

fn squared(error: i16) -> u32 {
    let magnitude = u32::from(error.unsigned_abs());
    magnitude.wrapping_mul(magnitude)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use ae_core::{Calibration, Debounce, GroupThresholds, SampleMap};

    use super::*;

    #[test]
    fn it_is_what_one_channel_after_the_other_gives() {
        let mut bits = 1_u64;
        let mut next = || {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (bits >> 56) as u8
        };
        for channels in [1, 2, 3, 6, 7, 63, 64, 65, 128, 129, 255, 256, 257, 300] {
            for samples in [1, 2, 3, 4, 5, 31, 200] {
                let codes: Vec<u8> = (0..channels * samples).map(|_| next()).collect();
                let back: Vec<u8> = codes.iter().map(|_| next()).collect();
                let weights: Vec<u8> = codes.iter().map(|_| next().max(1)).collect();
                let equal = |weights, smoothing, codes: &[u8], back: &[u8]| {
                    let detection = detection(weights, smoothing);
                    let found = evidence(&detection, channels, codes, back);
                    let expected = score::evidence(&detection, channels, codes, back);
                    assert_eq!(found, expected, "{channels} · {samples}, {smoothing}");
                };
                for smoothing in 0..=Detection::MAX_SMOOTHING {
                    for weights in [&[][..], &weights] {
                        equal(weights, smoothing, &codes, &back);
                        // Equal scores of channels: the first one is told.
                        equal(weights, smoothing, &codes, &codes);
                    }
                    equal(&[], smoothing, &codes, &back[..back.len() / 2]);
                }
            }
        }
    }

    #[test]
    fn the_largest_errors_fit() {
        let (codes, back) = (std::vec![255; 65_535], std::vec![0; 65_535]);
        let weights = std::vec![255; 65_535];
        for channels in [1, 3, 5, 255] {
            for smoothing in 0..=Detection::MAX_SMOOTHING {
                let detection = detection(&weights, smoothing);
                let found = evidence(&detection, channels, &codes, &back);
                assert_eq!(found, score::evidence(&detection, channels, &codes, &back));
            }
        }
    }

    fn detection(weights: &[u8], smoothing: u8) -> Detection<'_> {
        Detection {
            samples: SampleMap::Pixels,
            window: 1,
            stride: 1,
            weights,
            threshold: 3,
            calibration: Calibration { alarm_ppm: 0, scores: 0, digest: &[] },
            debounce: Debounce::NONE,
            smoothing,
            features: None,
            groups: GroupThresholds::NONE,
        }
    }
}
