//! The fixed header in front of the postcard body.
//!
//! Its layout never depends on what follows, so a `const fn` can read it at compile time and
//! buffers get their exact size there.

use crate::checksum::crc32c;
use crate::error::LoadError;

/// Which arithmetic a blob is made for. The number is part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Contract {
    /// Integers only, one rounding (half up) per requantisation.
    Int8 = 1,
    /// f32, products added in index order, none fused.
    F32 = 2,
}

impl Contract {
    const fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Int8),
            2 => Some(Self::F32),
            _ => None,
        }
    }

    /// The name as it is printed: `int8` or `f32`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::F32 => "f32",
        }
    }
}

/// The header's fields. All lengths count elements: pixels, latents, activations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the whole blob, header included.
    pub total_len: u32,
    /// CRC-32C of every byte from offset 20 on.
    pub checksum: u32,
    /// The arithmetic contract.
    pub contract: Contract,
    /// The blob has an encoder.
    pub has_encoder: bool,
    /// The blob has a decoder.
    pub has_decoder: bool,
    /// Pairs an encoder with the decoder it was trained with.
    pub model_id: [u8; 16],
    /// Pixels of one input, and of one reconstruction.
    pub features: u32,
    /// Latent values.
    pub latent: u32,
    /// Activations that encoding holds between layers.
    pub encoder_scratch: u32,
    /// Activations that decoding holds between layers.
    pub decoder_scratch: u32,
}

impl Header {
    /// Bytes of the header.
    pub const LEN: usize = 56;
    /// The first eight bytes of every blob. The high bit and the line ends show a transfer that
    /// took the file for text, as in PNG.
    pub const MAGIC: [u8; 8] = *b"\x89AEB\r\n\x1a\n";
    /// The version of the format that this crate reads and writes.
    pub const VERSION: u32 = 3;
    /// The checksum covers the blob from here on; what stands before is compared exactly.
    pub(crate) const SEALED_FROM: usize = 20;

    /// Reads the fields. The checksum over the body is not compared here.
    ///
    /// # Errors
    /// Too short, wrong magic, another version, a contract or parts unknown to this version.
    pub const fn read(blob: &[u8]) -> Result<Self, LoadError> {
        let (total_len, checksum) = match Self::read_seal(blob) {
            Ok(seal) => seal,
            Err(error) => return Err(error),
        };
        let contract = u16::from_le_bytes(bytes_at(blob, 20));
        let Some(contract) = Contract::from_number(contract) else {
            return Err(LoadError::UnknownContract { found: contract });
        };
        let parts = u16::from_le_bytes(bytes_at(blob, 22));
        if parts == 0 || parts > 3 {
            return Err(LoadError::UnknownParts { found: parts });
        }
        Ok(Self {
            total_len,
            checksum,
            contract,
            has_encoder: parts & 1 != 0,
            has_decoder: parts & 2 != 0,
            model_id: bytes_at(blob, 24),
            features: u32_at(blob, 40),
            latent: u32_at(blob, 44),
            encoder_scratch: u32_at(blob, 48),
            decoder_scratch: u32_at(blob, 52),
        })
    }

    /// Reads the fields of a blob whose length and checksum are right. It is all of loading that
    /// can be done at compile time.
    ///
    /// # Errors
    /// As [`Header::read`], and another length or checksum than the header says.
    pub const fn check(blob: &[u8]) -> Result<Self, LoadError> {
        match Self::check_seal(blob) {
            Ok(()) => Self::read(blob),
            Err(error) => Err(error),
        }
    }

    /// Length and checksum that the header says the blob has.
    const fn read_seal(blob: &[u8]) -> Result<(u32, u32), LoadError> {
        if blob.len() < Self::LEN {
            return Err(LoadError::TooShort { needed: Self::LEN, found: blob.len() });
        }
        let magic: [u8; 8] = bytes_at(blob, 0);
        if u64::from_le_bytes(magic) != u64::from_le_bytes(Self::MAGIC) {
            return Err(LoadError::BadMagic { found: magic });
        }
        let version = u32_at(blob, 8);
        if version != Self::VERSION {
            return Err(LoadError::UnsupportedVersion { supported: Self::VERSION, found: version });
        }
        Ok((u32_at(blob, 12), u32_at(blob, 16)))
    }

