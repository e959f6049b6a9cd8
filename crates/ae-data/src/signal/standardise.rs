//! Where the values of each channel lie, by the windows that are trained on.

use serde::{Deserialize, Serialize};

use super::far::Far;
use super::{Signals, WindowAt};

/// Mean and standard deviation of each channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standardisation {
    /// Of each channel, in its units.
    pub mean: Vec<f64>,
    /// Of each channel, in its units; greater than 0. The root of the mean squared deviation, with
    /// the number of values as divisor.
    pub deviation: Vec<f64>,
    /// The least and the largest value of each channel, but for those that are far.
    pub range: Vec<[f32; 2]>,
    /// Values so far away that all this is of the others.
    pub far: Vec<Far>,
}

/// A channel that is the same everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Name of the channel.
    pub channel: String,
    /// Its only value.
    pub value: f32,
}

/// Why a standardisation cannot be had. Each message says what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StandardiseError {
    /// Nothing to fit to.
    #[error("there are no windows to train on; give more or longer recordings of what is normal")]
    NoWindows,
    /// Channels that are the same in all windows.
    #[error(
        "{} in all windows to train on, so nothing can be learned from {}; {}",
        told(channels), if channels.len() == 1 { "it" } else { "them" }, match others.as_str() {
            "" => "give recordings in which it changes".to_owned(),
            others => format!("choose the others: {others}"),
        }
    )]
    Constant {
        /// All of them.
        channels: Vec<Constant>,
        /// The other channels, with commas between them.
        others: String,
    },
}

/// `the channel `b` is 7`, or `2 channels stay the same: `b` (7), `c` (0)`.
fn told(channels: &[Constant]) -> String {
    match channels {
        [Constant { channel, value }] => format!("the channel `{channel}` is {value}"),
        several => {
            let of = |Constant { channel, value }: &Constant| format!("`{channel}` ({value})");
            let list: Vec<String> = several.iter().map(of).collect();
            format!("{} channels stay the same: {},", several.len(), list.join(", "))
        }
    }
}

/// The channels that are the same in all windows, with their positions.
///
/// # Panics
/// If a window is not inside its recording.
#[must_use]
pub fn constants(signals: &Signals, windows: &[WindowAt], window: usize) -> Vec<(usize, Constant)> {
    let channels = signals.channels.len();
    let Some(&at) = windows.first() else { return Vec::new() };
    let first = &signals.window(at, window)[..channels];
    let mut changes = vec![false; channels];
    for &at in windows {
        for sample in signals.window(at, window).chunks(channels) {
            let pairs = changes.iter_mut().zip(sample.iter().zip(first));
            pairs.for_each(|(changes, (value, first))| *changes |= value != first);
        }
    }
    let constant = |channel: usize| {
        let (name, value) = (signals.channels[channel].clone(), first[channel]);
        (channel, Constant { channel: name, value })
    };
    (0..channels).filter(|&channel| !changes[channel]).map(constant).collect()
}

impl Standardisation {
    /// Mean and deviation of each channel over all values of all windows, but for those that are
    /// [far](Far) from all others. A sample counts as often as windows hold it, so that samples in
    /// windows that overlap count more than those at the edges: these are the values that a model is
    /// trained on. In f64, in the order of the windows, the mean first and the deviations from it
    /// second.
    ///
    /// # Errors
    /// No windows, or channels that never change.
    ///
    /// # Panics
    /// If a window is not inside its recording.
    pub fn fit(
        signals: &Signals,
        windows: &[WindowAt],
        window: usize,
    ) -> Result<Self, StandardiseError> {
        if windows.is_empty() || window == 0 {
            return Err(StandardiseError::NoWindows);
        }
        let constants = constants(signals, windows, window);
        if !constants.is_empty() {
            let is_constant = |at: usize| constants.iter().any(|&(constant, _)| constant == at);
            let others = signals.channels.iter().enumerate().filter(|&(at, _)| !is_constant(at));
            let others: Vec<&str> = others.map(|(_, name)| name.as_str()).collect();
            let others = others.join(",");
            let channels = constants.into_iter().map(|(_, constant)| constant).collect();
            return Err(StandardiseError::Constant { channels, others });
        }
        Ok(Self::of(signals, windows, window))
    }

