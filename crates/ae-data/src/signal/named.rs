//! Signals by name or from files, as the values of the files or as a sensor's counts.

use std::path::Path;

use super::signals::{Misfit, share};
use super::{Origin, SignalError, Signals, Source, folder, read, read_bytes};
use crate::watch::{self, WatchError};
use crate::{known, sample};

/// Why signals could not be had. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadSignalsError {
    /// The name of labelled images.
    #[error("{name} are images, not signals; they are neither joined to others nor played")]
    Images {
        /// The name.
        name: String,
    },
    /// The recordings that the name stands for are not there.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The files cannot be read.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// Values cannot become counts.
    #[error(transparent)]
    Count(#[from] CountError),
}

/// Why values cannot become a sensor's counts.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CountError {
    /// Neither one number of counts nor one for each channel.
    #[error(
        "the counts of one unit are {found} numbers; expected one for all channels, or one for each \
         of the {}: {}", channels.len(), channels.join(", ")
    )]
    Numbers {
        /// Numbers given.
        found: usize,
        /// Names of the channels.
        channels: Vec<String>,
    },
    /// A count that i16 does not hold.
    #[error(
        "{place}, column `{channel}`: {value} would be {} counts, and an i16 holds -32768 to 32767 \
         ({}); correct it, or take fewer counts for one unit",
        (f64::from(*value) * per_unit).round(), share(*found, *values)
    )]
    Range {
        /// Where the first of them is.
        place: Origin,
        /// Name of the channel.
        channel: String,
        /// The value in the file.
        value: f32,
        /// Counts of one unit.
        per_unit: f64,
        /// Number of such values.
        found: usize,
        /// Number of all values.
        values: usize,
    },
}

/// Whether it names labelled images: a dataset, or a folder, which is one of IDX files unless it
/// holds files of signals.
#[must_use]
pub fn is_images(name: &str) -> bool {
    let path = Path::new(name);
    name == known::NAME || name == sample::NAME || (path.is_dir() && !folder::holds_signals(path))
}

/// Reads signals: the files of `source`, or the recordings [`watch::NAME`] or
/// [`watch::SAMPLE_NAME`], if its only file is called so. With `counts_per_unit` the values become
/// counts, see [`Signals::scale_to_counts`].
///
/// # Errors
/// [`LoadSignalsError`].
pub fn load(source: Source, counts_per_unit: &[f64]) -> Result<Signals, LoadSignalsError> {
    let name = source.files.first().map(|path| path.to_string_lossy().into_owned());
    if let Some(name) = name.as_deref().filter(|name| is_images(name) && !Path::new(name).exists())
    {
        return Err(LoadSignalsError::Images { name: name.to_owned() });
    }
    let csv = match name.as_deref() {
        Some(watch::NAME) => Some(watch::full()?),
        Some(watch::SAMPLE_NAME) => Some(watch::sample()),
        _ => None,
    };
    let mut signals = match csv {
        None => read(&source)?,
        Some(csv) => {
            let source = with_columns_of_watch(source);
            read_bytes(Path::new(csv.name), &csv.text, &source)?
        }
    };
    if !counts_per_unit.is_empty() {
        signals.scale_to_counts(counts_per_unit)?;
    }
    Ok(signals)
}

/// The columns' meanings are known; what a user says counts more.
fn with_columns_of_watch(source: Source) -> Source {
    let name = |given: Option<String>, usual: &str| given.or_else(|| Some(usual.to_owned()));
    let channels = ["ax", "ay", "az", "wx", "wy", "wz"].map(str::to_owned);
    Source {
        columns: source.columns.or_else(|| Some(channels.to_vec())),
        label: name(source.label, "exercise"),
        group: name(source.group, "subject"),
        recording: name(source.recording, "recording"),
        ..source
    }
}

impl Signals {
    /// Replaces values by a sensor's counts: each times the counts of one unit, one number for all
    /// channels or one for each, rounded.
    ///
    /// # Errors
    /// Another number of numbers, or a count that i16 does not hold.
    pub fn scale_to_counts(&mut self, per_unit: &[f64]) -> Result<(), CountError> {
        let channels = self.channels.len();
        if per_unit.len() != 1 && per_unit.len() != channels {
            let (found, channels) = (per_unit.len(), self.channels.clone());
            return Err(CountError::Numbers { found, channels });
        }
        let count = |channel: usize, value: f32| {
            (f64::from(value) * per_unit[channel % per_unit.len()]).round()
        };
        let range = f64::from(i16::MIN)..=f64::from(i16::MAX);
        let outside = |channel, value| !range.contains(&count(channel, value));
        if let Some(Misfit { place, channel, value, found, values }) = self.misfit(outside) {
            let per_unit = per_unit[channel % per_unit.len()];
            let channel = self.channels[channel].clone();
            return Err(CountError::Range { place, channel, value, per_unit, found, values });
        }
        for recording in &mut self.recordings {
            for (index, value) in recording.samples.iter_mut().enumerate() {
                *value = count(index % channels, *value) as f32;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::tests::signals;

    #[test]
    fn values_become_counts_or_the_one_that_does_not_is_named() {
        let mut good = signals(&[&[1.0, -0.26, 3.0]]);
        good.scale_to_counts(&[10.0]).unwrap();
        assert_eq!(good.recordings[0].samples, [10.0, -3.0, 30.0]);
        let mut large = signals(&[&[1.0, 4000.0, -4000.0]]);
        large.recordings[0].origin = Origin::sample("it".into(), 0);
        let error = large.scale_to_counts(&[10.0]).unwrap_err().to_string();
        for words in
            ["it, sample 1, column `a`: 4000 would be 40000 counts", "(2 of 3 values do not fit)"]
        {
            assert!(error.contains(words), "{error}");
        }
        assert!(matches!(
            large.scale_to_counts(&[1.0; 2]),
            Err(CountError::Numbers { found: 2, .. })
        ));
    }
}
