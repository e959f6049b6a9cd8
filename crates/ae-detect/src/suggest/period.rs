//! The main period of each channel, by its autocorrelation.
//!
//! The public benchmarks of anomaly detection choose windows in this way (`find_length` of Paparrizos
//! and others, *TSB-UAD*, PVLDB 15, 2022): the highest peak of the autocorrelation. Two things are
//! added. The level is taken out before, so that a channel that drifts shows its period too. And of
//! peaks that are about as high as the highest, the first is taken: the others are its multiples.

use ae_data::signal::{Piece, Signals};
use rayon::prelude::*;

/// Longest period that is looked for, in samples.
const LONGEST: usize = 1024;

/// Most values that are looked at, of all channels together. One in many says as much of a period.
const MOST_VALUES: usize = 300_000;

/// A peak is so high at least, and so far above the lowest value before it.
const LEAST_HEIGHT: f64 = 0.25;

/// And so many standard errors of the autocorrelation of noise, 1 / √n.
const LEAST_ERRORS: f64 = 4.0;

/// A peak stands for the highest if it is so high a share of it.
const AS_HIGH: f64 = 0.85;

/// What a channel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// It is the same everywhere.
    Constant,
    /// It changes, and has no period.
    None,
    /// It has a period of so many samples.
    Period(usize),
}

/// What each channel shows in these pieces.
pub(super) fn periods(signals: &Signals, pieces: &[Piece]) -> Vec<Shown> {
    let channels = signals.channels.len();
    let all: usize = pieces.iter().map(|piece| piece.range.len()).sum();
    let share = (MOST_VALUES as f64 / (all * channels).max(1) as f64).min(1.0);
    let longest = pieces.iter().map(|piece| piece.range.len()).max().unwrap_or_default();
    // A period that is not seen twice is none. Of long recordings, a part is looked at.
    let least = (2 * LONGEST).min(longest);
    let of_channel = |channel: usize| {
        let mut parts: Vec<Vec<f64>> = Vec::new();
        for piece in pieces {
            let len = piece.range.len();
            let used = ((share * len as f64).ceil() as usize).max(least).min(len);
            let samples = signals.piece(piece).chunks(channels).take(used);
            parts.push(samples.map(|sample| f64::from(sample[channel])).collect());
        }
        let mut values = parts.iter().flatten();
        let first = values.next();
        if values.all(|value| Some(value) == first) {
            return Shown::Constant;
        }
        let lags = LONGEST.min(longest / 2);
        parts.iter_mut().for_each(|part| without_level(part, 2 * lags));
        period(&autocorrelation(&parts, lags), parts.iter().map(Vec::len).sum())
    };
    (0..channels).into_par_iter().map(of_channel).collect()
}

/// Takes a straight line away, and then the mean of `width` samples around each; at the ends, of those
/// that there are.
fn without_level(part: &mut [f64], width: usize) {
    let count = part.len().max(1) as f64;
    let middle = (count - 1.0) / 2.0;
    // Less the first value, so that a large offset costs no digits.
    let offset = part.first().copied().unwrap_or_default();
    let mean = part.iter().map(|value| value - offset).sum::<f64>() / count;
    let [mut products, mut squares] = [0.0, f64::MIN_POSITIVE];
    for (at, value) in part.iter().enumerate() {
        products += (at as f64 - middle) * (value - offset - mean);
        squares += (at as f64 - middle).powi(2);
    }
    let mut sums = vec![0.0; part.len() + 1];
    for (at, value) in part.iter_mut().enumerate() {
        *value -= offset + mean + products / squares * (at as f64 - middle);
        sums[at + 1] = sums[at] + *value;
    }
    for (at, value) in part.iter_mut().enumerate() {
        let (from, to) = (at.saturating_sub(width / 2), (at + width / 2 + 1).min(sums.len() - 1));
        *value -= (sums[to] - sums[from]) / (to - from) as f64;
    }
}

/// The correlation of a sample with the one so many samples later, from 0 to `lags`.
fn autocorrelation(parts: &[Vec<f64>], lags: usize) -> Vec<f64> {
    let mean_product = |lag: usize| {
        let pairs = || parts.iter().filter(move |part| part.len() > lag);
        let count: usize = pairs().map(|part| part.len() - lag).sum();
        pairs().map(|part| product(part, &part[lag..])).sum::<f64>() / count.max(1) as f64
    };
    let variance = mean_product(0);
    (0..=lags).map(|lag| if variance > 0.0 { mean_product(lag) / variance } else { 0.0 }).collect()
}

