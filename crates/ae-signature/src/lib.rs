//! Signed models: a blob, its version and purpose, and an Ed25519 signature over all of it.
//!
//! A blob's checksum finds accidents: worn flash, a transfer that was cut. Whoever changes a blob on
//! purpose writes the right checksum with it. A signature finds that too, and a version number that
//! is signed with the blob keeps an old model, whose signature is as good as ever, from being put
//! back. A purpose that is signed with it keeps one product's model out of another's boards.
//!
//! ```text
//! blob ‖ magic, 8 bytes ‖ trailer version ‖ model version ‖ purpose, 16 bytes ‖ key id, 8 bytes
//!      ‖ signature, 64 bytes
//! ```
//!
//! FORMAT.md has every byte of it. The blob stands in front and keeps its format and its alignment,
//! so that one who holds no key reads it by the length in its header.
//!
//! A board holds one public key, or two while its maker changes from one to the next, and a purpose:
//! its [`Trust`]. It does this, in this order:
//!
//! 1. [`open_in_place`] finds the file in its place in flash, by the blob's length
//! 2. it takes the key that the trailer names, and checks the signature over every byte of the file;
//!    before, only the blob's magic, version and length are read; then it compares the purpose
//! 3. [`Signed::not_older_than`] compares the version with the least that the board's
//!    [`VersionCounter`] has
//! 4. the blob is loaded, and its self-test run
//! 5. [`VersionCounter::advance`]: from now on nothing older
//!
//! ```
//! use ae_infer::Int8Autoencoder;
//! use ae_signature::{Purpose, RamCounter, SignatureError, Trust, VersionCounter, open};
//! # use ed25519_dalek::{Signer, SigningKey};
//! # let blob = include_bytes!("../../../tests/golden/tiny.int8.aeb");
//! # let secret = SigningKey::from_bytes(&[7; 32]);
//! # let key = secret.verifying_key().to_bytes();
//! # let pump = Purpose::new("pump")?;
//! # let id = ae_signature::KeyId::of(&key);
//! # let mut file = [&blob[..], &ae_signature::trailer_front(3, pump, id)].concat();
//! # file.extend(secret.sign(&file).to_bytes());
//!
//! // Beside this key that of next year, say.
//! let trust = Trust { keys: &[key, [9; 32]], purpose: Purpose::new("pump")? };
//! let mut counter = RamCounter::new(2);
//!
//! let signed = open(&file, &trust)?.not_older_than(counter.least()?)?;
//! let model = Int8Autoencoder::load(signed.blob()).expect("a blob that can be run");
//! model.self_test(&mut [0; 4], &mut [0; 5]).expect("the bits that the model's maker had");
//! counter.advance(signed.version())?;
//!
//! assert_eq!(signed.version(), 3);
//! // A model that is older than this one is refused from now on.
//! let older = open(&file, &trust)?.not_older_than(4);
//! assert_eq!(older.unwrap_err(), SignatureError::TooOld { least: 4, found: 3 });
//! // So is one that is for something else.
//! let fan = Trust { purpose: Purpose::new("fan")?, ..trust };
//! let error = open(&file, &fan).unwrap_err();
//! assert_eq!(error.to_string(), "the model is signed for purpose pump, expected purpose fan");
//! // Any other byte is another file.
//! file[100] ^= 1;
//! assert_eq!(open(&file, &trust).unwrap_err(), SignatureError::BadSignature);
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
mod purpose;
mod trust;

#[cfg(feature = "host")]
#[allow(clippy::expect_used, reason = "it runs on hosts alone, and says why it cannot fail")]
pub mod host;

pub use counter::{RamCounter, VersionCounter};
pub use error::{KeyError, SignatureError};
pub use file::{
    FRONT_LEN, MAGIC, Signed, TRAILER_LEN, TRAILER_VERSION, Unverified, open, open_in_place,
    trailer_front,
};
pub use key::PublicKey;
pub use purpose::{Purpose, PurposeError};
pub use trust::{KeyId, Trust};
