//! Runs a blob of either contract over many samples, on all cores, with the engine of the board.
//!
//! [`encode`], [`decode`] and [`reconstruct`] give what the board would give, [`evaluate`] says how
//! well, and [`compare`] holds two blobs against each other, layer by layer.
#![forbid(unsafe_code)]

pub mod compare;
mod facts;
mod layers;
mod quality;
mod run;

use ae_core::{LoadError, RewriteError};
use ae_infer::InferError;

pub use facts::{Provenance, check, contract_of, geometries, provenance};
pub use layers::{Layers, Outputs};
pub use quality::{BlobQuality, evaluate};
pub use run::{Latents, decode, encode, in_rows, logits, reconstruct, reconstruct_values};

/// Why a blob cannot be run on the data at hand.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bytes are not a model.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The model cannot be arranged for this processor.
    #[error(transparent)]
    Arrange(#[from] RewriteError),
    /// The blob lacks a part, or the samples have another size.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// Nothing to run.
    #[error("there are no images to run the model on")]
    NoImages,
}
