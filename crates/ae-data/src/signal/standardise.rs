//! Where the values of each channel lie, by the windows that are trained on.

use super::{Signals, WindowAt};

/// Mean and standard deviation of each channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardisation {
    /// Of each channel, in its units.
    pub mean: Vec<f64>,
    /// Of each channel, in its units; greater than 0. The root of the mean squared deviation, with
    /// the number of values as divisor.
    pub deviation: Vec<f64>,
}

/// Why a standardisation cannot be had. Each message says what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StandardiseError {
    /// Nothing to fit to.
    #[error("there are no windows to train on; give more or longer recordings of what is normal")]
    NoWindows,
    /// A channel is the same in all windows.
    #[error(
        "the channel `{channel}` is {value} in all windows to train on, so nothing can be learned \
         from it; {}", match others.as_str() {
            "" => "give recordings in which it changes".to_owned(),
            others => format!("choose the others: {others}"),
        }
    )]
    Constant {
        /// Name of the channel.
        channel: String,
        /// Its only value.
        value: f32,
        /// The other channels, with commas between them.
        others: String,
    },
}

impl Standardisation {
    /// Mean and deviation of each channel over all values of all windows. A sample counts as often
    /// as windows hold it, so that samples in windows that overlap count more than those at the
    /// edges: these are the values that a model is trained on. In f64, in the order of the windows,
    /// the mean first and the deviations from it second.
    ///
    /// # Errors
    /// No windows, or a channel that never changes.
    ///
    /// # Panics
    /// If a window is not inside its recording.
    pub fn fit(
        signals: &Signals,
        windows: &[WindowAt],
        window: usize,
    ) -> Result<Self, StandardiseError> {
        let channels = signals.channels.len();
        let samples = || {
            let values = windows.iter().flat_map(|&at| signals.window(at, window));
            values.enumerate().map(|(at, &value)| (at % channels, value))
        };
        let count = (windows.len() * window) as f64;
        if count == 0.0 {
            return Err(StandardiseError::NoWindows);
        }
        let mut mean = vec![0.0; channels];
        let mut range = vec![(f32::INFINITY, f32::NEG_INFINITY); channels];
        for (channel, value) in samples() {
            mean[channel] += f64::from(value);
            let (least, most) = range[channel];
            range[channel] = (least.min(value), most.max(value));
        }
        mean.iter_mut().for_each(|mean| *mean /= count);
        if let Some(channel) = range.iter().position(|(least, most)| least == most) {
            let others = signals.channels.iter().enumerate().filter(|&(at, _)| at != channel);
            let others: Vec<&str> = others.map(|(_, name)| name.as_str()).collect();
            return Err(StandardiseError::Constant {
                channel: signals.channels[channel].clone(),
                value: range[channel].0,
                others: others.join(","),
            });
        }
        let mut squares = vec![0.0; channels];
        for (channel, value) in samples() {
            squares[channel] += (f64::from(value) - mean[channel]).powi(2);
        }
        let deviation = squares.iter().map(|squares| (squares / count).sqrt()).collect();
        Ok(Self { mean, deviation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::{Origin, Recording};

    fn two_channels(samples: &[f32]) -> Signals {
        Signals {
            channels: vec!["a".into(), "b".into()],
            recordings: vec![Recording {
                samples: samples.to_vec(),
                label: None,
                group: None,
                origin: Origin::default(),
            }],
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
    fn no_windows_are_refused() {
        let error = Standardisation::fit(&two_channels(&[1.0, 2.0]), &[], 1).unwrap_err();
        assert_eq!(error, StandardiseError::NoWindows);
    }
}