/// The sum of products, in eight sums that a processor adds up side by side.
fn product(early: &[f64], late: &[f64]) -> f64 {
    let (early, early_rest) = early[..late.len()].as_chunks::<8>();
    let (late, late_rest) = late.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (early, late) in early.iter().zip(late) {
        for ((sum, early), late) in sums.iter_mut().zip(early).zip(late) {
            *sum += early * late;
        }
    }
    let rest = early_rest.iter().zip(late_rest).map(|(early, late)| early * late);
    sums.into_iter().chain(rest).sum()
}

/// The period that an autocorrelation of `samples` samples shows.
fn period(correlation: &[f64], samples: usize) -> Shown {
    let least = LEAST_HEIGHT.max(LEAST_ERRORS / (samples.max(1) as f64).sqrt());
    let mut lowest = f64::INFINITY;
    let mut peaks: Vec<(usize, f64)> = Vec::new();
    for lag in 1..correlation.len().saturating_sub(1) {
        let height = correlation[lag];
        let near = lag / 8 + 1;
        let around = &correlation[lag - near.min(lag - 1)..(lag + near + 1).min(correlation.len())];
        let is_peak = around.iter().all(|&other| other <= height);
        if is_peak && height >= least && height - lowest >= least {
            peaks.push((lag, height));
        }
        lowest = lowest.min(height);
    }
    let highest = peaks.iter().map(|&(_, height)| height).fold(0.0, f64::max);
    let first = peaks.into_iter().find(|&(_, height)| height >= AS_HIGH * highest);
    first.map_or(Shown::None, |(lag, _)| Shown::Period(lag))
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Recording};

    use super::*;

    fn shown(value: impl Fn(f64, f64) -> f64, len: usize) -> Shown {
        let mut noise = 12_345_u64;
        let samples = (0..len).map(|at| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            value(at as f64, (noise >> 40) as f64 / f64::from(1 << 23) - 1.0) as f32
        });
        let origin = Origin::default();
        let recording = Recording {
            samples: samples.collect(),
            labels: Labels::default(),
            group: None,
            origin,
        };
        let signals = Signals {
            channels: vec!["a".into()],
            recordings: vec![recording],
            notes: vec![],
            rate: None,
        };
        periods(&signals, &[Piece { recording: 0, range: 0..len }])[0]
    }

    fn turn(at: f64, period: f64) -> f64 {
        (std::f64::consts::TAU * at / period).sin()
    }

    #[test]
    fn periods_are_found_in_noise_and_drift_and_under_harmonics() {
        for (period, len) in [(5.0, 400), (48.0, 2000), (183.0, 1000), (500.0, 6000)] {
            let is_near = |shown: Shown| match shown {
                Shown::Period(found) => (found as f64 - period).abs() <= 1.0 + 0.03 * period,
                _ => false,
            };
            let plain = shown(|at, _| turn(at, period), len);
            assert!(is_near(plain), "{period}: {plain:?}");
            let noisy = shown(|at, noise| turn(at, period) + 0.7 * noise, len);
            assert!(is_near(noisy), "{period}: {noisy:?}");
            let harmonics = shown(|at, _| turn(at, period) + turn(at, period / 2.0), len);
            assert!(is_near(harmonics), "{period}: {harmonics:?}");
            let drift = shown(|at, _| 1e6 + 0.02 * at + turn(at, period), len);
            assert!(is_near(drift), "{period}: {drift:?}");
        }
    }

    #[test]
    fn what_has_no_period_shows_none() {
        assert_eq!(shown(|_, noise| noise, 3000), Shown::None);
        assert_eq!(shown(|_, noise| noise, 60), Shown::None);
        assert_eq!(shown(|at, _| at, 3000), Shown::None);
        assert_eq!(shown(|_, _| 7.0, 3000), Shown::Constant);
        assert_eq!(shown(|_, _| 7.0, 1), Shown::Constant);
        let sum = std::cell::Cell::new(0.0);
        let walk = shown(
            |_, noise| {
                sum.set(sum.get() + noise);
                sum.get()
            },
            6000,
        );
        assert_eq!(walk, Shown::None);
    }

    #[test]
    fn many_samples_are_not_all_looked_at() {
        assert_eq!(shown(|at, _| turn(at, 50.0), 1_000_000), Shown::Period(50));
    }
}
