//! Why a function gives nothing.

use ae_core::{LoadError, SampleKind};
use ae_infer::{DetectorError, InferError};
use datafusion::arrow::datatypes::DataType;
use datafusion::error::DataFusionError;

use crate::digest::{Digest, ParseDigestError};

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No source has it.
    #[error("no model {digest} in {places}: put its blob there as {digest}.aeb")]
    Missing {
        /// The model.
        digest: Digest,
        /// Where it was looked for.
        places: String,
    },
    /// A source gives other bytes.
    #[error(
        "the blob that {place} holds as {expected} has the digest {found}, and is refused: put the right \
         one there"
    )]
    Digest {
        /// Where it lies.
        place: String,
        /// The digest that it stands for.
        expected: Digest,
        /// Its digest.
        found: Digest,
    },
    /// A source cannot be read.
    #[error("{place} cannot be read: {error}")]
    Read {
        /// The source.
        place: String,
        /// Why.
        error: std::io::Error,
    },
    /// The bytes are no model.
    #[error("the blob {digest} is not a model: {error}")]
    Load {
        /// Its digest.
        digest: Digest,
        /// Why.
        error: LoadError,
    },
    /// A model that has one half alone, or a detection section that is refused.
    #[error("the model {digest} cannot be run: {error}")]
    Run {
        /// Its digest.
        digest: Digest,
        /// Why.
        error: DetectorError,
    },
}

/// Why a function gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// The name of a model is none.
    #[error(transparent)]
    Name(#[from] ParseDigestError),
    /// There is no such model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A window is too short or too long.
    #[error(
        "the window in row {row} has {found} values, where model {digest} takes {expected}, which are \
         {samples} samples of {channels}"
    )]
    Length {
        /// The row of the batch, from 0.
        row: usize,
        /// Values of the window.
        found: usize,
        /// The model.
        digest: Digest,
        /// Values of a window.
        expected: usize,
        /// Samples of a window.
        samples: usize,
        /// Values of a sample.
        channels: usize,
    },
    /// The values have another type than the model takes.
    #[error(
        "the values are {}, where model {digest} takes {}: cast them, as \
         arrow_cast(column, 'List({})')",
        type_of(*found), type_of(*expected), type_of(*expected)
    )]
    Kind {
        /// The type of the values.
        found: SampleKind,
        /// The model.
        digest: Digest,
        /// The type that it takes.
        expected: SampleKind,
    },
    /// A window of bytes ends within a value.
    #[error(
        "the window in row {row} has {found} bytes, which are not a whole number of {}",
        type_of(*kind)
    )]
    Bytes {
        /// The row of the batch, from 0.
        row: usize,
        /// Bytes of the window.
        found: usize,
        /// The type of its values.
        kind: SampleKind,
    },
    /// A sample has too few or too many values.
    #[error(
        "the sample in row {row} has {found} values, where model {digest} takes {expected} channels"
    )]
    Channels {
        /// The row of the batch, from 0.
        row: usize,
        /// Values of the sample.
        found: usize,
        /// The model.
        digest: Digest,
        /// Values of a sample.
        expected: usize,
    },
    /// A list with a NULL among its values.
    #[error("the list in row {row} has a NULL among its values: let the whole list be NULL")]
    NullValue {
        /// The row of the batch, from 0.
        row: usize,
    },
    /// An argument of another type.
    #[error("{function} takes {expected} as its {argument}, and found {found}")]
    Argument {
        /// The function.
        function: &'static str,
        /// The argument.
        argument: &'static str,
        /// The types that it may have.
        expected: &'static str,
        /// Its type.
        found: DataType,
    },
    /// Too few arguments, or too many.
    #[error("{function} takes {expected}, and found {found} arguments")]
    Count {
        /// The function.
        function: &'static str,
        /// The arguments it takes.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A value that must be the same for all rows is not, or lies outside its range.
    #[error("the {argument} of {function} must be {expected}, and is {found}")]
    Constant {
        /// The function.
        function: &'static str,
        /// The argument.
        argument: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// More scores than were announced.
    #[error(
        "a group has more than {at_most} scores, which ae_threshold was told as the most: count them, \
         or leave that argument out"
    )]
    TooMany {
        /// The most that were announced.
        at_most: u64,
    },
    /// The model has no detection section.
    #[error("model {digest} has no threshold and no windows: it is a model without a detector")]
    NoDetector {
        /// The model.
        digest: Digest,
    },
    /// Latents that are no Int8.
    #[error(
        "the latents of model {digest} are Float32, and ae_encode gives those of int8 models alone"
    )]
    FloatLatents {
        /// The model.
        digest: Digest,
    },
    /// The engine refuses the values.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// The detector refuses a sample.
    #[error(transparent)]
    Detector(#[from] DetectorError),
}

/// The type in Arrow's words.
const fn type_of(kind: SampleKind) -> &'static str {
    match kind {
        SampleKind::Pixels => "UInt8",
        SampleKind::Counts => "Int16",
        SampleKind::Values => "Float32",
    }
}

impl From<FunctionError> for DataFusionError {
    fn from(error: FunctionError) -> Self {
        Self::External(Box::new(error))
    }
}
