//! A trained autoencoder as plain numbers: what the quantiser and the blob writer start from.

use crate::baseline::Pca;
use crate::model::{Activation, Autoencoder, AutoencoderConfig, DenseF32};

/// How the decoder's last layer becomes pixels in 0…1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// `sigmoid(z)`.
    Sigmoid,
    /// `z`, clipped: principal components give pixels as they are.
    Linear,
}

/// Dense layers of an encoder and a decoder; `activation` stands behind every layer but the last
/// of each part.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Pixels to latent.
    pub encoder: Vec<DenseF32>,
    /// Latent to logits.
    pub decoder: Vec<DenseF32>,
    /// Behind the hidden layers.
    pub activation: Activation,
    /// Behind the decoder's last layer.
    pub output: Output,
}

impl Network {
    /// Of a trained model, whose reconstruction is the sigmoid of its logits.
    #[must_use]
    pub fn of_model(config: &AutoencoderConfig, model: &Autoencoder) -> Self {
        let (encoder, decoder) = model.dense_layers();
        Self { encoder, decoder, activation: config.activation, output: Output::Sigmoid }
    }

    /// Of principal components: one dense layer each way.
    #[must_use]
    pub fn of_pca(pca: &Pca) -> Self {
        let (encoder, decoder) = (vec![pca.encoder()], vec![pca.decoder()]);
        Self { encoder, decoder, activation: Activation::Relu, output: Output::Linear }
    }

    /// All layers, the encoder's first.
    pub fn layers(&self) -> impl Iterator<Item = &DenseF32> {
        self.encoder.iter().chain(&self.decoder)
    }

    /// Pixels of one input.
    #[must_use]
    pub fn features(&self) -> usize {
        self.encoder.first().map_or(0, |layer| layer.inputs)
    }

    /// Latent values.
    #[must_use]
    pub fn latent(&self) -> usize {
        self.encoder.last().map_or(0, |layer| layer.outputs)
    }
}