    /// Compares length and checksum with the blob's own. This comes before [`Header::read`], so
    /// that a damaged field is called damaged, not unknown.
    const fn check_seal(blob: &[u8]) -> Result<(), LoadError> {
        let (total_len, stored) = match Self::read_seal(blob) {
            Ok(seal) => seal,
            Err(error) => return Err(error),
        };
        if total_len as usize != blob.len() {
            return Err(LoadError::LengthMismatch { expected: total_len, found: blob.len() });
        }
        let computed = match blob.split_at_checked(Self::SEALED_FROM) {
            Some((_, sealed)) => crc32c(sealed),
            None => 0,
        };
        if stored != computed {
            return Err(LoadError::ChecksumMismatch { stored, computed });
        }
        Ok(())
    }

    /// The header's bytes.
    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let parts = u16::from(self.has_encoder) | u16::from(self.has_decoder) << 1;
        let mut bytes = [0; Self::LEN];
        let mut rest = bytes.as_mut_slice();
        for field in [
            &Self::MAGIC[..],
            &Self::VERSION.to_le_bytes(),
            &self.total_len.to_le_bytes(),
            &self.checksum.to_le_bytes(),
            &(self.contract as u16).to_le_bytes(),
            &parts.to_le_bytes(),
            &self.model_id,
            &self.features.to_le_bytes(),
            &self.latent.to_le_bytes(),
            &self.encoder_scratch.to_le_bytes(),
            &self.decoder_scratch.to_le_bytes(),
        ] {
            if let Some((head, tail)) = core::mem::take(&mut rest).split_at_mut_checked(field.len())
            {
                head.iter_mut().zip(field).for_each(|(place, byte)| *place = *byte);
                rest = tail;
            }
        }
        bytes
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
    match Header::read(blob) {
        Ok(header) => Some(header.features as usize),
        Err(_) => None,
    }
}

/// Latent values; `None` if `blob` has no valid header.
#[must_use]
pub const fn latent_len(blob: &[u8]) -> Option<usize> {
    match Header::read(blob) {
        Ok(header) => Some(header.latent as usize),
        Err(_) => None,
    }
}

/// Elements of scratch that encoding alone needs; `None` if `blob` has no valid header.
#[must_use]
pub const fn encode_scratch_len(blob: &[u8]) -> Option<usize> {
    match Header::read(blob) {
        Ok(header) => Some(header.encoder_scratch as usize),
        Err(_) => None,
    }
}

/// Elements of scratch that decoding alone needs; `None` if `blob` has no valid header.
#[must_use]
pub const fn decode_scratch_len(blob: &[u8]) -> Option<usize> {
    match Header::read(blob) {
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
    match Header::read(blob) {
        Ok(header) => Some(header.scratch_len()),
        Err(_) => None,
    }
}

impl Header {
    /// See [`scratch_len`].
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        let (encoder, decoder) = (self.encoder_scratch as usize, self.decoder_scratch as usize);
        let larger = if encoder > decoder { encoder } else { decoder };
        larger.saturating_add(self.latent as usize)
    }
}

/// The `N` bytes at `at`; zeros where the slice ends before.
const fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    match bytes.split_at_checked(at) {
        Some((_, rest)) => match rest.first_chunk::<N>() {
            Some(chunk) => *chunk,
            None => [0; N],
        },
        None => [0; N],
    }
}

const fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::{Contract, Header};
    use crate::error::LoadError;

    const HEADER: Header = Header {
        total_len: 1000,
        checksum: 0xdead_beef,
        contract: Contract::F32,
        has_encoder: false,
        has_decoder: true,
        model_id: *b"0123456789abcdef",
        features: 784,
        latent: 20,
        encoder_scratch: 0,
        decoder_scratch: 384,
    };

    #[test]
    fn reads_what_it_wrote() {
        assert_eq!(Header::read(&HEADER.to_bytes()), Ok(HEADER));
        assert_eq!(HEADER.scratch_len(), 404);
    }

    #[test]
    fn names_what_is_wrong() {
        let good = HEADER.to_bytes();
        let with = |at: usize, byte: u8| {
            let mut bytes = good;
            bytes[at] = byte;
            Header::read(&bytes).unwrap_err()
        };
        assert!(matches!(with(0, 0), LoadError::BadMagic { .. }));
        assert_eq!(with(8, 4), LoadError::UnsupportedVersion { supported: 3, found: 4 });
        assert_eq!(with(20, 9), LoadError::UnknownContract { found: 9 });
        assert_eq!(with(22, 0), LoadError::UnknownParts { found: 0 });
        assert_eq!(with(22, 4), LoadError::UnknownParts { found: 4 });
        assert_eq!(Header::read(&good[..55]), Err(LoadError::TooShort { needed: 56, found: 55 }));
    }
}
