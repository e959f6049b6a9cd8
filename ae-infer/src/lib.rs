//! Runs a model in fixed buffers: the same forward pass on a host and on a microcontroller.
//!
//! The caller owns all memory and the blob says how much is needed, at compile time:
//!
//! ```
//! use ae_infer::Int8Autoencoder;
//!
//! const MODEL: &[u8] =
//!     include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb"));
//! const PIXELS: usize = ae_core::features(MODEL).expect("tiny.int8.aeb is a blob");
//! const LATENT: usize = ae_core::latent_len(MODEL).expect("tiny.int8.aeb is a blob");
//! const SCRATCH: usize = ae_core::scratch_len(MODEL).expect("tiny.int8.aeb is a blob");
//!
//! let model = Int8Autoencoder::load(MODEL)?;
//! let (mut reconstruction, mut scratch) = ([0; PIXELS], [0; SCRATCH]);
//! model.self_test(&mut reconstruction, &mut scratch)?;
//!
//! let image = [10, 200, 30, 120];
//! let mut latent = [0; LATENT];
//! model.encode(&image, &mut latent, &mut scratch)?;
//! assert_eq!(latent, [50, -128]);
//!
//! let error = model.score(&image, &mut reconstruction, &mut scratch)?;
//! assert_eq!((reconstruction, error), ([254, 82, 184, 254], 115_132));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The int8 contract computes with integers alone; the f32 contract adds products in index order
//! and fuses none. Both give the same bits on every core. [`with_model`] runs a model whose contract is
//! known only when the program runs.
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

mod activation;
mod arch;
mod autoencoder;
#[cfg(bulk)]
pub mod bulk;
mod calibration;
mod compute;
mod detector;
mod drift;
mod erf;
mod error;
mod f32;
#[cfg(feature = "signal-features")]
mod features;
mod float_mode;
mod include;
mod int8;
mod one_hot;
mod reals;
mod score;
mod self_test;
mod spatial;
mod state;
mod strips;
mod trace;
mod values;
mod visit;
mod walk;

pub use activation::{gelu, sigmoid, silu};
pub use ae_core::{Detection, F32, Header, Int8, LoadError, Prechecked, frame_len, window_len};
pub use autoencoder::{Autoencoder, F32Autoencoder, Int8Autoencoder};
pub use calibration::{
    Calibration, CalibrationError, CalibrationIn, CalibrationState, GroupThreshold, LowScores,
    LowScoresIn, calibration_len,
};
#[doc(hidden)]
pub use compute::ComputeLayer;
pub use compute::{Compute, Latent, Shown, Value};
pub use detector::{
    Companion, CompanionPlan, Companions, CompanionsIn, ConstantChannels, ConstantChannelsIn,
    Decision, Detector, DetectorError, Findings, Judge, Observation, Sample, Sampler, Seen,
    Threshold, ThresholdSource,
};
pub use drift::{BETS, Drift, DriftState};
pub use error::{InferError, SelfTestError};
#[cfg(feature = "signal-features")]
pub use features::FeatureStream;
#[doc(hidden)]
pub use include::{OfContract, Select};
pub use one_hot::one_hot;
pub use score::{Evidence, evidence, squared_error};
pub use state::StateError;
pub use trace::{Digests, Trace};
pub use visit::{Visitor, with_model};
