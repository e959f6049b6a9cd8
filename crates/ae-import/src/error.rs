//! What is wrong with a file, or not understood in it.

use thiserror::Error;

use crate::SourceFormat;

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// It begins like no format that is known.
    #[error(
        "this is no model file that is known: it begins with {found}. TensorFlow Lite, ONNX, Keras \
         (.h5, .keras), safetensors and PyTorch's .pt are read"
    )]
    UnknownFormat {
        /// Its first bytes in words.
        found: String,
    },
    /// It breaks its own format's rules.
    #[error("a damaged {format} file: {place}: {reason}")]
    Malformed {
        /// The format that it begins like.
        format: SourceFormat,
        /// Where, in the words of the format.
        place: String,
        /// What was expected and what was found.
        reason: String,
    },
    /// A well-formed file that is not what is needed, such as weights without a configuration.
    #[error("{reason}; {mend}")]
    Unfit {
        /// What it is.
        reason: String,
        /// What to do.
        mend: String,
    },
    /// A file that holds weights alone does not say which functions stand behind its layers.
    #[error(
        "the file holds weights alone, and does not say what function stands behind a hidden layer"
    )]
    NoActivations,
    /// An operator that is not understood, or an attribute of it.
    #[error("operator {index}, `{name}` ({kind}): {reason}; {mend}")]
    Operator {
        /// Its number in the order of the file, from 0.
        index: usize,
        /// The file's name for it.
        name: String,
        /// What the format calls it.
        kind: String,
        /// What is not understood.
        reason: String,
        /// What to do.
        mend: String,
    },
}

impl ImportError {
    pub(crate) fn malformed(
        format: SourceFormat,
        place: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self::Malformed { format, place: place.into(), reason: reason.into() }
    }

    pub(crate) fn unfit(reason: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Unfit { reason: reason.into(), mend: mend.into() }
    }
}
