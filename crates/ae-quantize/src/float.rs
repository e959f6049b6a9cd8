//! The f32 blob: the trained weights as they are.

use ae_core::{Geometry, Spatial, SpatialKind};
use ae_model::{LayerF32, Network};

use crate::contract::F32Contract;
use crate::seal::{LayerBytes, Seal, SealError, seal};

/// The data sections of layers, in the order in which the f32 contract wants them.
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

/// Weights in the order of the contract, then biases.
fn data(layer: &LayerF32) -> Vec<u8> {
    let inputs = layer.geometry.weights_as_dense().inputs;
    let by_input = |input: usize| layer.weights.iter().skip(input).step_by(inputs);
    let weights: Vec<&f32> = match layer.geometry {
        // Tap after tap, as they are.
        Geometry::Spatial(Spatial { kind: SpatialKind::Depthwise, .. }) => {
            layer.weights.iter().collect()
        }
        // Those of one input for all rows, then those of the next.
        Geometry::Dense(_) | Geometry::Spatial(_) => (0..inputs).flat_map(by_input).collect(),
    };
    weights.into_iter().chain(&layer.bias).flat_map(|value| value.to_le_bytes()).collect()
}
