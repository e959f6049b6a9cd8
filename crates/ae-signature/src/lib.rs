//! Signed models: a blob, a version number, and an Ed25519 signature over both.
//!
//! A blob's checksum finds accidents: worn flash, a transfer that was cut. Whoever changes a blob on
//! purpose writes the right checksum with it. A signature finds that too, and a version number that
//! is signed with the blob keeps an old model, whose signature is as good as ever, from being put
//! back.
//!
//! ```text
//! blob ‖ magic, 8 bytes ‖ version, u32 little-endian ‖ signature, 64 bytes
//! ```
//!
//! FORMAT.md has every byte of it. The blob stands in front and keeps its format and its alignment,
//! so that one who holds no key reads it by the length in its header.
//!
//! A board holds the public key and does this, in this order:
//!
//! 1. [`open_in_place`] finds the file in its place in flash, by the blob's length
//! 2. it checks the signature over every byte of the file; before, only the blob's
//!    magic, version and length are read
//! 3. [`Signed::not_older_than`] compares the version with the least that the board's
//!    [`VersionCounter`] has
//! 4. the blob is loaded, and its self-test run
//! 5. [`VersionCounter::advance`]: from now on nothing older
//!
//! ```
//! use ae_infer::Int8Autoencoder;
//! use ae_signature::{PublicKey, RamCounter, SignatureError, VersionCounter, open};
//! # use ed25519_dalek::{Signer, SigningKey};
//! # let blob = include_bytes!("../../../tests/golden/tiny.int8.aeb");
//! # let secret = SigningKey::from_bytes(&[7; 32]);
//! # let mut file = [&blob[..], &ae_signature::trailer_front(3)].concat();
//! # file.extend(secret.sign(&file).to_bytes());
//! # let key = secret.verifying_key().to_bytes();
//!
//! let key = PublicKey::from_bytes(&key).expect("a key that keygen made");
//! let mut counter = RamCounter::new(2);
//!
//! let signed = open(&file, &key)?.not_older_than(counter.least()?)?;
//! let model = Int8Autoencoder::load(signed.blob()).expect("a blob that can be run");
//! model.self_test(&mut [0; 4], &mut [0; 5]).expect("the bits that the model's maker had");
//! counter.advance(signed.version())?;
//!
//! assert_eq!(signed.version(), 3);
//! // A model that is older than this one is refused from now on.
//! let older = open(&file, &key)?.not_older_than(4);
//! assert_eq!(older.unwrap_err(), SignatureError::TooOld { least: 4, found: 3 });
//! // Any other byte is another file.
//! file[100] ^= 1;
//! assert_eq!(open(&file, &key).unwrap_err(), SignatureError::BadSignature);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Neither this crate nor what it needs on a board allocates, and nothing in it has `unsafe` code.
//! With the feature `host` there are keys in files and signing as well, which allocate.
#![no_std]
#![forbid(unsafe_code)]
// No input may bring this code down; `clippy.toml` has the rest. The same in all crates for boards.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_underscore,
        clippy::disallowed_methods,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::missing_panics_doc,
        clippy::multiple_unsafe_ops_per_block,
        clippy::panic,
        clippy::panic_in_result_fn,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_in_result,
        clippy::unwrap_used,
    )
)]

#[cfg(feature = "host")]
extern crate alloc;

mod counter;
mod error;
mod file;
mod key;

#[cfg(feature = "host")]
#[allow(clippy::expect_used, reason = "it runs on hosts alone, and says why it cannot fail")]
pub mod host;

pub use counter::{RamCounter, VersionCounter};
pub use error::{KeyError, SignatureError};
pub use file::{MAGIC, Signed, TRAILER_LEN, Unverified, open, open_in_place, trailer_front};
pub use key::PublicKey;
