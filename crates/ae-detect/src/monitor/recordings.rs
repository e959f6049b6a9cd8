//! The recordings that a detector watches.

use ae_core::SampleKind;
use ae_data::signal::{Piece, Signals, Source, SplitSettings, load, split};

use ae_features::Frames;

use super::{Input, MonitorError};

/// Pieces of signals.
#[derive(Debug, Clone, PartialEq)]
pub struct Recordings {
    /// All that was read.
    pub signals: Signals,
    /// What of it is played.
    pub pieces: Vec<Piece>,
}

/// Where the recordings are that a detector's run held out.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut<'a> {
    /// What the run read.
    pub source: Source,
    /// See [`load`].
    pub counts_per_unit: &'a [f64],
    /// How the run divided it.
    pub split: SplitSettings,
    /// Samples of its windows, and from one to the next.
    pub spacing: [usize; 2],
    /// Where the frames lie that it computes features of, if it does.
    pub frames: Option<Frames>,
    /// [`Signals::digest`] of what the run read, in hex.
    pub digest: &'a str,
}

impl Recordings {
    /// All of some files; see [`load`].
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn of_files(source: Source, counts_per_unit: &[f64]) -> Result<Self, MonitorError> {
        let signals = load(source, counts_per_unit)?;
        let whole = |recording| Piece { recording, range: 0..signals.len_of(recording) };
        Ok(Self { pieces: (0..signals.recordings.len()).map(whole).collect(), signals })
    }

    /// What a run held out, as its report judges it.
    ///
    /// # Errors
    /// The files cannot be read, or have changed.
    pub fn held_out(of: HeldOut<'_>) -> Result<Self, MonitorError> {
        let signals = load(of.source, of.counts_per_unit)?;
        if ae_files::hex(&signals.digest()) != of.digest {
            return Err(MonitorError::Changed);
        }
        let folds = split(&signals, &of.split)?;
        let folds = match of.frames {
            Some(frames) => frames.folds(folds),
            None => folds,
        };
        let [window, stride] = of.spacing;
        let tested = folds.tested(&signals, window, stride);
        let pieces = tested.into_iter().map(|tested| tested.piece).collect();
        Ok(Self { signals, pieces })
    }

    /// Refuses recordings that a detector could say nothing of.
    pub(super) fn check(&self, input: &Input) -> Result<(), MonitorError> {
        let found = &self.signals.channels;
        if found.len() != input.channels {
            let (expected, found) = (input.channels, found.clone());
            return Err(MonitorError::Channels { expected, found });
        }
        let longest = self.pieces.iter().map(|piece| piece.range.len()).max().unwrap_or(0);
        if longest < input.window {
            return Err(MonitorError::TooShort { window: input.window, longest });
        }
        let Some(misfit) = self.signals.misfit_of(input.kind) else { return Ok(()) };
        let misfit = misfit.told(found);
        Err(match input.kind {
            SampleKind::Pixels => MonitorError::NotPixels { misfit },
            _ => MonitorError::NotCounts { misfit },
        })
    }
}

#[cfg(test)]
mod tests {
    use ae_data::signal::{Labels, Origin, Recording};

    use super::*;

    /// A recording of one channel.
    fn recordings(samples: &[f32]) -> Recordings {
        let (samples, origin) = (samples.to_vec(), Origin::default());
        let recording = Recording { samples, labels: Labels::default(), group: None, origin };
        let len = recording.samples.len();
        Recordings {
            signals: Signals {
                channels: vec!["x".into()],
                recordings: vec![recording],
                notes: vec![],
                rate: None,
            },
            pieces: vec![Piece { recording: 0, range: 0..len }],
        }
    }

    #[test]
    fn what_the_detector_could_say_nothing_of_is_refused() {
        let good = Input { kind: SampleKind::Counts, channels: 1, window: 3, stride: 1 };
        let check = |samples: &[f32], input| recordings(samples).check(&input);
        let counts = [1.0, -2.0, 300.0];
        assert!(check(&counts, good).is_ok());
        assert!(check(&[0.5; 3], Input { kind: SampleKind::Values, ..good }).is_ok());
        assert!(matches!(check(&[0.5; 3], good), Err(MonitorError::NotCounts { .. })));
        let message = check(&[1.0, 2.0, 40_000.0, 0.5], good).unwrap_err().to_string();
        let words = "sample 2, column `x` is 40000 (2 of 4 values do not fit)";
        assert!(message.contains(words), "{message}");
        let pixels = Input { kind: SampleKind::Pixels, ..good };
        assert!(matches!(check(&counts, pixels), Err(MonitorError::NotPixels { .. })));
        let short = check(&counts, Input { window: 4, ..good });
        assert!(matches!(short, Err(MonitorError::TooShort { window: 4, longest: 3 })));
        let wide = check(&counts, Input { channels: 2, ..good });
        assert!(matches!(wide, Err(MonitorError::Channels { expected: 2, .. })));
    }
}
