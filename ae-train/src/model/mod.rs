//! The autoencoder as a Burn module.
//!
//! The network is a chain of dense layers, `input → hidden… → latent →
//! …hidden → input`. Each layer has its own activation. A model that
//! was trained here has one behind its hidden layers, none behind the latent, and the sigmoid
//! behind the logits.

mod activation;
mod autoencoder;
mod dense;
mod run_images;

pub use autoencoder::{Autoencoder, Stack};
