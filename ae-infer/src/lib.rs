//! Runs a model in fixed buffers: the same forward pass on a host and on a microcontroller.
//!
//! The caller owns all memory and the blob says how much is needed, at compile time:
//!
//! ```no_run
//! static MODEL: &[u8] = &[]; // include_bytes!("model.int8.aeb")
//! const BLOB: &[u8] = &[];
//!
//! // const SCRATCH: usize = ae_core::scratch_len(BLOB).unwrap();
//! let model = ae_infer::Int8Autoencoder::load(MODEL)?;
//! let (image, mut reconstruction, mut scratch) = ([0u8; 784], [0u8; 784], [0i8; 404]);
//! let error: u64 = model.score(&image, &mut reconstruction, &mut scratch)?;
//! # let _ = (error, BLOB);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The int8 contract computes with integers alone; the f32 contract adds products in index order
//! and fuses none. Both give the same bits on every core.
#![no_std]
#![forbid(unsafe_code)]

mod activation;
mod autoencoder;
mod compute;
mod dense_f32;
mod dense_int8;
mod error;
mod score;
mod self_test;
mod trace;
mod walk;

pub use activation::{gelu, sigmoid, silu};
pub use autoencoder::{Autoencoder, F32Autoencoder, Int8Autoencoder};
pub use compute::{Compute, Latent, Value};
pub use error::{InferError, SelfTestError};
pub use score::squared_error;
pub use trace::{Digests, Trace};
