//! Why bytes are not a model. Every error is small and `Copy`, and carries its numbers.

mod detection;
mod features;
mod layer;

use core::fmt;

use crate::contract::Contract;
use crate::format;
use crate::part::PartKind;

pub use detection::DetectionError;
pub use features::FeaturesError;
pub use layer::LayerError;

/// Why a blob is refused. Offsets count bytes from the start of the blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// There are fewer bytes than a header has.
    TooShort {
        /// Bytes a header has.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The first bytes are not [`Header::MAGIC`](crate::Header::MAGIC).
    BadMagic {
        /// The first bytes.
        found: [u8; 8],
    },
    /// The blob has another version of the format.
    UnsupportedVersion {
        /// The version this crate reads.
        supported: u32,
        /// The version of the blob.
        found: u32,
    },
    /// This version does not know the contract's number.
    UnknownContract {
        /// The number.
        found: u16,
    },
    /// The parts field names no part, or more than encoder and decoder.
    UnknownParts {
        /// The field.
        found: u16,
    },
    /// There are more or fewer bytes than the header says.
    LengthMismatch {
        /// Bytes by the header.
        expected: u32,
        /// Bytes there are.
        found: usize,
    },
    /// The bytes were changed after the blob was sealed.
    ChecksumMismatch {
        /// The checksum in the header.
        stored: u32,
        /// The checksum of the bytes.
        computed: u32,
    },
    /// No blob of this length can have this size; see
    /// [`Header::check_included`](crate::Header::check_included).
    HeaderSize {
        /// The header's field.
        field: &'static str,
        /// The least that the format allows.
        least: u32,
        /// The most that the format and the blob's length allow.
        limit: u32,
        /// The field's value.
        found: u32,
    },
    /// The blob is made for another arithmetic than the one asked for.
    WrongContract {
        /// The contract asked for.
        expected: Contract,
        /// The contract in the header.
        found: Contract,
    },
    /// No value of the expected kind can be read here.
    Malformed {
        /// Where the value begins.
        offset: usize,
    },
    /// A value is in another encoding than the shortest.
    NotCanonical {
        /// Where the value begins.
        offset: usize,
    },
    /// There are bytes behind the last value.
    TrailingBytes {
        /// Where they begin.
        offset: usize,
        /// How many.
        count: usize,
    },
    /// A field of the header and the body say different things.
    HeaderDisagrees {
        /// The header's field.
        field: &'static str,
        /// Its value in the header.
        header: u32,
        /// The value by the body.
        body: u32,
    },
    /// The map from latent integers to real values has the wrong length.
    LatentMapLength {
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// A scale is not positive and finite, or an offset is not finite.
    LatentMapValue {
        /// The latent value whose map it is.
        latent: usize,
    },
    /// A part has no layers, or more than [`MAX_LAYERS`](crate::MAX_LAYERS).
    LayerCount {
        /// Which part.
        part: PartKind,
        /// Most layers it may have.
        limit: usize,
        /// Layers it has.
        found: u32,
    },
    /// The test input has the wrong length for the part's first layer.
    TestInputLength {
        /// Which part.
        part: PartKind,
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// A layer could not be run safely.
    Layer {
        /// Which part.
        part: PartKind,
        /// Which layer of the part, from 0.
        index: usize,
        /// What is wrong.
        error: LayerError,
    },
    /// No detector could follow the detection section. Only
    /// [`Model::detection`](crate::Model::detection) finds this.
    Detection(DetectionError),
    /// The model or a detector's samples are f32, and this core's float arithmetic is set to something else than the
    /// format's.
    FloatMode,
}

/// Why a model cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The buffer is too small.
    BufferTooSmall {
        /// Bytes the blob has.
        needed: usize,
        /// Bytes the buffer has.
        found: usize,
    },
    /// The blob would not pass the loader.
    Invalid(LoadError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::FloatMode => f.write_str(
                "this core's float arithmetic is set to flush subnormal numbers to zero, or to round other than to nearest, so that f32 models and samples give other bits; load the model and run it with FPSCR, FPCR or MXCSR as after a reset",
            ),
            Self::TooShort { needed, found } => {
                write!(
                    f,
                    "{found} bytes are too few for a blob, whose header alone has {needed}; copy or flash it again"
                )
            }
            Self::BadMagic { found } => {
                write!(
                    f,
                    "not a blob: it begins with {found:02x?}, not with {:02x?}; name a blob, or copy or flash it again",
                    format::MAGIC
                )
            }
            Self::UnsupportedVersion { supported, found } if found > supported => write!(
                f,
                "format version {found}: made by a newer program than this one, which reads version {supported}; update this program, or quantise the model again"
            ),
            Self::UnsupportedVersion { supported, found } => {
                write!(
                    f,
                    "format version {found}; this program reads version {supported}: quantise the model again"
                )
            }
            Self::UnknownContract { found } => {
                write!(f, "the arithmetic contract {found} is unknown")
            }
            Self::UnknownParts { found } => {
                write!(
                    f,
                    "the parts field is {found}; expected 1 (encoder), 2 (decoder) or 3 (both)"
                )
            }
            Self::LengthMismatch { expected, found } => {
                write!(
                    f,
                    "the header says {expected} bytes, but there are {found}: the file was cut or extended; copy or flash it again"
                )
            }
            Self::ChecksumMismatch { stored, computed } => {
                write!(
                    f,
                    "the checksum is {computed:08x}, but the header says {stored:08x}: the file is damaged; copy or flash it again"
                )
            }
            Self::WrongContract { expected, found } => {
                write!(
                    f,
                    "this is an {} model, expected an {} model",
                    found.name(),
                    expected.name()
                )
            }
            Self::Malformed { offset } => write!(f, "the value at offset {offset} is malformed"),
            Self::NotCanonical { offset } => {
                write!(f, "the value at offset {offset} is not in its shortest encoding")
            }
            Self::TrailingBytes { offset, count } => {
                write!(f, "there are {count} bytes too many from offset {offset} on")
            }
            Self::HeaderSize { field, least, limit, found } => write!(
                f,
                "the header's {field} is {found}; the format and the blob's length allow {least} to {limit}"
            ),
            Self::HeaderDisagrees { field, header, body } => {
                write!(f, "the header says {field} = {header}, but the body says {body}")
            }
            Self::LatentMapLength { expected, found } => {
                write!(f, "the latent map has {found} bytes, expected {expected}")
            }
            Self::LatentMapValue { latent } => {
                write!(f, "the map of latent value {latent} is not finite with a positive scale")
            }
            Self::LayerCount { part, limit, found } => {
                write!(f, "the {part} has {found} layers, expected 1 to {limit}")
            }
            Self::TestInputLength { part, expected, found } => {
                write!(f, "the {part}'s test input has {found} bytes, expected {expected}")
            }
            Self::Layer { part, index, error } => write!(f, "{part} layer {index}: {error}"),
            Self::Detection(error) => write!(f, "detection: {error}"),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooSmall { needed, found } => {
                write!(f, "a buffer of {found} bytes is too small for a blob of {needed}")
            }
            Self::Invalid(error) => write!(f, "the blob would be refused: {error}"),
        }
    }
}

impl core::error::Error for LoadError {}
impl core::error::Error for WriteError {}

impl From<DetectionError> for LoadError {
    fn from(error: DetectionError) -> Self {
        Self::Detection(error)
    }
}

impl From<LoadError> for WriteError {
    fn from(error: LoadError) -> Self {
        Self::Invalid(error)
    }
}
