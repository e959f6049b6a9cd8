//! Keys in files, and signing: what a host does.
//!
//! A secret key is a file in PKCS#8 (RFC 8410), a public one in SubjectPublicKeyInfo, both PEM:
//! what `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write, and
//! `ae-train keygen`.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use ed25519_dalek::pkcs8::spki::SubjectPublicKeyInfoRef;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::spki::der::zeroize::{self, Zeroize};
use ed25519_dalek::pkcs8::{
    ALGORITHM_OID, Document, EncodePrivateKey, EncodePublicKey, KeypairBytes, ObjectIdentifier,
    PrivateKeyInfoRef, PublicKeyBytes, SecretDocument,
};
use ed25519_dalek::{Signer, SigningKey};

use crate::error::KeyError;
use crate::file::trailer_front;
use crate::key::PublicKey;
use crate::purpose::Purpose;
use crate::trust::KeyId;

/// The first line of a secret key's file has this.
const SECRET: &str = "PRIVATE KEY";
/// The first line of a public key's file has this.
const PUBLIC: &str = "PUBLIC KEY";

/// A secret key, which signs. It is wiped from memory when it is dropped.
pub struct SecretKey(SigningKey);

/// A key's file. Like the key, its text is wiped when it is dropped.
pub type KeyText = zeroize::Zeroizing<String>;

/// Why a file holds no key of the kind that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It is not in PEM.
    NotPem {
        /// What its first line should hold.
        expected: &'static str,
    },
    /// It holds something else.
    Kind {
        /// What its first line should hold.
        expected: &'static str,
        /// What it holds.
        found: String,
    },
    /// It holds a key for another algorithm.
    Algorithm {
        /// The algorithm's object identifier, such as 1.2.840.113549.1.1.1 for RSA.
        found: String,
    },
    /// Its first line is right, and what follows is damaged.
    Damaged {
        /// How.
        reason: String,
    },
    /// It holds a public key that cannot be used.
    Key(KeyError),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPem { expected } => {
                write!(f, "not a key file: its first line should be -----BEGIN {expected}-----")
            }
            Self::Kind { expected, found } => {
                let remedy = match (*expected, &**found) {
                    (PUBLIC, SECRET) => {
                        "; this is the secret key, which must not leave its place: give the public \
                         one, NAME.pub"
                    }
                    (SECRET, PUBLIC) => {
                        "; this is the public key, which cannot sign: give the secret one, NAME.key"
                    }
                    (SECRET, "ENCRYPTED PRIVATE KEY") => {
                        "; decrypt it first: openssl pkey -in FILE -out NAME.key"
                    }
                    _ => "",
                };
                write!(f, "the file holds a {found}, expected a {expected}{remedy}")
            }
            Self::Algorithm { found } => {
                write!(f, "a key for the algorithm {found}, expected Ed25519, {ALGORITHM_OID}")
            }
            Self::Damaged { reason } => write!(f, "the key is damaged: {reason}"),
            Self::Key(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for KeyFileError {}

impl SecretKey {
    /// The key of 32 bytes, which nobody else may know.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// A new key of random bytes, which `fill` gets from the operating system.
    ///
    /// # Errors
    /// Those of `fill`.
    pub fn generate<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut random = zeroize::Zeroizing::new([0; 32]);
        fill(&mut *random)?;
        Ok(Self::from_bytes(&random))
    }

    /// Reads a secret key's file.
    ///
    /// # Errors
    /// It holds no secret key for Ed25519.
    pub fn read(text: &str) -> Result<Self, KeyFileError> {
        check_kind(text, SECRET)?;
        let (_, der) = SecretDocument::from_pem(text).map_err(damaged)?;
        let info = PrivateKeyInfoRef::try_from(der.as_bytes()).map_err(damaged)?;
        check_algorithm(&info.algorithm.oid)?;
        let mut pair = KeypairBytes::try_from(info).map_err(damaged)?;
        let key = Self(SigningKey::from_bytes(&pair.secret_key));
        // It would wipe itself only with a feature of its crate that `ed25519-dalek` does not set.
        pair.secret_key.zeroize();
        // A file may hold the public key too.
        match pair.public_key {
            Some(public) if public.to_bytes() != key.0.verifying_key().to_bytes() => {
                Err(damaged("its public half does not belong to its secret half"))
            }
            _ => Ok(key),
        }
    }

    /// The text of this key's file.
    ///
    /// # Panics
    /// Never: 32 bytes have a text.
    #[must_use]
    pub fn write(&self) -> KeyText {
        // Without the public half: older versions of OpenSSL read no file with it.
        let mut pair = KeypairBytes { secret_key: self.0.to_bytes(), public_key: None };
        let text = pair.to_pkcs8_pem(LineEnding::LF).expect("a key of 32 bytes can be written");
        pair.secret_key.zeroize();
        text
    }

    /// The key that checks what this one signs.
    ///
    /// # Panics
    /// Never: no secret key has a weak public one.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::from_bytes(&self.0.verifying_key().to_bytes()).expect("a key's other half")
    }

    /// The signed file of `blob`, as model version `version`, for `purpose`.
    #[must_use]
    pub fn sign(&self, blob: &[u8], version: u32, purpose: Purpose) -> Vec<u8> {
        let key_id = KeyId::of(&self.0.verifying_key().to_bytes());
        let mut file = [blob, &trailer_front(version, purpose, key_id)].concat();
        let signature = self.0.sign(&file);
        file.extend(signature.to_bytes());
        file
    }
}

/// Reads a public key's file.
///
/// # Errors
/// It holds no public key for Ed25519, or a weak one.
pub fn read_public(text: &str) -> Result<PublicKey, KeyFileError> {
    check_kind(text, PUBLIC)?;
    let (_, der) = Document::from_pem(text).map_err(damaged)?;
    let info = SubjectPublicKeyInfoRef::try_from(der.as_bytes()).map_err(damaged)?;
    check_algorithm(&info.algorithm.oid)?;
    let bytes = PublicKeyBytes::try_from(info).map_err(damaged)?;
    PublicKey::from_bytes(&bytes.to_bytes()).map_err(KeyFileError::Key)
}

/// The text of a public key's file.
///
/// # Panics
/// Never: 32 bytes have a text.
#[must_use]
pub fn write_public(key: &PublicKey) -> String {
    let text = PublicKeyBytes(key.to_bytes()).to_public_key_pem(LineEnding::LF);
    text.expect("a key of 32 bytes can be written")
}

/// Looks whether the text's first line says that it is of the kind `expected`.
fn check_kind(text: &str, expected: &'static str) -> Result<(), KeyFileError> {
    let begin = text.lines().find_map(|line| line.strip_prefix("-----BEGIN "));
    let label = begin.and_then(|rest| rest.trim_end().strip_suffix("-----"));
    let label = label.ok_or(KeyFileError::NotPem { expected })?;
    if label != expected {
        return Err(KeyFileError::Kind { expected, found: label.to_owned() });
    }
    Ok(())
}

fn check_algorithm(found: &ObjectIdentifier) -> Result<(), KeyFileError> {
    if *found == ALGORITHM_OID {
        Ok(())
    } else {
        Err(KeyFileError::Algorithm { found: found.to_string() })
    }
}

fn damaged(reason: impl ToString) -> KeyFileError {
    KeyFileError::Damaged { reason: reason.to_string() }
}
