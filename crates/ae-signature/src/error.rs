//! Why a file is not a signed model of the key's holder, and why bytes are not a key.

use core::fmt;

use ae_core::LoadError;

use crate::file::{MAGIC, TRAILER_VERSION};
use crate::purpose::Purpose;
use crate::trust::KeyId;

/// Why a signed model is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// Fewer bytes than the blob's header tells, and a trailer.
    TooShort {
        /// Bytes of the whole file.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The file ends with its blob, which is unsigned.
    NothingBehind,
    /// Bytes are behind the trailer.
    MoreBehind {
        /// How many.
        more: usize,
    },
    /// Where the trailer should be is none: the blob is unsigned, or its length is wrong.
    NotSigned {
        /// The bytes where [`MAGIC`] should be.
        found: [u8; 8],
    },
    /// The trailer is of a version that this crate does not read.
    OtherTrailer {
        /// The trailer's version, which is not that of the model.
        found: u32,
    },
    /// The trailer's purpose is not a name and zeros.
    NoPurpose {
        /// Its bytes.
        found: [u8; Purpose::LEN],
    },
    /// The trailer names a key that is not among those of the reader.
    OtherKey {
        /// The key that it names.
        found: KeyId,
        /// The first two of the reader's.
        known: [Option<KeyId>; 2],
    },
    /// The reader's key that the trailer names is none.
    Key(KeyError),
    /// The signature is not that of the key's holder over these bytes: they were changed, or
    /// another one has signed them.
    BadSignature,
    /// The signature is right, and the model is for another purpose.
    OtherPurpose {
        /// The purpose whose models may run.
        expected: Purpose,
        /// The model's purpose.
        found: Purpose,
    },
    /// The signature is right, and the model is older than what may run.
    TooOld {
        /// The least version that may.
        least: u32,
        /// The model's version.
        found: u32,
    },
    /// No blob begins here, so that nothing tells where the trailer is.
    NoBlob(LoadError),
}

/// Why 32 bytes are not a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// They are not a point of the curve.
    NotAKey,
    /// They are a point of small order, for which anyone can make signatures of some files.
    Weak,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { needed, found } => {
                write!(
                    f,
                    "{found} bytes are too few for a signed model, which has at least {needed}"
                )
            }
            Self::NothingBehind => f.write_str("not signed: the file ends with its blob"),
            Self::MoreBehind { more } => {
                write!(
                    f,
                    "{more} bytes are behind the signature, which is the end of a signed file"
                )
            }
            Self::NotSigned { found } => write!(
                f,
                "not signed: where the signature should begin is {found:02x?}, not {MAGIC:02x?}"
            ),
            Self::OtherTrailer { found } => write!(
                f,
                "its signature is in a trailer of version {found}, and version {TRAILER_VERSION} is \
                 read: the model has to be signed again"
            ),
            Self::NoPurpose { found } => write!(
                f,
                "the purpose in the trailer is not a name and zeros, but {found:02x?}: the file was \
                 changed"
            ),
            Self::OtherKey { found, known } => {
                write!(f, "it is signed with another key, {found}")?;
                match known {
                    [Some(one), Some(other)] => write!(f, ": expected {one} or {other}"),
                    [Some(one), None] => write!(f, ": expected {one}"),
                    _ => f.write_str(": there is no key here"),
                }
            }
            Self::Key(error) => write!(f, "{error}"),
            Self::BadSignature => f.write_str(
                "the signature is wrong: the file was changed, or signed with another key",
            ),
            Self::OtherPurpose { expected, found } => {
                write!(f, "the model is signed for {found}, expected {expected}")
            }
            Self::TooOld { least, found } => {
                write!(f, "model version {found} is too old: {least} is the least that may run")
            }
            Self::NoBlob(error) => write!(f, "{error}"),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAKey => "these bytes are not an Ed25519 public key",
            Self::Weak => {
                "this Ed25519 public key is weak: signatures of it can be made without a secret key"
            }
        })
    }
}

impl core::error::Error for SignatureError {}
impl core::error::Error for KeyError {}
