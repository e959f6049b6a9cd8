//! What a model is: the blob, the arithmetic contract, and the errors.
//!
//! A *blob* holds an autoencoder, or one part of it, ready to run: weights, requantisation,
//! tables, a test vector. `FORMAT.md` at the top of the repository is its normative description.
//! This crate reads and writes blobs; `ae-infer` runs them.
//!
//! Nothing here allocates or panics, and loading copies no weights. [`Model::parse`] checks everything once;
//! the accessors behind it cannot fail.
//!
//! ```
//! use ae_core::{LoadError, Int8Model, Header};
//!
//! assert_eq!(Header::LEN, 56);
//! let error = Int8Model::parse(b"no model").unwrap_err();
//! assert_eq!(error, LoadError::TooShort { needed: 56, found: 8 });
//! ```
#![no_std]
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
#![forbid(unsafe_code)]

mod canonical;
mod checksum;
mod detection;
mod error;
mod f32;
mod header;
mod int8;
mod layer;
mod model;
mod part_selection;
mod requant;
mod write;

pub use checksum::{Checksum, crc32c};
pub use detection::{Calibration, CountMap, Debounce, Detection, SampleKind, SampleMap, ValueMap};
pub use error::{DetectionError, LayerError, LoadError, PartKind, WriteError};
pub use f32::{Activation, F32};
pub use header::{
    Contract, Header, decode_scratch_len, encode_scratch_len, features, latent_len, scratch_len,
};
pub use int8::{Channel, Int8, Layout, RowPairs, Rows, WEIGHT_LIMIT, Weights};
pub use layer::{Arithmetic, Layer};
pub use model::{Layers, Model, Part, Provenance};
pub use part_selection::PartSelection;
pub use requant::Requant;
pub use write::{Description, LayerSpec, PartSpec, write};

/// A model in the int8 contract.
pub type Int8Model<'a> = Model<'a, Int8<'a>>;
/// A model in the f32 contract.
pub type F32Model<'a> = Model<'a, F32>;

/// Most layers that one part (encoder or decoder) may have.
pub const MAX_LAYERS: usize = 32;
/// Most inputs or outputs that one layer may have.
pub const MAX_WIDTH: usize = 65_535;
/// Boundary, counted from the start of the blob, on which every layer's data begins.
pub const DATA_ALIGNMENT: usize = 16;
