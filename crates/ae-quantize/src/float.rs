//! The f32 blob: the trained weights as they are.

use ae_core::{Activation, Geometry, Spatial, SpatialKind};
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
    let parts = [&network.encoder, &network.decoder];
    sealed(parts.map(|layers| layers.iter().map(Written::of).collect()), with)
}

/// The same, which gives a layer's numbers back when they are written: at most twice their memory is
/// taken, those of the network included.
///
/// # Errors
/// As [`float_blob`].
pub fn float_blob_of(network: Network, with: &Seal<'_>) -> Result<Vec<u8>, SealError> {
    let parts = [network.encoder, network.decoder];
    sealed(parts.map(|layers| layers.into_iter().map(|it| Written::of(&it)).collect()), with)
}

/// A layer whose data section is written.
struct Written {
    geometry: Geometry,
    activation: Activation,
    data: Vec<u8>,
}

impl Written {
    fn of(layer: &LayerF32) -> Self {
        let LayerF32 { geometry, activation, .. } = *layer;
        Self { geometry, activation, data: data(layer) }
    }

    fn bytes(&self) -> LayerBytes<'_, F32Contract> {
        let Self { geometry, activation, data } = self;
        LayerBytes { geometry: *geometry, parameters: activation, data }
    }
}

fn sealed(parts: [Vec<Written>; 2], with: &Seal<'_>) -> Result<Vec<u8>, SealError> {
    let [encoder, decoder] =
        parts.each_ref().map(|layers| layers.iter().map(Written::bytes).collect::<Vec<_>>());
    seal::<F32Contract>(&encoder, &decoder, &Seal { latent_map: &[], ..*with })
}

/// Weights in the order of the contract, then biases.
fn data(layer: &LayerF32) -> Vec<u8> {
    let inputs = layer.geometry.weights_as_dense().inputs;
    let mut bytes = Vec::with_capacity(4 * (layer.weights.len() + layer.bias.len()));
    let mut put = |value: &f32| bytes.extend(value.to_le_bytes());
    match layer.geometry {
        // Tap after tap, as they are.
        Geometry::Spatial(Spatial { kind: SpatialKind::Depthwise, .. }) => {
            layer.weights.iter().for_each(&mut put);
        }
        // Those of one input for all rows, then those of the next.
        Geometry::Dense(_) | Geometry::Spatial(_) => {
            let by_input = |input: usize| layer.weights.iter().skip(input).step_by(inputs);
            (0..inputs).flat_map(by_input).for_each(&mut put);
        }
    }
    layer.bias.iter().for_each(put);
    bytes
}
