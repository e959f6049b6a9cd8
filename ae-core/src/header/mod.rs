//! The fixed header in front of the postcard body.
//!
//! Its layout never depends on what follows, so a `const fn` can read it at compile time and
//! buffers get their exact size there.

mod lengths;
mod sizes;

use crate::checksum::{crc32c, crc32c_at_compile_time};
use crate::contract::Contract;
use crate::error::LoadError;
use crate::format;
use crate::geometry::{Buffers, SpatialKind};
use crate::part::PartSelection;

pub use lengths::{decode_scratch_len, encode_scratch_len, features, latent_len, scratch_len};

/// Where each field begins. A field ends where the next one begins.
mod offset {
    pub(super) const MAGIC: usize = 0;
    pub(super) const VERSION: usize = 8;
    pub(super) const TOTAL_LEN: usize = 12;
    pub(super) const CHECKSUM: usize = 16;
    pub(super) const CONTRACT: usize = 20;
    pub(super) const PARTS: usize = 22;
    pub(super) const MODEL_ID: usize = 24;
    pub(super) const FEATURES: usize = 40;
    pub(super) const LATENT: usize = 44;
    pub(super) const ENCODER_SCRATCH: usize = 48;
    pub(super) const DECODER_SCRATCH: usize = 52;
    pub(super) const END: usize = 56;
}

/// Bits of the field `parts`.
mod part_bit {
    pub(super) const ENCODER: u16 = 1;
    pub(super) const DECODER: u16 = 2;
    pub(super) const BOTH: u16 = ENCODER | DECODER;
    /// Layers over maps are computed in strips.
    pub(super) const IN_STRIPS: u16 = 4;
    /// A program without layers over maps does not know of strips, and holds no code for them.
    pub(super) const ALL: u16 = if super::SpatialKind::ANY { BOTH | IN_STRIPS } else { BOTH };
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
    /// Layers over maps that follow each other are computed in [strips](crate::Strip), so that the maps
    /// between them are never whole; not set where no layer gains by it. No result depends on it.
    pub in_strips: bool,
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
    pub const LEN: usize = offset::END;
    /// The first eight bytes of every blob. The high bit and the line ends show a transfer that
    /// took the file for text, as in PNG.
    pub const MAGIC: [u8; 8] = format::MAGIC;
    /// The version of the format that this crate reads and writes.
    pub const VERSION: u32 = 4;
    /// The checksum covers the blob from here on; what stands before is compared exactly.
    pub(crate) const SEALED_FROM: usize = offset::CONTRACT;

    /// Reads the fields. The checksum over the body is not compared here.
    ///
    /// # Errors
    /// Too short, wrong magic, another version, a contract or parts unknown to this version.
    pub const fn read(blob: &[u8]) -> Result<Self, LoadError> {
        let (total_len, checksum) = match Self::read_seal(blob) {
            Ok(seal) => seal,
            Err(error) => return Err(error),
        };
        let contract = u16::from_le_bytes(bytes_at(blob, offset::CONTRACT));
        let Some(contract) = Contract::from_number(contract) else {
            return Err(LoadError::UnknownContract { found: contract });
        };
        let parts = u16::from_le_bytes(bytes_at(blob, offset::PARTS));
        if parts & part_bit::BOTH == 0 || parts > part_bit::ALL {
            return Err(LoadError::UnknownParts { found: parts });
        }
        Ok(Self {
            total_len,
            checksum,
            contract,
            has_encoder: parts & part_bit::ENCODER != 0,
            has_decoder: parts & part_bit::DECODER != 0,
            in_strips: SpatialKind::ANY && parts & part_bit::IN_STRIPS != 0,
            model_id: bytes_at(blob, offset::MODEL_ID),
            features: u32_at(blob, offset::FEATURES),
            latent: u32_at(blob, offset::LATENT),
            encoder_scratch: u32_at(blob, offset::ENCODER_SCRATCH),
            decoder_scratch: u32_at(blob, offset::DECODER_SCRATCH),
        })
    }

