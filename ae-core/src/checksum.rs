//! CRC-32C (Castagnoli, as in RFC 3720): seals the blob, and digests activations.

use crc::{CRC_32_ISCSI, Crc, Digest, Table};

const CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);
static ALGORITHM: Crc<u32, Table<1>> = CRC;

/// CRC-32C of `bytes`.
///
/// ```
/// assert_eq!(ae_core::crc32c(b"123456789"), 0xe306_9283);
/// ```
#[must_use]
pub const fn crc32c(bytes: &[u8]) -> u32 {
    ALGORITHM.checksum(bytes)
}

/// CRC-32C of bytes that come in pieces.
pub struct Checksum(Digest<'static, u32, Table<1>>);

impl Checksum {
    /// Of no bytes yet.
    #[must_use]
    pub fn new() -> Self {
        Self(ALGORITHM.digest())
    }

    /// Adds `bytes` behind those already added.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes added.
    #[must_use]
    pub fn finish(self) -> u32 {
        self.0.finalize()
    }
}

impl Default for Checksum {
    fn default() -> Self {
        Self::new()
    }
}
