//! Ranges for activations: each is the one that loses least on the calibration images.

use rayon::prelude::*;

/// An affine map from i8 to real values: `scale · q + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine {
    pub(super) scale: f64,
    pub(super) offset: f64,
}

impl Affine {
    /// The map that lays −128…127 over `low`…`high`.
    pub(super) fn over(low: f64, high: f64) -> Self {
        let scale = (high - low) / 255.0;
        Self { scale, offset: low + 128.0 * scale }
    }

    pub(super) fn real(self, q: i8) -> f64 {
        self.scale * f64::from(q) + self.offset
    }

    pub(super) fn quantise(self, value: f64) -> i8 {
        // `as` saturates.
        ((value - self.offset) / self.scale).round() as i8
    }
}

/// How often values fall where, so that a range is tried in a few thousand steps instead of one a
/// value.
#[derive(Clone)]
pub(super) struct Histogram {
    low: f64,
    width: f64,
    counts: Vec<u32>,
}

const BINS: usize = 4096;
/// Bins of a histogram over one channel alone.
const CHANNEL_BINS: usize = 512;

/// Samples that one thread counts at a time.
const SAMPLES: usize = 256;

impl Histogram {
    /// Of some channels together, of values that stand sample after sample.
    pub(super) fn of_channels(values: &[f32], chosen: &[usize], channels: usize) -> Self {
        let limits = limits(values, channels);
        let low = chosen.iter().map(|&channel| limits[channel].0).fold(f64::MAX, f64::min);
        let high = chosen.iter().map(|&channel| limits[channel].1).fold(f64::MIN, f64::max);
        let empty = Self::empty(low, high, BINS);
        let counted = values.par_chunks(SAMPLES * channels).fold(
            || empty.clone(),
            |mut counted, samples| {
                for sample in samples.chunks_exact(channels) {
                    chosen.iter().for_each(|&channel| counted.count(sample[channel]));
                }
                counted
            },
        );
        counted.reduce(|| empty.clone(), Self::with)
    }

    /// Of each channel alone, of values that stand sample after sample.
    pub(super) fn of_each_channel(values: &[f32], channels: usize) -> Vec<Self> {
        let empty: Vec<Self> = limits(values, channels)
            .into_iter()
            .map(|(low, high)| Self::empty(low, high, CHANNEL_BINS))
            .collect();
        let counted = values.par_chunks(SAMPLES.max(values.len() / channels / 4) * channels).fold(
            || empty.clone(),
            |mut counted, samples| {
                for sample in samples.chunks_exact(channels) {
                    counted.iter_mut().zip(sample).for_each(|(counted, &value)| {
                        counted.count(value);
                    });
                }
                counted
            },
        );
        counted
            .reduce(|| empty.clone(), |a, b| a.into_iter().zip(b).map(|(a, b)| a.with(b)).collect())
    }

    fn empty(low: f64, high: f64, bins: usize) -> Self {
        let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
        let width = ((high - low) / bins as f64).max(f64::MIN_POSITIVE);
        Self { low, width, counts: vec![0; bins] }
    }

    fn count(&mut self, value: f32) {
        let bin = ((f64::from(value) - self.low) / self.width) as usize;
        let last = self.counts.len() - 1;
        self.counts[bin.min(last)] += 1;
    }

    /// Both counts together.
    fn with(mut self, other: Self) -> Self {
        self.counts.iter_mut().zip(other.counts).for_each(|(count, other)| *count += other);
        self
    }

    pub(super) fn low(&self) -> f64 {
        self.low
    }

    pub(super) fn high(&self) -> f64 {
        self.low + self.width * self.counts.len() as f64
    }

    /// Sum over all values of `error(value)`.
    pub(super) fn sum(&self, error: impl Fn(f64) -> f64) -> f64 {
        let bins = self.counts.iter().enumerate().filter(|&(_, &count)| count > 0);
        bins.map(|(bin, &count)| {
            f64::from(count) * error(self.low + self.width * (bin as f64 + 0.5))
        })
        .sum()
    }

