//! Makes a changed blob look whole again, so that only its meaning is wrong.

use ae_core::{Header, crc32c};

/// Where the header holds the blob's length.
const TOTAL_LEN: usize = 12;
/// Where the header holds the checksum.
const CHECKSUM: usize = 16;
/// The checksum is of all bytes from here on.
const SEALED_FROM: usize = 20;

/// Puts the true length and checksum into the header of `blob`. Bytes too few for a header are
/// left as they are.
pub fn reseal(blob: &mut [u8]) {
    if blob.len() < Header::LEN {
        return;
    }
    let total_len = u32::try_from(blob.len()).expect("blobs of tests are small");
    blob[TOTAL_LEN..][..4].copy_from_slice(&total_len.to_le_bytes());
    let checksum = crc32c(&blob[SEALED_FROM..]);
    blob[CHECKSUM..][..4].copy_from_slice(&checksum.to_le_bytes());
}

/// `blob` with one bit flipped and sealed again. Bits count from the lowest of the first byte.
///
/// # Panics
/// If the blob has no such bit.
#[must_use]
pub fn with_bit_flipped(blob: &[u8], bit: usize) -> Vec<u8> {
    let mut blob = blob.to_vec();
    blob[bit / 8] ^= 1 << (bit % 8);
    reseal(&mut blob);
    blob
}
