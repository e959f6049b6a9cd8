//! Trains an autoencoder with Burn, and makes of it what a run folder holds.
//!
//! [`model`] is the Burn module, [`train`] the training loop, and [`finish`] the end of a training:
//! blobs, the proof that they compute what Burn computed, baselines, figures. A trained model
//! leaves this crate as an [`ae_model::Network`] of plain numbers.
#![forbid(unsafe_code)]
// It panics where nobody listens.
#![cfg_attr(not(test), deny(clippy::print_stderr))]

pub mod finish;
mod logistic_pca;
pub mod model;
pub mod train;

pub use logistic_pca::{LogisticPca, LogisticPcaError};
