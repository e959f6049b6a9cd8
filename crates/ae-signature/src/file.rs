//! The signed file: a blob, and a trailer behind it.

use ae_core::Header;

use crate::error::SignatureError;
use crate::key::PublicKey;

/// The first eight bytes behind the blob. Like those of a blob, they show a transfer that took the
/// file for text.
pub const MAGIC: [u8; 8] = *b"\x89AES\r\n\x1a\n";

/// Bytes of magic and version, which the signature covers.
const FRONT_LEN: usize = MAGIC.len() + size_of::<u32>();
/// Bytes of a signature.
const SIGNATURE_LEN: usize = 64;

/// Bytes behind the blob: magic, version, signature.
pub const TRAILER_LEN: usize = FRONT_LEN + SIGNATURE_LEN;

/// A file that is laid out as a signed one. Nothing of it is known to be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unverified<'f> {
    /// What the signature covers.
    message: &'f [u8],
    blob: &'f [u8],
    version: u32,
    signature: &'f [u8; SIGNATURE_LEN],
}

/// A file whose signature is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'f> {
    blob: &'f [u8],
    version: u32,
}

/// Checks that the holder of `key`'s secret half signed `file`, every byte of it. Nothing in the blob
/// but its magic, version and length is read before.
///
/// # Errors
/// No trailer behind the blob, bytes behind the trailer, or another signature.
pub fn open<'f>(file: &'f [u8], key: &PublicKey) -> Result<Signed<'f>, SignatureError> {
    Unverified::read(file)?.verify(key)
}

/// As [`open`], for the signed file at the front of `place`, such as a board's flash, which may be
/// larger.
///
/// # Errors
/// No trailer behind the blob, or another signature.
pub fn open_in_place<'f>(place: &'f [u8], key: &PublicKey) -> Result<Signed<'f>, SignatureError> {
    Unverified::at_front(place)?.verify(key)
}

/// What stands between the blob and the signature, which covers both: the magic and `version`.
#[must_use]
pub fn trailer_front(version: u32) -> [u8; FRONT_LEN] {
    let [a, b, c, d, e, f, g, h] = MAGIC;
    let [i, j, k, l] = version.to_le_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l]
}

impl<'f> Unverified<'f> {
    /// The signed file at the front of `place`. Its trailer begins where the header's total length
    /// says that the blob ends, and nowhere else, whatever the blob's last bytes look like. The
    /// length is not to be trusted yet; all that can come of a wrong one is that no trailer is there,
    /// or that of other bytes.
    ///
    /// # Errors
    /// No blob begins here, or no trailer is behind it.
    pub fn at_front(place: &'f [u8]) -> Result<Self, SignatureError> {
        let blob_len = Header::total_len(place).map_err(SignatureError::NoBlob)? as usize;
        if place.len() == blob_len {
            return Err(SignatureError::NothingBehind);
        }
        let needed = blob_len.saturating_add(TRAILER_LEN);
        let too_short = SignatureError::TooShort { needed, found: place.len() };
        let file = place.get(..needed).ok_or(too_short)?;
        let (message, signature) = file.split_last_chunk().ok_or(too_short)?;
        let (front, version) = message.split_last_chunk().ok_or(too_short)?;
        let (blob, magic) = front.split_last_chunk().ok_or(too_short)?;
        if *magic != MAGIC {
            return Err(SignatureError::NotSigned { found: *magic });
        }
        Ok(Self { message, blob, version: u32::from_le_bytes(*version), signature })
    }

    /// The parts of a signed file that ends with its trailer; see [`at_front`](Self::at_front).
    ///
    /// # Errors
    /// No blob begins here, no trailer is behind it, or something is behind the trailer.
    pub fn read(file: &'f [u8]) -> Result<Self, SignatureError> {
        let signed = Self::at_front(file)?;
        let needed = signed.message.len().saturating_add(SIGNATURE_LEN);
        match file.len().checked_sub(needed) {
            None | Some(0) => Ok(signed),
            Some(more) => Err(SignatureError::MoreBehind { more }),
        }
    }

    /// What stands before the trailer.
    #[must_use]
    pub fn blob(&self) -> &'f [u8] {
        self.blob
    }

    /// The version that the trailer has.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// It is not that of the key's holder over these bytes.
    pub fn verify(&self, key: &PublicKey) -> Result<Signed<'f>, SignatureError> {
        key.verify(self.message, self.signature)?;
        Ok(Signed { blob: self.blob, version: self.version })
    }
}

impl<'f> Signed<'f> {
    /// The blob, as it was signed. Whether it can be run, loading it tells.
    #[must_use]
    pub fn blob(&self) -> &'f [u8] {
        self.blob
    }

    /// The version that the model was signed with.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The same file, if its version is `least` or a later one.
    ///
    /// # Errors
    /// It is older.
    pub fn not_older_than(self, least: u32) -> Result<Self, SignatureError> {
        if self.version < least {
            return Err(SignatureError::TooOld { least, found: self.version });
        }
        Ok(self)
    }
}
