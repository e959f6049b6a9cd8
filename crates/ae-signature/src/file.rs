//! The signed file: a blob, and a trailer behind it.

use ae_core::Header;

use crate::error::SignatureError;
use crate::key::PublicKey;
use crate::purpose::Purpose;
use crate::trust::{KeyId, Trust};

/// The first eight bytes behind the blob. Like those of a blob, they show a transfer that took the
/// file for text. All versions of the trailer but the first begin with them.
pub const MAGIC: [u8; 8] = *b"\x89AET\r\n\x1a\n";

/// The first eight bytes of a trailer of version 1, which had no version, purpose and key.
const FIRST_MAGIC: [u8; 8] = *b"\x89AES\r\n\x1a\n";

/// The version of the trailer that this crate reads and writes.
pub const TRAILER_VERSION: u32 = 2;

/// Bytes between the blob and the signature, which covers them: magic, version of the trailer, version
/// of the model, purpose, key id.
pub const FRONT_LEN: usize =
    MAGIC.len() + size_of::<u32>() + size_of::<u32>() + Purpose::LEN + KeyId::LEN;
/// Bytes of a signature.
const SIGNATURE_LEN: usize = 64;

/// Bytes behind the blob: what the signature covers of them, and the signature.
pub const TRAILER_LEN: usize = FRONT_LEN + SIGNATURE_LEN;

/// A file that is laid out as a signed one. Nothing of it is known to be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unverified<'f> {
    /// What the signature covers.
    message: &'f [u8],
    signature: &'f [u8; SIGNATURE_LEN],
    key_id: KeyId,
    said: Signed<'f>,
}

/// A file whose signature is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'f> {
    blob: &'f [u8],
    version: u32,
    purpose: Purpose,
}

/// Checks that `file` is signed with one of the keys of `trust`, every byte of it, and for its
/// purpose. Nothing in the blob but its magic, version and length is read before.
///
/// # Errors
/// No trailer behind the blob, bytes behind the trailer, another key or signature, another purpose.
pub fn open<'f>(file: &'f [u8], trust: &Trust<'_>) -> Result<Signed<'f>, SignatureError> {
    Unverified::read(file)?.admit(trust)
}

/// As [`open`], for the signed file at the front of `place`, such as a board's flash, which may be
/// larger.
///
/// # Errors
/// No trailer behind the blob, another key or signature, another purpose.
pub fn open_in_place<'f>(place: &'f [u8], trust: &Trust<'_>) -> Result<Signed<'f>, SignatureError> {
    Unverified::at_front(place)?.admit(trust)
}

/// What stands between the blob and the signature, which covers both.
#[must_use]
pub fn trailer_front(version: u32, purpose: Purpose, key_id: KeyId) -> [u8; FRONT_LEN] {
    let mut front = [0; FRONT_LEN];
    let parts = [
        &MAGIC[..],
        &TRAILER_VERSION.to_le_bytes(),
        &version.to_le_bytes(),
        &purpose.to_bytes(),
        &key_id.to_bytes(),
    ];
    for (place, byte) in front.iter_mut().zip(parts.into_iter().flatten()) {
        *place = *byte;
    }
    front
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
        let needed = blob_len.saturating_add(TRAILER_LEN);
        let too_short = SignatureError::TooShort { needed, found: place.len() };
        let (blob, behind) = place.split_at_checked(blob_len).ok_or(too_short)?;
        if behind.is_empty() {
            return Err(SignatureError::NothingBehind);
        }
        // It is shorter than this one, so it has to be known before the length is looked at.
        if behind.starts_with(&FIRST_MAGIC) {
            return Err(SignatureError::OtherTrailer { found: 1 });
        }
        let file = place.get(..needed).ok_or(too_short)?;
        let (message, signature) = file.split_last_chunk().ok_or(too_short)?;
        let (magic, rest) = behind.split_first_chunk().ok_or(too_short)?;
        if *magic != MAGIC {
            return Err(SignatureError::NotSigned { found: *magic });
        }
        let (trailer_version, rest) = rest.split_first_chunk().ok_or(too_short)?;
        let found = u32::from_le_bytes(*trailer_version);
        if found != TRAILER_VERSION {
            return Err(SignatureError::OtherTrailer { found });
        }
        let (version, rest) = rest.split_first_chunk().ok_or(too_short)?;
        let (purpose, rest) = rest.split_first_chunk().ok_or(too_short)?;
        let (key_id, _) = rest.split_first_chunk().ok_or(too_short)?;
        let no_purpose = SignatureError::NoPurpose { found: *purpose };
        let purpose = Purpose::from_bytes(*purpose).ok_or(no_purpose)?;
        let said = Signed { blob, version: u32::from_le_bytes(*version), purpose };
        Ok(Self { message, signature, key_id: KeyId::from_bytes(*key_id), said })
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
        self.said.blob
    }

    /// The version that the trailer has.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.said.version
    }

    /// The purpose that the trailer has.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.said.purpose
    }

    /// The key that the trailer names.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// Checks the signature, for a reader that takes models for every purpose.
    ///
    /// # Errors
    /// It is not that of the key's holder over these bytes.
    pub fn verify(&self, key: &PublicKey) -> Result<Signed<'f>, SignatureError> {
        let ours = key.id();
        if ours != self.key_id {
            let (found, known) = (self.key_id, [Some(ours), None]);
            return Err(SignatureError::OtherKey { found, known });
        }
        key.verify(self.message, self.signature)?;
        Ok(self.said)
    }

    /// Checks the signature, then the purpose.
    ///
    /// # Errors
    /// The signature is not that of a key of `trust` over these bytes, or they are for another purpose.
    pub fn admit(&self, trust: &Trust<'_>) -> Result<Signed<'f>, SignatureError> {
        let signed = self.verify(&trust.key(self.key_id)?)?;
        let (expected, found) = (trust.purpose, signed.purpose);
        if expected != found {
            return Err(SignatureError::OtherPurpose { expected, found });
        }
        Ok(signed)
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

    /// What the model was signed for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
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
