//! Channels whose values lie on several levels, as those of a machine with several operating points.
//!
//! One straight line from values to codes spends its codes on the way between the levels, and all that
//! happens within a level falls on one or two of them. Such a channel is mapped through its quantiles
//! instead: as many values, as many codes.

use super::{Signals, Standardisation, WindowAt, standardise};

/// The quantiles that knots lie at: a level that a tenth of the values have holds two of them, and
/// what is rare has its own.
const QUANTILES: [f64; 31] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
    0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995,
];

/// A channel with several levels: places of a map that rises from knot to knot.
#[derive(Debug, Clone, PartialEq)]
pub struct Knots {
    /// The median of its standard deviation within the windows in which it changes.
    pub within: f64,
    /// Rising values, at least two, and what each becomes, in spreads: rising too, the median
    /// value's 0.
    pub places: Vec<(f32, f64)>,
}

impl Knots {
    /// The knots of each channel that needs them, by the windows that are trained on. One does if all
    /// of this holds:
    ///
    /// - In the median of the windows in which it changes, its standard deviation is below `code`, in
    ///   units of its deviation in all windows. Windows in which it rests say nothing: a switch and a
    ///   counter that mostly stands still change by much where they change.
    /// - From knot to knot, the median value is on a steeper way than on the straight line. So a
    ///   channel keeps its line that slowly runs through its range, or that mostly has one value.
    ///
    /// Knots lie at quantiles of its values, but for those that are [far](super::Far), and become the
    /// quantiles of a Laplace distribution with a mean deviation of one half: many values lie near the
    /// median or near a level, and few far out have codes too. Where a value is several quantiles, it
    /// becomes their mean.
    ///
    /// # Panics
    /// If a window is not inside its recording.
    #[must_use]
    pub fn of(
        signals: &Signals,
        windows: &[WindowAt],
        window: usize,
        standardisation: &Standardisation,
        code: f64,
    ) -> Vec<Option<Self>> {
        let of = |channel: usize| {
            let deviation = standardisation.deviation[channel];
            let within = within(signals, windows, window, channel)?;
            if within >= code * deviation {
                return None;
            }
            let [least, largest] = standardisation.range[channel];
            let mut values = standardise::each_once(signals, windows, window, channel);
            values.retain(|value| (least..=largest).contains(value));
            let places = places(&values);
            (steepness(&places, &values)? * deviation > 1.0).then_some(Self { within, places })
        };
        (0..signals.channels.len()).map(of).collect()
    }
}

/// The median of a channel's standard deviation within the windows in which it changes.
fn within(signals: &Signals, windows: &[WindowAt], window: usize, channel: usize) -> Option<f64> {
    let channels = signals.channels.len();
    let of = |&at: &WindowAt| {
        let values = || {
            let samples = signals.window(at, window).iter().skip(channel).step_by(channels);
            samples.map(|&value| f64::from(value))
        };
        let mean = values().sum::<f64>() / window as f64;
        let squares: f64 = values().map(|value| (value - mean).powi(2)).sum();
        let first = values().next()?;
        values().any(|value| value != first).then(|| (squares / window as f64).sqrt())
    };
    let mut all: Vec<f64> = windows.iter().filter_map(of).collect();
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

/// The knots of values in ascending order.
fn places(values: &[f32]) -> Vec<(f32, f64)> {
    let mut knots: Vec<(f32, f64, u32)> = Vec::new();
    for quantile in QUANTILES {
        // A value that occurs: between two levels there is none.
        let place = (quantile * (values.len() - 1) as f64).round() as usize;
        let (value, spreads) = (values[place], laplace(quantile));
        match knots.last_mut() {
            Some((last, sum, count)) if *last == value => {
                *sum += spreads;
                *count += 1;
            }
            _ => knots.push((value, spreads, 1)),
        }
    }
    knots.into_iter().map(|(value, sum, count)| (value, sum / f64::from(count))).collect()
}

/// A quantile of a Laplace distribution whose mean deviation is one half.
fn laplace(quantile: f64) -> f64 {
    if quantile < 0.5 {
        libm::log(2.0 * quantile) / 2.0
    } else {
        -libm::log(2.0 * (1.0 - quantile)) / 2.0
    }
}

/// Spreads in a unit of the channel on the way that half of the values are on a steeper one than;
/// beyond the outermost knots nothing. `None` with fewer than two knots.
fn steepness(places: &[(f32, f64)], values: &[f32]) -> Option<f64> {
    let rank = |knot: f32| values.partition_point(|&value| value <= knot);
    let mut ways: Vec<(f64, usize)> = places
        .windows(2)
        .map(|pair| {
            let [(a, from), (b, to)] = [pair[0], pair[1]];
            ((to - from) / (f64::from(b) - f64::from(a)), rank(b) - rank(a))
        })
        .collect();
    ways.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut steeper = 0;
    ways.into_iter().find_map(|(steepness, count)| {
        steeper += count;
        (2 * steeper >= values.len()).then_some(steepness)
    })
}

#[cfg(test)]
mod tests;