    /// The same, but a channel that is the same in all windows has the deviation `least`.
    ///
    /// # Errors
    /// No windows.
    ///
    /// # Panics
    /// If a window is not inside its recording.
    pub fn fit_any(
        signals: &Signals,
        windows: &[WindowAt],
        window: usize,
        least: f64,
    ) -> Result<Self, StandardiseError> {
        if windows.is_empty() || window == 0 {
            return Err(StandardiseError::NoWindows);
        }
        let mut made = Self::of(signals, windows, window);
        for (channel, _) in constants(signals, windows, window) {
            made.deviation[channel] = least;
        }
        Ok(made)
    }

    /// Of some windows, at least one.
    fn of(signals: &Signals, windows: &[WindowAt], window: usize) -> Self {
        let channels = signals.channels.len();
        let (mut far, mut range) = (Vec::new(), Vec::new());
        for (channel, name) in signals.channels.iter().enumerate() {
            let values = each_once(signals, windows, window, channel);
            let found = super::far::far(name, &values);
            let all = [values[0], values[values.len() - 1]];
            range.push(found.as_ref().map_or(all, |far| far.others));
            far.extend(found);
        }
        let samples = || {
            let values = windows.iter().flat_map(|&at| signals.window(at, window));
            let values = values.enumerate().map(|(at, &value)| (at % channels, value));
            values.filter(|&(channel, value)| {
                let [least, largest] = range[channel];
                (least..=largest).contains(&value)
            })
        };
        let (mut mean, mut squares) = (vec![0.0; channels], vec![0.0; channels]);
        let mut counts = vec![0_usize; channels];
        for (channel, value) in samples() {
            mean[channel] += f64::from(value);
            counts[channel] += 1;
        }
        mean.iter_mut().zip(&counts).for_each(|(mean, &count)| *mean /= count as f64);
        for (channel, value) in samples() {
            squares[channel] += (f64::from(value) - mean[channel]).powi(2);
        }
        let squares = squares.iter().zip(&counts);
        let deviation = squares.map(|(squares, &count)| (squares / count as f64).sqrt()).collect();
        Self { mean, deviation, range, far }
    }
}

