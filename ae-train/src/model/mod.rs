//! The autoencoder as a Burn module: its configuration, its weights as plain
//! numbers, its file of weights, and its summary.
//!
//! The network is a chain of dense layers, `input → hidden… → latent →
//! …hidden → input`. Hidden layers end in the [`Activation`]; the latent and
//! the logits do not. A reconstruction is the sigmoid of the logits, always.

mod activation;
mod autoencoder;
mod config;
mod dense;
mod error;
mod init;
mod run_images;
mod summary;
mod weights;

pub use activation::Activation;
pub use autoencoder::{Autoencoder, Stack};
pub use config::{AutoencoderConfig, LayerShape, MAX_PARAMETERS};
pub use dense::DenseF32;
pub use error::ModelError;
pub use summary::{BoardBytes, Summary, SummaryRow};
pub use weights::{read_weights, write_weights};
