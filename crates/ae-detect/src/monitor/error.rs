//! Why signals are not watched.

use ae_core::DetectionError;
use ae_data::signal::{ColumnUse, FileError, LoadSignalsError, SignalError, SplitError};
use ae_engine::EngineError;
use ae_infer::DetectorError;

impl MonitorError {
    /// Whether a file lacks the column of times that was named.
    #[must_use]
    pub fn is_without_time(&self) -> bool {
        let Self::Load(LoadSignalsError::Signal(SignalError::File { source, .. })) = self else {
            return false;
        };
        matches!(
            source,
            FileError::UnknownColumn { column_use: ColumnUse::Time, .. }
                | FileError::SamplesAlone { column_use: ColumnUse::Time, .. }
        )
    }
}

/// Why signals are not watched. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// The signals cannot be read.
    #[error(transparent)]
    Load(#[from] LoadSignalsError),
    /// The recordings of the detector's run cannot be divided as they were.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The recordings of the detector's run are not what they were.
    #[error("the files that the run began with have changed")]
    Changed,
    /// The blob cannot be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The blob says nothing to a detector, or takes other samples.
    #[error(transparent)]
    Detector(#[from] DetectorError),
    /// The detection section is not for the blob's model.
    #[error(transparent)]
    Section(DetectionError),
    /// The recordings have other channels than the detector.
    #[error(
        "the detector watches {expected} channels, and the files have {}: {}; take those that it \
         was trained on, in the same order", found.len(), found.join(", ")
    )]
    Channels {
        /// Values of a sample that the detector takes.
        expected: usize,
        /// Names of the channels that are there.
        found: Vec<String>,
    },
    /// No recording is as long as a window.
    #[error(
        "the detector watches windows of {window} samples, and the longest recording has {longest}; \
         give longer ones"
    )]
    TooShort {
        /// Samples of a window.
        window: usize,
        /// Samples of the longest recording.
        longest: usize,
    },
    /// The detector takes pixels, and there are other numbers.
    #[error("the detector takes pixels, whole numbers from 0 to 255; {misfit}")]
    NotPixels {
        /// The first of them, and how many there are.
        misfit: String,
    },
    /// The detector takes counts, and there are other numbers.
    #[error("the detector takes i16 counts, whole numbers from -32768 to 32767; {misfit}")]
    NotCounts {
        /// The first of them, and how many there are.
        misfit: String,
    },
}
