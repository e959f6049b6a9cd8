//! Why bytes are not a model. Every error is small, `Copy`, and carries its numbers.

mod detection;
mod layer;

use core::fmt;

use crate::contract::Contract;
use crate::format;
use crate::part::PartKind;

pub use detection::DetectionError;
pub use layer::LayerError;

/// Why a blob is refused. Offsets count bytes from the start of the blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// Fewer bytes than a header has.
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
    /// Another version of the format.
    UnsupportedVersion {
        /// The version this crate reads.
        supported: u32,
        /// The version of the blob.
        found: u32,
    },
    /// A contract number this version does not know.
    UnknownContract {
        /// The number.
        found: u16,
    },
    /// A parts field that names no part, or more than encoder and decoder.
    UnknownParts {
        /// The field.
        found: u16,
    },
    /// More or fewer bytes than the header says.
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
    /// The blob is made for another arithmetic than the one asked for.
    WrongContract {
        /// Asked for.
        expected: Contract,
        /// In the header.
        found: Contract,
    },
    /// No value of the expected kind can be read here.
    Malformed {
        /// Where the value begins.
        offset: usize,
    },
    /// A value in another encoding than the shortest.
    NotCanonical {
        /// Where the value begins.
        offset: usize,
    },
    /// Bytes behind the last value.
    TrailingBytes {
        /// Where they begin.
        offset: usize,
        /// How many.
        count: usize,
    },
    /// A field of the header says something else than the body.
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
    /// A scale that is not positive and finite, or an offset that is not finite.
    LatentMapValue {
        /// The latent value whose map it is.
        latent: usize,
    },
    /// A part without layers, or with more than [`MAX_LAYERS`](crate::MAX_LAYERS).
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
    /// A layer that could not be run safely.
    Layer {
        /// Which part.
        part: PartKind,
        /// Which layer of the part, from 0.
        index: usize,
        /// What is wrong.
        error: LayerError,
    },
    /// A detection section that no detector could follow. Only
    /// [`Model::detection`](crate::Model::detection) finds it.
    Detection(DetectionError),
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
            Self::TooShort { needed, found } => {
                write!(
                    f,
                    "{found} bytes are too few for a blob, its header alone has {needed}: copy or flash it again"
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
                "format version {found}: made by a newer version than this one, which reads version {supported}; update it, or quantise the model again"
            ),
            Self::UnsupportedVersion { supported, found } => {
                write!(
                    f,
                    "format version {found}; this version reads {supported}: quantise the model again"
                )
            }
            Self::UnknownContract { found } => write!(f, "unknown arithmetic contract {found}"),
            Self::UnknownParts { found } => {
                write!(f, "parts field is {found}; expected 1 (encoder), 2 (decoder) or 3 (both)")
            }
            Self::LengthMismatch { expected, found } => {
                write!(
                    f,
                    "the header says {expected} bytes, there are {found}: the file was cut or extended; copy or flash it again"
                )
            }
            Self::ChecksumMismatch { stored, computed } => {
                write!(
                    f,
                    "checksum {computed:08x}, the header says {stored:08x}: the file is damaged; copy or flash it again"
                )
            }
            Self::WrongContract { expected, found } => {
                write!(
                    f,
                    "an {} model, where an {} model was expected",
                    found.name(),
                    expected.name()
                )
            }
            Self::Malformed { offset } => write!(f, "malformed value at offset {offset}"),
            Self::NotCanonical { offset } => {
                write!(f, "value at offset {offset} is not in its shortest encoding")
            }
            Self::TrailingBytes { offset, count } => {
                write!(f, "{count} bytes too many from offset {offset} on")
            }
            Self::HeaderDisagrees { field, header, body } => {
                write!(f, "the header says {field} = {header}, the body {body}")
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
