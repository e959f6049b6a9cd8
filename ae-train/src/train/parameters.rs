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
        self.layers.iter().flat_map(|layer| [layer.weights(), layer.bias.clone()]).collect()
    }

    /// Puts other numbers in place of all, in the order of [`Self::to_vecs`].
    pub(super) fn set(&mut self, values: Vec<Vec<f32>>) {
        let mut values = values.into_iter();
        self.update(|slots| {
            for (slot, values) in slots.into_iter().zip(&mut values) {
                slot.copy_from_slice(&values);
            }
        });
    }

    /// Gives all numbers to be changed in place, in the order of
    /// [`Self::to_vecs`]. Nothing is copied if no other tensor shares them.
    pub(super) fn update<R>(&mut self, change: impl FnOnce(Vec<&mut [f32]>) -> R) -> R {
        let mut weights: Vec<TensorData> =
            self.layers.iter_mut().map(Layer::take_weights).collect();
        let mut slots = Vec::with_capacity(2 * weights.len());
        for (weight, layer) in weights.iter_mut().zip(&mut self.layers) {
            slots.push(slice_mut(weight));
            slots.push(&mut layer.bias);
        }
        let result = change(slots);
        for (weight, layer) in weights.into_iter().zip(&mut self.layers) {
            layer.put_weights(weight);
        }
        result
    }

    /// The first layer with a number that is not finite.
    pub(super) fn non_finite_layer(&self) -> Option<usize> {
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        self.layers.iter().position(|layer| !finite(&layer.weights()) || !finite(&layer.bias))
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
    use ae_core::{Activation, Geometry};
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
        let mut parameters = Parameters::from_network(&network);
        let activations: Vec<_> = parameters.layers.iter().map(|it| it.activation).collect();
        use Activation::{Identity, Sigmoid, Silu};
        assert_eq!(activations, [Silu, Silu, Identity, Silu, Silu, Sigmoid]);
        assert_eq!(parameters.to_network(&config).unwrap(), network);

        let doubled = |values: Vec<f32>| values.into_iter().map(|value| value * 2.0).collect();
        let values: Vec<Vec<f32>> = parameters.to_vecs().into_iter().map(doubled).collect();
        parameters.set(values.clone());
        assert_eq!(parameters.to_vecs(), values);
        assert_eq!(parameters.non_finite_layer(), None);
        parameters.update(|slots| slots.into_iter().nth(5).unwrap()[1] = f32::INFINITY);
        assert_eq!(parameters.non_finite_layer(), Some(2));
    }

    #[test]
    fn changes_in_place_do_not_reach_a_copy() {
        let layer = LayerF32 {
            geometry: Geometry::dense(1, 2),
            weights: vec![1.0, 2.0],
            bias: vec![0.0, 0.0],
            activation: Activation::Identity,
        };
        let mut parameters = Parameters { layers: vec![Layer::new(&layer)], encoder: 0 };
        let before = parameters.clone();
        parameters.update(|mut slots| slots[0][1] = 9.0);
        assert_eq!(before.to_vecs()[0], [1.0, 2.0]);
        assert_eq!(parameters.to_vecs()[0], [1.0, 9.0]);
    }
}