    /// Of all ranges `low`…`high` inside the values' own, the one with the least squared error
    /// between `exact(value)` and `table(range)[q]`, where q is the value quantised over the range.
    pub(super) fn best_range(
        &self,
        exact: impl Fn(f64) -> f64,
        table: impl Fn(Affine) -> [f64; 256],
    ) -> Affine {
        let error = |(low, high): (f64, f64)| {
            let range = Affine::over(low, high);
            let table = table(range);
            self.sum(|value| {
                let index = (range.quantise(value) as u8) ^ 0x80;
                (exact(value) - table[usize::from(index)]).powi(2)
            })
        };
        let span = wide_enough(self.low(), self.high());
        let (bottom, top) = (self.low(), self.low() + span);
        // A coarse grid over both ends, then ever finer ones around the best.
        let mut best = (bottom, top);
        let mut least = error(best);
        let mut step = span / 16.0;
        let mut around: Vec<(f64, f64)> = Vec::new();
        for low in 0..15 {
            for high in low + 1..=16 {
                around.push((bottom + step * f64::from(low), bottom + step * f64::from(high)));
            }
        }
        for _ in 0..6 {
            for candidate in around.drain(..) {
                let (low, high) = candidate;
                if low >= bottom && high <= top && high - low > span / 1024.0 {
                    let found = error(candidate);
                    if found < least {
                        (best, least) = (candidate, found);
                    }
                }
            }
            step /= 2.0;
            for low in -2..=2 {
                for high in -2..=2 {
                    around.push((best.0 + step * f64::from(low), best.1 + step * f64::from(high)));
                }
            }
        }
        Affine::over(best.0, best.1)
    }
}

/// The least and the largest value of each channel, of values that stand sample after sample.
pub(super) fn limits(values: &[f32], channels: usize) -> Vec<(f64, f64)> {
    let nothing = || vec![(f64::MAX, f64::MIN); channels];
    let widest = |limits: &mut (f64, f64), (low, high): (f64, f64)| {
        *limits = (limits.0.min(low), limits.1.max(high));
    };
    let found = values.par_chunks(SAMPLES * channels).fold(nothing, |mut limits, samples| {
        for sample in samples.chunks_exact(channels) {
            let pairs = limits.iter_mut().zip(sample);
            pairs.for_each(|(limits, &value)| widest(limits, (value.into(), value.into())));
        }
        limits
    });
    found.reduce(nothing, |mut a, b| {
        a.iter_mut().zip(b).for_each(|(a, b)| widest(a, b));
        a
    })
}

/// The width of a range, or where it is nothing, and would have no scale, a millionth of its place:
/// a network with latents of 10⁻²⁰ is the same as one with latents of 1. What no f32 tells from 0 has
/// no place.
pub(super) fn wide_enough(low: f64, high: f64) -> f64 {
    let place = low.abs().max(high.abs());
    let least = if place >= f64::from(f32::MIN_POSITIVE) { 1e-6 * place } else { 1.0 };
    (high - low).max(least)
}

/// For values that are used as they are.
pub(super) fn identity_table(range: Affine) -> [f64; 256] {
    std::array::from_fn(|index| range.real((index as u8 ^ 0x80) as i8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_range_are_hit() {
        let range = Affine::over(-1.0, 4.1);
        assert!((range.real(-128) + 1.0).abs() < 1e-12 && (range.real(127) - 4.1).abs() < 1e-12);
        assert_eq!((range.quantise(-9.0), range.quantise(9.0)), (-128, 127));
    }

    #[test]
    fn values_spread_evenly_keep_their_whole_range() {
        let values: Vec<f32> = (0..10_000).map(|i| i as f32 / 10_000.0 - 0.25).collect();
        let range = Histogram::of_channels(&values, &[0], 1).best_range(|v| v, identity_table);
        assert!((range.real(-128) + 0.25).abs() < 0.01, "{range:?}");
        assert!((range.real(127) - 0.75).abs() < 0.01, "{range:?}");
    }

    #[test]
    fn an_outlier_that_costs_the_others_more_than_itself_is_clipped() {
        // A range 0…h costs the outlier at 3 (3 − h)², and the million others h²/(12·255²) each:
        // least at h = 1.31.
        let mut values: Vec<f32> = (0..1_000_000).map(|i| (i % 1000) as f32 / 1000.0).collect();
        values.push(3.0);
        let range = Histogram::of_channels(&values, &[0], 1).best_range(|v| v, identity_table);
        assert!((1.1..1.6).contains(&range.real(127)), "{range:?}");
    }

    #[test]
    fn what_a_function_flattens_is_left_out() {
        let values: Vec<f32> = (0..10_000).map(|i| i as f32 / 250.0 - 20.0).collect();
        let sigmoid = |v: f64| 1.0 / (1.0 + (-v).exp());
        let range = Histogram::of_channels(&values, &[0], 1)
            .best_range(sigmoid, |range| identity_table(range).map(sigmoid));
        assert!(range.real(-128) > -10.0 && range.real(127) < 10.0, "{range:?}");
    }

    #[test]
    fn constant_values_give_a_usable_scale() {
        let range = Histogram::of_channels(&[3.0; 10], &[0], 1).best_range(|v| v, identity_table);
        assert!(range.scale > 0.0);
        assert!((range.real(range.quantise(3.0)) - 3.0).abs() < 1e-3);
    }
}
