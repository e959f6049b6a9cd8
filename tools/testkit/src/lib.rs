//! What tests and tools of this repository share: random numbers, models made of them, blobs taken
//! apart and put together, and oracles.
//!
//! Everything about blobs is written from `FORMAT.md` alone, in the plainest way, and uses nothing
//! of the crates that it checks: a mistake of theirs is not made here again.
//!
//! | module | the part of `FORMAT.md` that it knows |
//! | --- | --- |
//! | [`places`] | layer data of the int8 contract |
//! | [`blob`], [`fields`] | header and body |
//! | [`seal`], [`varint`] | length and checksum; integers of seven bits a byte |
//! | [`int8`], [`float`] | layer data and arithmetic of each contract |
//! | [`spatial`] | kinds and sizes of spatial layers |
//! | [`section`] | the detection section |
//! | [`oracle`] | test vectors, digests, detection, features of a signal |
//! | [`cases`] | all of it, in a file that engines in every language are tested with |
//!
//! Beside them is [`nor`], a flash whose power is cut, which knows the rules of flash alone.
//!
//! Without the default feature `std` there are [`random`] and [`places`] alone, which need neither a
//! heap nor an operating system: boards use them too.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

pub mod places;
pub mod random;

#[cfg(feature = "std")]
pub mod arithmetic;
#[cfg(feature = "std")]
pub mod blob;
#[cfg(feature = "std")]
pub mod cases;
#[cfg(feature = "std")]
pub mod draw;
#[cfg(feature = "std")]
pub mod fields;
#[cfg(feature = "std")]
pub mod float;
#[cfg(feature = "std")]
pub mod int8;
#[cfg(feature = "std")]
pub mod nor;
#[cfg(feature = "std")]
pub mod oracle;
#[cfg(feature = "std")]
pub mod reader;
#[cfg(feature = "std")]
pub mod seal;
#[cfg(feature = "std")]
pub mod section;
#[cfg(feature = "std")]
pub mod signal;
#[cfg(feature = "std")]
pub mod spatial;
#[cfg(feature = "std")]
pub mod varint;
#[cfg(feature = "std")]
mod writer;