    /// Reads the fields of a blob whose length and checksum are right.
    ///
    /// # Errors
    /// As [`Header::read`], and another length or checksum than the header says.
    pub const fn check(blob: &[u8]) -> Result<Self, LoadError> {
        match Self::sealed(blob) {
            Ok((stored, sealed)) => Self::compare(blob, stored, crc32c(sealed)),
            Err(error) => Err(error),
        }
    }

    /// [`check`](Self::check) for a blob whose checksum was compared before.
    pub(crate) const fn check_prechecked(blob: &[u8]) -> Result<Self, LoadError> {
        match Self::sealed(blob) {
            Ok(_) => Self::read(blob),
            Err(error) => Err(error),
        }
    }

    /// [`check`](Self::check) for a blob that is part of a program: all of loading that can be done
    /// when the program is compiled, and fast there. Buffers may have the sizes that it says.
    ///
    /// # Errors
    /// As [`Header::check`], and a size that no blob of this length can have.
    pub const fn check_included(blob: &[u8]) -> Result<Self, LoadError> {
        let header = match Self::sealed(blob) {
            Ok((stored, sealed)) => Self::compare(blob, stored, crc32c_at_compile_time(sealed)),
            Err(error) => Err(error),
        };
        match header {
            Ok(header) => header.check_sizes(blob.len()),
            Err(error) => Err(error),
        }
    }

    /// Length of the blob at the front of `place`, as its header says. Nothing else is read but the
    /// magic and the version.
    ///
    /// # Errors
    /// Too few bytes for a header, another magic or version.
    pub const fn total_len(place: &[u8]) -> Result<u32, LoadError> {
        match Self::read_seal(place) {
            Ok((total_len, _)) => Ok(total_len),
            Err(error) => Err(error),
        }
    }

    /// Length and checksum that the header says the blob has.
    const fn read_seal(blob: &[u8]) -> Result<(u32, u32), LoadError> {
        if blob.len() < Self::LEN {
            return Err(LoadError::TooShort { needed: Self::LEN, found: blob.len() });
        }
        let magic: [u8; 8] = bytes_at(blob, offset::MAGIC);
        if u64::from_le_bytes(magic) != u64::from_le_bytes(Self::MAGIC) {
            return Err(LoadError::BadMagic { found: magic });
        }
        let version = u32_at(blob, offset::VERSION);
        if version != Self::VERSION {
            return Err(LoadError::UnsupportedVersion { supported: Self::VERSION, found: version });
        }
        Ok((u32_at(blob, offset::TOTAL_LEN), u32_at(blob, offset::CHECKSUM)))
    }

    /// The checksum in the header of a blob of the right length, and the bytes that it covers.
    const fn sealed(blob: &[u8]) -> Result<(u32, &[u8]), LoadError> {
        let (total_len, stored) = match Self::read_seal(blob) {
            Ok(seal) => seal,
            Err(error) => return Err(error),
        };
        if total_len as usize != blob.len() {
            return Err(LoadError::LengthMismatch { expected: total_len, found: blob.len() });
        }
        match blob.split_at_checked(Self::SEALED_FROM) {
            Some((_, sealed)) => Ok((stored, sealed)),
            None => Ok((stored, &[])),
        }
    }

    /// Compares the checksums. This comes before [`Header::read`], so that a damaged field is called
    /// damaged, not unknown.
    const fn compare(blob: &[u8], stored: u32, computed: u32) -> Result<Self, LoadError> {
        if stored == computed {
            Self::read(blob)
        } else {
            Err(LoadError::ChecksumMismatch { stored, computed })
        }
    }

