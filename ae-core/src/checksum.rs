//! CRC-32C (Castagnoli, as in RFC 3720): seals the blob, and digests activations.

mod at_compile_time;

use crc::{CRC_32_ISCSI, Crc, Digest, Table};

pub(crate) use at_compile_time::crc32c_at_compile_time;

/// Sixteen bytes at a time with a table of 16 KiB, which is several times as fast.
#[cfg(not(target_os = "none"))]
type Steps = Table<16>;
/// A byte at a time: flash has room for a table of 1 KiB.
#[cfg(target_os = "none")]
type Steps = Table<1>;

const CRC: Crc<u32, Steps> = Crc::<u32, Steps>::new(&CRC_32_ISCSI);
static ALGORITHM: Crc<u32, Steps> = CRC;

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
pub struct Checksum(Digest<'static, u32, Steps>);

impl Checksum {
    /// Of no bytes yet.
    #[must_use]
    pub fn new() -> Self {
        Self(ALGORITHM.digest())
    }

    /// Of bytes whose checksum is known: what is added follows them. That of no bytes is 0.
    #[must_use]
    pub fn behind(checksum: u32) -> Self {
        // The algorithm reads the register from the other end, and inverts it at both.
        Self(ALGORITHM.digest_with_initial((!checksum).reverse_bits()))
    }

    /// Adds `bytes` behind those already added.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes added.
    // By itself: a Cortex-M0 has no instruction that reverses bits, and a program several ends of checksums.
    #[must_use]
    #[inline(never)]
    pub fn finish(self) -> u32 {
        self.0.finalize()
    }
}

impl Default for Checksum {
    fn default() -> Self {
        Self::new()
    }
}
