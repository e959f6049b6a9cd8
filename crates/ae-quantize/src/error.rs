//! Why a network cannot be quantised.

use ae_core::{Activation, LayerError, SpatialKind};

use crate::SealError;

/// Why a network cannot be quantised.
#[derive(Debug, thiserror::Error)]
pub enum QuantizeError {
    /// No image to calibrate on.
    #[error("quantising needs calibration images, found none")]
    NoCalibration,
    /// The images are not what the network takes.
    #[error("the network takes {expected} pixels, the calibration images have {found}")]
    Features {
        /// The network's inputs.
        expected: usize,
        /// The images' pixels.
        found: usize,
    },
    /// The sizes of a layer cannot be, or do not fit the layer before.
    #[error("layer {layer}: {source}")]
    Shape {
        /// Counted through encoder and decoder, from 0.
        layer: usize,
        /// What is wrong.
        source: LayerError,
    },
    /// A layer has more or fewer weights or biases than its sizes ask for.
    #[error(
        "layer {layer} has {} weights and {} biases, expected {} and {} by its sizes",
        found.0, found.1, expected.0, expected.1
    )]
    Weights {
        /// Counted through encoder and decoder, from 0.
        layer: usize,
        /// Weights and biases by its sizes.
        expected: (u64, u64),
        /// Weights and biases that there are.
        found: (usize, usize),
    },
    /// A weight or a bias is infinite or not a number.
    #[error("layer {layer} has a weight or bias that is not finite: the training went wrong")]
    NotFinite {
        /// Counted through encoder and decoder, from 0.
        layer: usize,
    },
    /// A layer has an activation that cannot be quantised where it stands.
    #[error("layer {layer} ends in {activation:?}, expected {}", place.expected())]
    Activation {
        /// Counted through encoder and decoder, from 0.
        layer: usize,
        /// Where it stands.
        place: Place,
        /// Its activation.
        activation: Activation,
    },
    /// The latent's largest value is marked by a layer that is not dense.
    #[error("layer {layer} ends in OneHot, expected a dense layer, found {}", kind.name())]
    OneHotMap {
        /// Counted through encoder and decoder, from 0.
        layer: usize,
        /// What it is.
        kind: SpatialKind,
    },
    /// Whoever watched ended it.
    #[error("quantising was stopped")]
    Stopped,
    /// The blob cannot be made.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Where a layer stands in a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before another layer of the same part.
    Hidden,
    /// At the end of the encoder.
    Latent,
    /// At the end of the decoder.
    Output,
    /// Anywhere but at the end of the decoder, where the layer has no weights.
    Pooling,
}

impl Place {
    /// The activations that can be quantised there.
    fn expected(self) -> &'static str {
        match self {
            Self::Hidden => "Identity, Relu, Gelu or Silu behind a hidden layer",
            Self::Latent => "Identity or OneHot behind the latent",
            Self::Output => "Sigmoid or Identity behind the reconstruction",
            Self::Pooling => "Identity behind pooling or upsampling before the reconstruction",
        }
    }
}