    /// The header's bytes.
    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let part = |has: bool, bit: u16| if has { bit } else { 0 };
        let parts =
            part(self.has_encoder, part_bit::ENCODER) | part(self.has_decoder, part_bit::DECODER);
        let parts = parts | part(self.in_strips, part_bit::IN_STRIPS);
        let mut bytes = [0; Self::LEN];
        put(&mut bytes, offset::MAGIC, &Self::MAGIC);
        put(&mut bytes, offset::VERSION, &Self::VERSION.to_le_bytes());
        put(&mut bytes, offset::TOTAL_LEN, &self.total_len.to_le_bytes());
        put(&mut bytes, offset::CHECKSUM, &self.checksum.to_le_bytes());
        put(&mut bytes, offset::CONTRACT, &(self.contract as u16).to_le_bytes());
        put(&mut bytes, offset::PARTS, &parts.to_le_bytes());
        put(&mut bytes, offset::MODEL_ID, &self.model_id);
        put(&mut bytes, offset::FEATURES, &self.features.to_le_bytes());
        put(&mut bytes, offset::LATENT, &self.latent.to_le_bytes());
        put(&mut bytes, offset::ENCODER_SCRATCH, &self.encoder_scratch.to_le_bytes());
        put(&mut bytes, offset::DECODER_SCRATCH, &self.decoder_scratch.to_le_bytes());
        bytes
    }

    /// Which parts the blob holds.
    #[must_use]
    pub const fn parts(&self) -> PartSelection {
        match PartSelection::of(self.has_encoder, self.has_decoder) {
            Some(parts) => parts,
            // No header that was read has neither.
            None => PartSelection::Both,
        }
    }

    /// The buffers that running the model takes.
    #[must_use]
    pub const fn buffers(&self) -> Buffers {
        Buffers {
            contract: self.contract,
            features: self.features as usize,
            latent: self.latent as usize,
            encoder_scratch: self.encoder_scratch as usize,
            decoder_scratch: self.decoder_scratch as usize,
        }
    }

    /// See [`scratch_len`].
    #[must_use]
    pub const fn scratch_len(&self) -> usize {
        self.buffers().scratch_len()
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

/// Puts `field` at `at`, where it fits.
fn put(bytes: &mut [u8], at: usize, field: &[u8]) {
    let places = bytes.iter_mut().skip(at);
    places.zip(field).for_each(|(place, byte)| *place = *byte);
}

const fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::{Contract, Header, offset};
    use crate::error::LoadError;
    use crate::part::PartSelection;

    const HEADER: Header = Header {
        total_len: 1000,
        checksum: 0xdead_beef,
        contract: Contract::F32,
        has_encoder: false,
        has_decoder: true,
        in_strips: false,
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
        assert_eq!(HEADER.parts(), PartSelection::Decoder);
    }

    #[test]
    fn every_field_begins_where_the_format_says() {
        let bytes = HEADER.to_bytes();
        let at = |start: usize, len: usize| &bytes[start..start + len];
        assert_eq!(at(0, 12), b"\x89AEB\r\n\x1a\n\x04\0\0\0");
        assert_eq!(at(12, 8), [1000_u32.to_le_bytes(), 0xdead_beef_u32.to_le_bytes()].concat());
        assert_eq!(at(20, 4), [2, 0, 2, 0]);
        assert_eq!(at(24, 16), b"0123456789abcdef");
        assert_eq!(at(40, 16), [784_u32, 20, 0, 384].map(u32::to_le_bytes).concat());
    }

    #[test]
    fn names_what_is_wrong() {
        let good = HEADER.to_bytes();
        let with = |at: usize, byte: u8| {
            let mut bytes = good;
            bytes[at] = byte;
            Header::read(&bytes).unwrap_err()
        };
        assert!(matches!(with(offset::MAGIC, 0), LoadError::BadMagic { .. }));
        assert_eq!(
            with(offset::VERSION, 5),
            LoadError::UnsupportedVersion { supported: 4, found: 5 }
        );
        assert_eq!(with(offset::CONTRACT, 9), LoadError::UnknownContract { found: 9 });
        assert_eq!(with(offset::PARTS, 0), LoadError::UnknownParts { found: 0 });
        assert_eq!(with(offset::PARTS, 4), LoadError::UnknownParts { found: 4 });
        assert_eq!(with(offset::PARTS, 8), LoadError::UnknownParts { found: 8 });
        assert_eq!(Header::read(&good[..55]), Err(LoadError::TooShort { needed: 56, found: 55 }));
    }
}
