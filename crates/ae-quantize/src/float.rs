//! The f32 blob: the trained weights as they are.

use ae_model::{LayerF32, Network};

use crate::contract::F32Contract;
use crate::seal::{LayerBytes, Seal, SealError, seal};

/// The data sections of dense layers, in the order in which the f32 contract wants them.
pub fn float_layers<'d>(layers: impl IntoIterator<Item = &'d LayerF32>) -> Vec<Vec<u8>> {
    layers.into_iter().map(data).collect()
}

/// The f32 blob of `network`.
///
/// # Errors
/// The network breaks a rule of the format, for example by an infinite weight.
pub fn float_blob(network: &Network, with: &Seal<'_>) -> Result<Vec<u8>, SealError> {
    let (encoder_data, decoder_data) =
        (float_layers(&network.encoder), float_layers(&network.decoder));
    let encoder = part(&network.encoder, &encoder_data);
    let decoder = part(&network.decoder, &decoder_data);
    seal::<F32Contract>(&encoder, &decoder, &Seal { latent_map: &[], ..*with })
}

/// A part's layers.
fn part<'d>(layers: &'d [LayerF32], data: &'d [Vec<u8>]) -> Vec<LayerBytes<'d, F32Contract>> {
    let layers = layers.iter().zip(data).map(|(layer, data)| LayerBytes {
        geometry: layer.geometry,
        parameters: &layer.activation,
        data,
    });
    layers.collect()
}

/// Weights input after input, then biases.
fn data(layer: &LayerF32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 * (layer.weights.len() + layer.bias.len()));
    for input in 0..layer.inputs() {
        for row in layer.weights.chunks_exact(layer.inputs()) {
            bytes.extend_from_slice(&row[input].to_le_bytes());
        }
    }
    for bias in &layer.bias {
        bytes.extend_from_slice(&bias.to_le_bytes());
    }
    bytes
}
