//! Why a detector cannot start, or does not take a sample.

use core::fmt;

use ae_core::{LoadError, SampleKind};

use crate::error::InferError;

/// Why a detector cannot start, or does not take a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetectorError {
    /// The blob's detection section is refused.
    Load(LoadError),
    /// The blob has no detection section.
    NoDetection,
    /// A part that the blob lacks, or a buffer of the wrong size.
    Infer(InferError),
    /// The buffer for the window, and for the features that are computed of the signal, is too small.
    Window {
        /// Bytes needed.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Values of another type than the blob's map takes.
    Samples {
        /// The type that it takes.
        expected: SampleKind,
        /// The type of the values.
        found: SampleKind,
    },
    /// Nothing is computed of the signal, so no frames are taken but windows.
    NoFeatures,
    /// A frame with too few or too many values.
    Frame {
        /// Values of all channels in a frame.
        expected: usize,
        /// Values there are.
        found: usize,
    },
    /// A sample with too few or too many values.
    Channels {
        /// Values of a sample.
        expected: usize,
        /// Values there are.
        found: usize,
    },
}

impl fmt::Display for DetectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Load(error) => error.fmt(f),
            Self::NoDetection => f.write_str("the blob has no detection section"),
            Self::Infer(error) => error.fmt(f),
            Self::Window { needed, found } => write!(
                f,
                "the window's buffer has {found} bytes, but window and features need {needed}"
            ),
            Self::Samples { expected, found } => write!(
                f,
                "the sample has {} values, but the blob's map takes {}",
                found.name(),
                expected.name()
            ),
            Self::NoFeatures => f.write_str(
                "no features are computed of the signal, so there are windows and no frames",
            ),
            Self::Frame { expected, found } => {
                write!(f, "the frame has {found} values, but the blob's have {expected}")
            }
            Self::Channels { expected, found } => {
                write!(f, "the sample has {found} values, but the blob has {expected} channels")
            }
        }
    }
}

impl core::error::Error for DetectorError {}

impl From<LoadError> for DetectorError {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl From<InferError> for DetectorError {
    fn from(error: InferError) -> Self {
        Self::Infer(error)
    }
}
