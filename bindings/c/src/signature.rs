//! Signed models.

#![allow(unsafe_code, reason = "pointers from C, and a name that C finds")]

use core::ffi::c_char;

use ae_signature::{PublicKey, Purpose, SignatureError, Trust, open_in_place};

use crate::error::{Error, Result, number};
use crate::memory::{Input, Region, check_apart, give};

/// Bytes of a public key.
pub const KEY_LEN: usize = 32;
/// Bytes of the purpose's longest name.
pub const PURPOSE_LEN: usize = 16;

// The header takes numbers alone.
const _: () = assert!(KEY_LEN == PublicKey::LEN && PURPOSE_LEN == Purpose::LEN);

/// Checks the signature of the signed model at the front of `place`, such as a board's flash, and gives
/// where the blob is, to be loaded, and the model's version. Only what was signed is to be loaded.
///
/// One of the `key_count` public keys, `AE_KEY_LEN` bytes each, must have signed it. It must be for this
/// purpose, a name of at most `AE_PURPOSE_LEN` letters, or for none where `purpose_len` is 0. And its
/// version must be `least` or a later one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_signature_open(
    place: *const u8,
    place_len: usize,
    keys: *const u8,
    key_count: usize,
    purpose: *const c_char,
    purpose_len: usize,
    least: u32,
    blob: *mut *const u8,
    blob_len: *mut usize,
    version: *mut u32,
) -> Error {
    let place = Input { pointer: place, count: place_len };
    // So many bytes are nowhere, and are refused as such.
    let keys = Input { pointer: keys, count: key_count.saturating_mul(KEY_LEN) };
    let purpose = Input { pointer: purpose.cast(), count: purpose_len };
    // SAFETY: the caller's word.
    number(unsafe { open(place, keys, purpose, least, (blob, blob_len, version)) })
}

/// Where the blob, its length and the version are written.
type Given = (*mut *const u8, *mut usize, *mut u32);

unsafe fn open(
    place: Input<u8>,
    keys: Input<u8>,
    purpose: Input<u8>,
    least: u32,
    given: Given,
) -> Result<()> {
    let (blob, blob_len, version) = given;
    let written = [Region::one(blob)?, Region::one(blob_len)?, Region::one(version)?];
    check_apart(&written, &[place.region()?, keys.region()?, purpose.region()?])?;
    // SAFETY: checked; the memory is the caller's word.
    let place = unsafe { place.elements() };
    // SAFETY: the same.
    let (keys, _) = unsafe { keys.elements() }.as_chunks();
    // SAFETY: the same.
    let purpose = purpose_of(unsafe { purpose.elements() })?;
    let trust = Trust { keys, purpose };
    let signed = open_in_place(place, &trust)?.not_older_than(least)?;
    // SAFETY: checked, and apart from each other.
    unsafe { give(blob, signed.blob().as_ptr()) };
    // SAFETY: the same.
    unsafe { give(blob_len, signed.blob().len()) };
    // SAFETY: the same.
    unsafe { give(version, signed.version()) };
    Ok(())
}

fn purpose_of(name: &[u8]) -> Result<Purpose> {
    if name.is_empty() {
        return Ok(Purpose::NONE);
    }
    let name = str::from_utf8(name).map_err(|_| Error::PurposeName)?;
    Purpose::new(name).map_err(|_| Error::PurposeName)
}

impl From<SignatureError> for Error {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::TooShort { .. }
            | SignatureError::NothingBehind
            | SignatureError::MoreBehind { .. }
            | SignatureError::NotSigned { .. }
            | SignatureError::OtherTrailer { .. }
            | SignatureError::NoPurpose { .. } => Self::NotSigned,
            SignatureError::OtherKey { .. } => Self::OtherKey,
            SignatureError::Key(_) => Self::Key,
            SignatureError::BadSignature => Self::Signature,
            SignatureError::OtherPurpose { .. } => Self::Purpose,
            SignatureError::TooOld { .. } => Self::TooOld,
            SignatureError::NoBlob(error) => error.into(),
            _ => Self::Other,
        }
    }
}
