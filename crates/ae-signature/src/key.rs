//! The public key that a board holds.

use core::fmt;

use ed25519_dalek::{Signature, VerifyingKey};

use crate::error::{KeyError, SignatureError};
use crate::trust::KeyId;

/// An Ed25519 public key (RFC 8032) that is not weak.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

// What reaches the arithmetic of the curve is a function of its own in every program: `cargo xtask test
// panic-paths` looks no further, for that is not ours.
impl PublicKey {
    /// Bytes of a key.
    pub const LEN: usize = 32;

    /// The key of these bytes.
    ///
    /// # Errors
    /// They are not a point of the curve, or one of small order.
    #[inline(never)]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAKey)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(key)) }
    }

    /// The key's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        self.0.to_bytes()
    }

    /// What a trailer names the key by.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(self.0.as_bytes())
    }

    /// Checks a signature over `message`, and that there is no other encoding of it: a scalar beyond
    /// the group's order and a point of small order are refused.
    #[inline(never)]
    pub(crate) fn verify(
        &self,
        message: &[u8],
        signature: &[u8; Signature::BYTE_SIZE],
    ) -> Result<(), SignatureError> {
        let signature = Signature::from_bytes(signature);
        let verified = self.0.verify_strict(message, &signature);
        verified.map_err(|_| SignatureError::BadSignature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:02x?})", self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests;
