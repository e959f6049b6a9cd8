//! The autoencoder as a Burn module.
//!
//! The network is a chain of dense layers, `input → hidden… → latent →
//! …hidden → input`. Hidden layers end in the activation; the latent and
//! the logits do not. A reconstruction is the sigmoid of the logits, always.

mod activation;
mod autoencoder;
mod dense;
mod run_images;

pub use autoencoder::{Autoencoder, Stack};
