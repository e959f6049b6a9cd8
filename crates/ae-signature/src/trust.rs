//! Whose models a reader takes, and for what.

use core::fmt;

use crate::error::SignatureError;
use crate::key::PublicKey;
use crate::purpose::Purpose;

/// What a signed file says of the key that signed it: the first eight bytes of the public key. It is
/// a hint which key to check with, and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId([u8; Self::LEN]);

impl KeyId {
    /// Bytes of it.
    pub const LEN: usize = 8;

    /// That of these bytes, as a trailer has them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// That of a public key's bytes.
    #[must_use]
    pub const fn of(key: &[u8; PublicKey::LEN]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = *key;
        Self([a, b, c, d, e, f, g, h])
    }

    /// The bytes, as a trailer has them.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Whose models a reader takes, and for what.
///
/// With two keys a maker can change from one to the next: boards that hold both take what either has
/// signed, until the next program leaves the old one out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trust<'k> {
    /// Public keys. Of two with one [`KeyId`] only the first is looked at.
    pub keys: &'k [[u8; PublicKey::LEN]],
    /// What the models are for.
    pub purpose: Purpose,
}

impl Trust<'_> {
    /// The key of this name. Only this one of the keys is decoded.
    pub(crate) fn key(&self, found: KeyId) -> Result<PublicKey, SignatureError> {
        let key = self.keys.iter().find(|key| KeyId::of(key) == found);
        let mut known = self.keys.iter().map(KeyId::of);
        let other = SignatureError::OtherKey { found, known: [known.next(), known.next()] };
        PublicKey::from_bytes(key.ok_or(other)?).map_err(SignatureError::Key)
    }
}
