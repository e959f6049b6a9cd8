//! True lengths and checksums (`FORMAT.md`, "Header").

use std::ops::Range;

use crc::{CRC_32_ISCSI, Crc, Table};

/// By sixteen bytes at a time.
static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// Bytes of the header.
pub const HEADER_BYTES: usize = 56;
/// Where the header holds the blob's length.
pub const TOTAL_LEN: Range<usize> = 12..16;
/// Where the header holds the checksum.
pub const CHECKSUM: Range<usize> = 16..20;
/// The checksum is of all bytes from here on.
pub const SEALED_FROM: usize = 20;

/// CRC-32C of `bytes`.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

/// Puts the true length and checksum into the header of `blob`, so that a changed blob looks whole
/// again and only its meaning is wrong. Says whether the bytes are enough for a header; if not,
/// they are left as they are.
///
/// # Panics
/// If the length has more than 32 bits.
pub fn seal(blob: &mut [u8]) -> bool {
    if blob.len() < HEADER_BYTES {
        return false;
    }
    let total_len = u32::try_from(blob.len()).expect("a length of 32 bits");
    blob[TOTAL_LEN].copy_from_slice(&total_len.to_le_bytes());
    let checksum = crc32c(&blob[SEALED_FROM..]);
    blob[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    true
}

/// `blob` with one bit flipped and sealed again. Bits count from the lowest of the first byte.
///
/// # Panics
/// If the blob has no such bit.
#[must_use]
pub fn with_bit_flipped(blob: &[u8], bit: usize) -> Vec<u8> {
    let mut blob = blob.to_vec();
    blob[bit / 8] ^= 1 << (bit % 8);
    seal(&mut blob);
    blob
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn the_checksum_is_that_of_the_document() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
