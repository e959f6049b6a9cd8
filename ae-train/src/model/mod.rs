//! The autoencoder as a Burn module.
//!
//! The network is a chain of layers, from pixels to the latent and back to pixels. Each layer has its
//! own activation. A model that was trained here has none behind the latent, and the sigmoid behind
//! the logits.

mod activation;
mod autoencoder;
mod layer;
mod run_images;
mod spatial;

pub use autoencoder::{Autoencoder, Stack};
pub use layer::Layer;
