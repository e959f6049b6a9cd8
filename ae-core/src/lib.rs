//! What a model is: the blob, the arithmetic contract, and the errors.
//!
//! A *blob* holds an autoencoder, or one part of it, ready to run: weights, requantisation,
//! tables, a test vector. `FORMAT.md` at the top of the repository is its normative description.
//! This crate reads and writes blobs; `ae-infer` runs them.
//!
//! Nothing here panics, and loading copies no weights. [`Model::parse`] checks everything once; the
//! accessors behind it cannot fail. [`Geometry`] says what a layer computes and needs.
//!
//! Nothing allocates either, unless the feature `alloc` is on. It adds what hosts use to write a
//! blob into memory of its own and to write one again as another: in another layout, with one part
//! alone, or with another detection section.
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

#[cfg(feature = "alloc")]
extern crate alloc;

mod canonical;
mod check;
mod checksum;
mod contract;
mod detection;
mod error;
mod f32;
mod format;
mod geometry;
mod header;
mod int8;
mod layer;
mod model;
mod part;
mod requant;
#[cfg(feature = "alloc")]
mod rewrite;
mod write;

pub use checksum::{Checksum, crc32c};
pub use contract::Contract;
pub use detection::{
    Bands, Calibration, CountCurve, CountMap, Debounce, Detection, GroupThresholds, SampleKind,
    SampleMap, Samples, Segment, SignalFeatures, Spectrum, Statistics, Taper, ValueCurve, ValueMap,
    frame_len, window_len,
};
pub use error::{DetectionError, FeaturesError, LayerError, LoadError, WriteError};
#[cfg(feature = "activations")]
pub use f32::Factor;
pub use f32::{Activation, F32};
pub use format::{DATA_ALIGNMENT, MAX_LAYERS, MAX_PRODUCTS, MAX_WIDTH, WEIGHT_LIMIT};
pub use geometry::{
    Axis, AxisField, Buffers, Chain, Dense, Direction, Geometry, Layout, MAX_RUN, Map, Run,
    Spatial, SpatialKind, Storage, Strip, Totals,
};
pub use header::{
    Header, decode_scratch_len, encode_scratch_len, features, latent_len, scratch_len,
};
pub use int8::{Channel, Int8, RowPairs, Rows, Taps, Weights};
pub use layer::{Arithmetic, Layer};
pub use model::{Checked, Layers, Model, Part, Prechecked, Provenance};
pub use part::{PartKind, PartSelection};
pub use requant::{Requant, Rounding};
#[cfg(feature = "alloc")]
pub use rewrite::{RewriteError, arrange, select_parts, with_detection, with_strips, write_to_vec};
pub use write::{Description, LayerSpec, PartSpec, write};

/// A model in the int8 contract.
pub type Int8Model<'a> = Model<'a, Int8<'a>>;
/// A model in the f32 contract.
pub type F32Model<'a> = Model<'a, F32>;