/// A channel's values in ascending order, each sample once; windows that overlap follow each other.
pub(super) fn each_once(
    signals: &Signals,
    windows: &[WindowAt],
    window: usize,
    channel: usize,
) -> Vec<f32> {
    let channels = signals.channels.len();
    let (mut values, mut last) = (Vec::new(), WindowAt { recording: usize::MAX, start: 0 });
    for &at in windows {
        let is_next = at.recording == last.recording && at.start >= last.start;
        let seen = if is_next { (last.start + window).saturating_sub(at.start) } else { 0 };
        let samples = signals.window(at, window).chunks(channels).skip(seen);
        values.extend(samples.map(|sample| sample[channel]));
        last = at;
    }
    values.sort_unstable_by(f32::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Labels, Origin, Recording};

    fn two_channels(samples: &[f32]) -> Signals {
        Signals {
            channels: vec!["a".into(), "b".into()],
            recordings: vec![Recording {
                samples: samples.to_vec(),
                labels: Labels::default(),
                group: None,
                origin: Origin::default(),
            }],
            notes: vec![],
            rate: None,
        }
    }

    fn at(start: usize) -> WindowAt {
        WindowAt { recording: 0, start }
    }

    #[test]
    fn mean_and_deviation_of_each_channel() {
        let signals = two_channels(&[1.0, 100.0, 3.0, 300.0, 5.0, 500.0, 99.0, 99.0]);
        // Samples 0, 1 and 1, 2: the second counts twice, the fourth not at all.
        let fitted = Standardisation::fit(&signals, &[at(0), at(1)], 2).unwrap();
        assert_eq!(fitted.mean, [3.0, 300.0]);
        assert_eq!(fitted.deviation, [2.0_f64.sqrt(), 20_000.0_f64.sqrt()]);
    }

    #[test]
    fn large_offsets_lose_nothing() {
        let signals = two_channels(&[16_777_214.0, 1e30, 16_777_216.0, -1e30]);
        let fitted = Standardisation::fit(&signals, &[at(0)], 2).unwrap();
        assert_eq!(fitted.mean, [16_777_215.0, 0.0]);
        assert_eq!(fitted.deviation, [1.0, f64::from(1e30_f32)]);
    }

    #[test]
    fn a_channel_that_never_changes_is_named() {
        let signals = two_channels(&[1.0, 7.5, 3.0, 7.5, 5.0, 8.0]);
        let error = Standardisation::fit(&signals, &[at(0)], 2).unwrap_err().to_string();
        for words in ["channel `b` is 7.5", "the others: a"] {
            assert!(error.contains(words), "{error}");
        }
        assert!(Standardisation::fit(&signals, &[at(0)], 3).is_ok());
    }

    #[test]
    fn a_channel_that_never_changes_may_count_as_one_of_little_deviation() {
        let signals = two_channels(&[1.0, 7.5, 3.0, 7.5, 5.0, 8.0]);
        let fitted = Standardisation::fit_any(&signals, &[at(0)], 2, 0.25).unwrap();
        assert_eq!((&fitted.mean[..], &fitted.deviation[..]), (&[2.0, 7.5][..], &[1.0, 0.25][..]));
        let whole = Standardisation::fit_any(&signals, &[at(0)], 3, 0.25);
        assert_eq!(whole, Standardisation::fit(&signals, &[at(0)], 3));
        assert!(Standardisation::fit_any(&signals, &[], 2, 0.25).is_err());
    }

    #[test]
    fn all_channels_that_never_change_are_named_at_once() {
        let mut signals = two_channels(&[1.0, 7.5, 0.0, 0.5, 1.0, 7.5, 0.0, 0.25]);
        signals.channels = ["a", "b", "c", "d"].map(String::from).to_vec();
        let error = Standardisation::fit(&signals, &[at(0)], 2).unwrap_err().to_string();
        assert_eq!(
            error,
            "3 channels stay the same: `a` (1), `b` (7.5), `c` (0), in all windows to train on, so \
             nothing can be learned from them; choose the others: d"
        );
    }

    #[test]
    fn far_values_have_no_part_in_mean_and_deviation() {
        let wave = |at: usize| [(at * 7919 % 101) as f32, (at % 7) as f32];
        let clean = two_channels(&(0..1000).flat_map(wave).collect::<Vec<_>>());
        let windows: Vec<_> = (0..=990).map(at).collect();
        let of_clean = Standardisation::fit(&clean, &windows, 10).unwrap();
        assert_eq!(of_clean.far, []);
        let mut far = clean.clone();
        (far.recordings[0].samples[2 * 500], far.recordings[0].samples[2 * 501]) = (-5e4, -5e4);
        let fitted = Standardisation::fit(&far, &windows, 10).unwrap();
        let [found] = &fitted.far[..] else { panic!("{fitted:?}") };
        assert_eq!((&*found.channel, found.found, found.of), ("a", 2, 1000));
        assert!((fitted.mean[0] - of_clean.mean[0]).abs() < 0.1, "{fitted:?}");
        assert!((fitted.deviation[0] / of_clean.deviation[0] - 1.0).abs() < 0.01);
        assert_eq!(fitted.mean[1].to_bits(), of_clean.mean[1].to_bits());
    }

    #[test]
    fn no_windows_are_refused() {
        let error = Standardisation::fit(&two_channels(&[1.0, 2.0]), &[], 1).unwrap_err();
        assert_eq!(error, StandardiseError::NoWindows);
    }
}
