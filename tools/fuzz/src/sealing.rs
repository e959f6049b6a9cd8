//! True lengths and checksums.

use ae_core::Header;
use crc::{CRC_32_ISCSI, Crc, Table};

/// The same checksum as that of `ae_core`, by sixteen bytes at a time.
static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// Where the header holds the blob's length.
const TOTAL_LEN: usize = 12;
/// Where the header holds the checksum.
const CHECKSUM: usize = 16;
/// The checksum is of all bytes from here on.
pub const SEALED_FROM: usize = 20;

/// Puts the true length and checksum into the header of `blob`; `false` if it is too short for one.
pub fn seal(blob: &mut [u8]) -> bool {
    if blob.len() < Header::LEN {
        return false;
    }
    let total_len = blob.len() as u32;
    blob[TOTAL_LEN..][..4].copy_from_slice(&total_len.to_le_bytes());
    let checksum = CRC.checksum(&blob[SEALED_FROM..]);
    blob[CHECKSUM..][..4].copy_from_slice(&checksum.to_le_bytes());
    true
}
