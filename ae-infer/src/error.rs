//! Why a model could not be run, or gave other results than where it was made.

use core::fmt;

use ae_core::PartKind;

/// A buffer of the wrong size, or a part that the blob does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InferError {
    /// The blob holds the other part alone.
    NoPart {
        /// The part that is missing.
        missing: PartKind,
    },
    /// Pixels in or out are not as many as the model has features.
    Pixels {
        /// The model's features.
        expected: usize,
        /// The buffer's length.
        found: usize,
    },
    /// Latent values are not as many as the model has.
    Latent {
        /// The model's latent values.
        expected: usize,
        /// The buffer's length.
        found: usize,
    },
    /// The scratch buffer is too small.
    Scratch {
        /// Elements needed.
        needed: usize,
        /// Elements there are.
        found: usize,
    },
    /// The memory for prepared weights is too small.
    Memory {
        /// Words needed.
        needed: usize,
        /// Words there are.
        found: usize,
    },
    /// A buffer for many samples holds a part of one, or another number of them than the other
    /// buffer.
    Samples {
        /// Values of as many whole samples as the input has.
        expected: usize,
        /// The buffer's length.
        found: usize,
    },
}

/// What the self-test found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelfTestError {
    /// A layer's output has another digest than where the model was made. The layers before it
    /// are right, so the fault is in this one: its weights, or the code that computes it.
    Differs {
        /// The part.
        part: PartKind,
        /// The first layer that differs, from 0.
        layer: usize,
        /// The digest in the blob.
        expected: u32,
        /// The digest of what was computed.
        found: u32,
    },
    /// The buffers do not fit the model.
    Infer(InferError),
}

impl fmt::Display for InferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoPart { missing } => write!(f, "the blob has no {missing}"),
            Self::Pixels { expected, found } => {
                write!(f, "the buffer has {found} pixels, but the model has {expected} features")
            }
            Self::Latent { expected, found } => {
                write!(f, "the buffer has {found} latent values, but the model has {expected}")
            }
            Self::Scratch { needed, found } => {
                write!(f, "the scratch has {found} elements, but the model needs {needed}")
            }
            Self::Memory { needed, found } => {
                write!(f, "the memory has {found} words, but the model's weights need {needed}")
            }
            Self::Samples { expected, found } => {
                write!(f, "the buffer has {found} values, but the samples have {expected}")
            }
        }
    }
}

impl fmt::Display for SelfTestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Differs { part, layer, expected, found } => write!(
                f,
                "{part} layer {layer} differs first: digest {found:08x}, expected {expected:08x}"
            ),
            Self::Infer(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for InferError {}
impl core::error::Error for SelfTestError {}

impl From<InferError> for SelfTestError {
    fn from(error: InferError) -> Self {
        Self::Infer(error)
    }
}
