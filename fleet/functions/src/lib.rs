//! Functions for DataFusion that score, decide, calibrate and watch for drift as boards do: the same
//! integers, computed on archives.
//!
//! A query names a model by the SHA-256 of its blob, since functions travel between machines by name
//! alone. [`Models`] finds the blob, on each machine for itself, and refuses one that is not its digest.
//!
//! ```
//! use std::sync::Arc;
//!
//! use ae_fleet_functions::{Functions, Models};
//! use datafusion::prelude::SessionContext;
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let models = Arc::new(Models::new(Vec::new()));
//! let blob = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/tiny.counts.int8.aeb");
//! let tiny = models.insert(std::fs::read(blob)?)?;
//!
//! let context = SessionContext::new();
//! Functions::new(models).register_with(&context);
//!
//! // A window of two samples of two channels of i16.
//! let query = format!(
//!     "SELECT ae_score('{tiny}', arrow_cast(make_array(120, -40, 130, -35), 'List(Int16)'))"
//! );
//! let scores = context.sql(&query).await?.to_string().await?;
//! assert!(scores.contains("| 824738 "), "{scores}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | function | kind | gives |
//! | --- | --- | --- |
//! | `ae_score(model, window)` | scalar | the score, UInt64 |
//! | `ae_exceeds(model, window)` | scalar | whether it is above the blob's threshold |
//! | `ae_channel(model, window)` | scalar | the channel that contributes most to it, UInt32 |
//! | `ae_evidence(model, window)` | scalar | all that is known of the window, in a struct |
//! | `ae_encode(model, window)` | scalar | the latent of an int8 model, a list of Int8 |
//! | `ae_decisions(model, sample [, restart])` | window | the detector's decision where a window ends |
//! | `ae_windows(model, sample [, restart])` | window | the samples of the window that ends there |
//! | `ae_drift(score, delta)` | window | whether normal has changed |
//! | `ae_threshold(score, alpha [, at_most])` | aggregate | the conformal threshold, UInt64 |
//!
//! A window is a list of UInt8, Int16 or Float32, as the blob takes its samples, sample after sample; a
//! sample is a list of its channels' values. A window may also be bytes, its values little-endian one
//! after the other. NULL gives NULL. Two windows of a detector may overlap:
//! `ae_windows` cuts them as the blob says.
#![forbid(unsafe_code)]

mod bytes;
mod cut;
mod decide;
mod digest;
mod drift;
mod error;
mod feed;
mod functions;
mod model;
mod models;
mod samples;
mod scalar;
mod score;
mod source;
mod store_source;
mod stream;
mod threshold;
mod windows;

pub use digest::{Digest, ParseDigestError};
pub use error::{FunctionError, ModelError};
pub use functions::Functions;
pub use model::Model;
pub use models::Models;
pub use source::{FolderSource, ModelSource};
pub use store_source::StoreSource;
