//! The weights in the form that training works on.

use ae_model::{AutoencoderConfig, LayerF32, LayerShape, ModelError, Network};
use burn::tensor::{Device, Tensor, TensorData};

use super::layer::Layer;

/// All layers, encoder then decoder, as one chain.
#[derive(Clone)]
pub(super) struct Parameters {
    pub(super) layers: Vec<Layer>,
    /// How many of the layers are the encoder's.
    pub(super) encoder: usize,
}

impl Parameters {
    pub(super) fn from_network(network: &Network) -> Self {
        let layers = network.layers().map(Layer::new).collect();
        Self { layers, encoder: network.encoder.len() }
    }

    /// # Errors
    ///
    /// When a weight is not finite.
    pub(super) fn to_network(&self, config: &AutoencoderConfig) -> Result<Network, ModelError> {
        let plain = |(layer, shape): (&Layer, LayerShape)| LayerF32 {
            geometry: shape.geometry,
            weights: layer.plain_weights(shape.geometry),
            bias: layer.bias.clone(),
            activation: shape.activation,
        };
        let layers: Vec<LayerF32> = self.layers.iter().zip(config.shapes()).map(plain).collect();
        let (encoder, decoder) = layers.split_at(self.encoder);
        let network = Network { encoder: encoder.to_vec(), decoder: decoder.to_vec() };
        network.check(config)?;
        Ok(network)
    }

    /// Copies of all numbers: for each layer the weights, then the bias.
    pub(super) fn to_vecs(&self) -> Vec<Vec<f32>> {
        self.layers.iter().flat_map(Layer::to_vecs).collect()
    }
}

/// A tensor of `rows` rows.
pub(super) fn tensor(values: Vec<f32>, rows: usize, columns: usize) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, [rows, columns]), &Device::default())
}

/// A tensor's numbers, row-major.
pub(super) fn slice(data: &TensorData) -> &[f32] {
    data.as_slice().expect("training's tensors are 32-bit floats on the host")
}

/// A tensor's numbers to be changed, row-major.
pub(super) fn slice_mut(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("training's tensors are 32-bit floats on the host")
}

#[cfg(test)]
mod tests {
    use ae_core::Activation;
    use ae_model::Code;

    use super::*;

    #[test]
    fn a_model_survives_the_way_there_and_back() {
        let config = AutoencoderConfig {
            input: 5,
            hidden: vec![4, 3],
            latent: 2,
            activation: ae_model::Activation::Silu,
            code: Code::Linear,
            architecture: None,
        };
        let network = Network::initial(&config, 4).unwrap();
        let parameters = Parameters::from_network(&network);
        let activations: Vec<_> = parameters.layers.iter().map(|it| it.activation).collect();
        use Activation::{Identity, Sigmoid, Silu};
        assert_eq!(activations, [Silu, Silu, Identity, Silu, Silu, Sigmoid]);
        assert_eq!(parameters.to_network(&config).unwrap(), network);
    }
}
