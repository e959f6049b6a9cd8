//! Trains an autoencoder with Burn, and makes of it what a run folder holds.
//!
//! [`model`] is the Burn module, [`train`] trains it epoch by epoch, and [`pipeline`] goes the whole
//! way from data to a run folder with blobs, figures and the proof that the blobs compute what Burn
//! computed. A trained model leaves this crate as an [`ae_model::Network`] of plain numbers.
// It panics where nobody listens.
#![cfg_attr(not(test), deny(clippy::print_stderr))]

mod logistic_pca;
pub mod model;
pub mod pipeline;
pub mod train;

pub use logistic_pca::{LogisticPca, LogisticPcaError};
