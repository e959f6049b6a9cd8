//! A network as plain numbers: what trainers make, and what the quantiser takes.
//!
//! A [`Network`] is an encoder and a decoder, chains of layers. [`AutoencoderConfig`] is its shape
//! before it has weights, with an [`Architecture`] where not all layers are dense, [`Summary`] its
//! layers as a table, and [`read_weights`] and
//! [`write_weights`] know its file, in PyTorch's names and layout.
#![forbid(unsafe_code)]

mod activation;
mod architecture;
mod code;
mod config;
mod error;
mod init;
mod layer;
mod network;
mod summary;
mod weights;
mod words;

pub use activation::Activation;
pub use architecture::{
    Architecture, ArchitectureChoice, ArchitectureError, Extent, Input, LayerKind, LayerTable, Map,
    Outputs, Padding, Preset, TableActivation,
};
pub use code::Code;
pub use config::{AutoencoderConfig, LayerShape, MAX_PARAMETERS};
pub use error::ModelError;
pub use layer::LayerF32;
pub use network::Network;
pub use summary::{BoardBytes, Summary, SummaryRow, activation_name};
pub use weights::{read_weights, write_weights};
pub use words::Words;
