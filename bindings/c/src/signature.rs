//! Signed models.

#![allow(unsafe_code, reason = "pointers from C, and a name that C finds")]

use ae_signature::{KeyError, PublicKey, SignatureError, open_in_place};

use crate::error::{Error, Result, number};
use crate::memory::{Input, Region, check_apart, give};

/// Bytes of a public key.
pub const KEY_LEN: usize = 32;

/// Checks the signature of the signed model at the front of `place`, such as a board's flash, with the
/// `AE_KEY_LEN` bytes of a public key, and that its version is `least` or a later one. Gives where the
/// blob is, to be loaded, and its version. Only what was signed is to be loaded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_signature_open(
    place: *const u8,
    place_len: usize,
    key: *const u8,
    least: u32,
    blob: *mut *const u8,
    blob_len: *mut usize,
    version: *mut u32,
) -> Error {
    let (place, key) =
        (Input { pointer: place, count: place_len }, Input { pointer: key, count: KEY_LEN });
    // SAFETY: the caller's word.
    number(unsafe { open(place, key, least, (blob, blob_len, version)) })
}

/// Where the blob, its length and the version are written.
type Given = (*mut *const u8, *mut usize, *mut u32);

unsafe fn open(place: Input<u8>, key: Input<u8>, least: u32, given: Given) -> Result<()> {
    let (blob, blob_len, version) = given;
    let written = [Region::one(blob)?, Region::one(blob_len)?, Region::one(version)?];
    check_apart(&written, &[place.region()?, key.region()?])?;
    // SAFETY: checked; the memory is the caller's word.
    let place = unsafe { place.elements() };
    // SAFETY: the same.
    let key: &[u8] = unsafe { key.elements() };
    let key = PublicKey::from_bytes(key.try_into().map_err(|_| Error::Key)?)?;
    let signed = open_in_place(place, &key)?.not_older_than(least)?;
    // SAFETY: checked, and apart from each other.
    unsafe { give(blob, signed.blob().as_ptr()) };
    // SAFETY: the same.
    unsafe { give(blob_len, signed.blob().len()) };
    // SAFETY: the same.
    unsafe { give(version, signed.version()) };
    Ok(())
}

impl From<KeyError> for Error {
    fn from(_: KeyError) -> Self {
        Self::Key
    }
}

impl From<SignatureError> for Error {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::TooShort { .. }
            | SignatureError::NothingBehind
            | SignatureError::MoreBehind { .. }
            | SignatureError::NotSigned { .. } => Self::NotSigned,
            SignatureError::BadSignature => Self::Signature,
            SignatureError::TooOld { .. } => Self::TooOld,
            SignatureError::NoBlob(error) => error.into(),
            _ => Self::Other,
        }
    }
}
