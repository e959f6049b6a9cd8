//! Lengths of a model's buffers, known at compile time. A header with a size that no blob of its
//! length can have is not a valid one.

use super::Header;
use crate::error::LoadError;

/// The header, if a blob of this length can have its sizes.
const fn read(blob: &[u8]) -> Result<Header, LoadError> {
    match Header::read(blob) {
        Ok(header) => header.check_sizes(blob.len()),
        Err(error) => Err(error),
    }
}

/// Pixels of one input and of one reconstruction; `None` if `blob` has no valid header.
///
/// ```
/// const MODEL: &[u8] =
///     include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb"));
/// const PIXELS: usize = ae_core::features(MODEL).expect("tiny.int8.aeb is a blob");
/// assert_eq!(PIXELS, 4);
/// ```
#[must_use]
pub const fn features(blob: &[u8]) -> Option<usize> {
    match read(blob) {
        Ok(header) => Some(header.features as usize),
        Err(_) => None,
    }
}

/// Latent values; `None` if `blob` has no valid header.
#[must_use]
pub const fn latent_len(blob: &[u8]) -> Option<usize> {
    match read(blob) {
        Ok(header) => Some(header.latent as usize),
        Err(_) => None,
    }
}

/// Elements of scratch that encoding alone needs; `None` if `blob` has no valid header.
#[must_use]
pub const fn encode_scratch_len(blob: &[u8]) -> Option<usize> {
    match read(blob) {
        Ok(header) => Some(header.encoder_scratch as usize),
        Err(_) => None,
    }
}

/// Elements of scratch that decoding alone needs; `None` if `blob` has no valid header.
#[must_use]
pub const fn decode_scratch_len(blob: &[u8]) -> Option<usize> {
    match read(blob) {
        Ok(header) => Some(header.decoder_scratch as usize),
        Err(_) => None,
    }
}

/// Elements of scratch that every operation on this model can do with: the larger of both parts'
/// and the latent between them. `None` if `blob` has no valid header.
///
/// An element is an `i8` for an int8 model and an `f32` for an f32 model.
#[must_use]
pub const fn scratch_len(blob: &[u8]) -> Option<usize> {
    match read(blob) {
        Ok(header) => Some(header.scratch_len()),
        Err(_) => None,
    }
}
