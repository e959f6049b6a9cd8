//! The Burn module.

use ae_model::{LayerF32, Network};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::layer::Layer;

/// A chain of layers.
#[derive(Module, Debug)]
pub struct Stack {
    layers: Vec<Layer>,
}

impl Stack {
    /// Runs the layers one after the other.
    ///
    /// # Shapes
    ///
    /// `[samples, inputs of the first layer]` → `[samples, outputs of the last]`
    ///
    /// # Panics
    ///
    /// When the second dimension is not the first layer's number of inputs.
    pub fn forward(&self, values: Tensor<2>) -> Tensor<2> {
        self.activate_last(self.sums(values))
    }

    /// The same without the last layer's activation.
    fn sums(&self, mut values: Tensor<2>) -> Tensor<2> {
        for (index, layer) in self.layers.iter().enumerate() {
            values = layer.sums(values);
            if index + 1 < self.layers.len() {
                values = layer.activate(values);
            }
        }
        values
    }

    /// The last layer's activation of its sums.
    fn activate_last(&self, sums: Tensor<2>) -> Tensor<2> {
        match self.layers.last() {
            Some(layer) => layer.activate(sums),
            None => sums,
        }
    }

    /// The layers, in order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }
}

/// An autoencoder. Encoder and decoder can be used apart.
#[derive(Module, Debug)]
pub struct Autoencoder {
    encoder: Stack,
    decoder: Stack,
}

impl Autoencoder {
    /// From images to latents.
    ///
    /// # Shapes
    ///
    /// `[samples, input]`, pixels in 0..=1 → `[samples, latent]`
    pub fn encode(&self, images: Tensor<2>) -> Tensor<2> {
        self.encoder.forward(images)
    }

    /// From latents to logits: the last layer's activation of them is the reconstruction.
    ///
    /// # Shapes
    ///
    /// `[samples, latent]` → `[samples, input]`
    pub fn decode(&self, latents: Tensor<2>) -> Tensor<2> {
        self.decoder.sums(latents)
    }

    /// From images to logits.
    ///
    /// # Shapes
    ///
    /// `[samples, input]`, pixels in 0..=1 → `[samples, input]`
    pub fn forward(&self, images: Tensor<2>) -> Tensor<2> {
        self.decode(self.encode(images))
    }

    /// From images to their reconstructions, pixels in 0..=1 behind a sigmoid.
    ///
    /// # Shapes
    ///
    /// `[samples, input]` → `[samples, input]`
    pub fn reconstruct(&self, images: Tensor<2>) -> Tensor<2> {
        self.decoder.activate_last(self.forward(images))
    }

    /// The encoder.
    pub fn encoder(&self) -> &Stack {
        &self.encoder
    }

    /// The decoder.
    pub fn decoder(&self) -> &Stack {
        &self.decoder
    }

    /// The model as plain numbers.
    pub fn network(&self) -> Network {
        let copy = |stack: &Stack| stack.layers.iter().map(Layer::plain).collect();
        Network { encoder: copy(&self.encoder), decoder: copy(&self.decoder) }
    }

    /// The model of plain numbers.
    ///
    /// # Panics
    ///
    /// When a layer does not have as many numbers as its shape asks for.
    pub fn from_network(network: &Network) -> Self {
        Self::from_network_on(network, &Device::default())
    }

    /// The same on a device, such as one that records gradients.
    pub(crate) fn from_network_on(network: &Network, device: &Device) -> Self {
        let stack = |layers: &[LayerF32]| Stack {
            layers: layers.iter().map(|layer| Layer::from_plain(layer, device)).collect(),
        };
        Self { encoder: stack(&network.encoder), decoder: stack(&network.decoder) }
    }
}

#[cfg(test)]
mod tests {
    use ae_model::{AutoencoderConfig, Code};

    use super::*;

    fn config(hidden: &[usize]) -> AutoencoderConfig {
        AutoencoderConfig {
            input: 6,
            hidden: hidden.to_vec(),
            latent: 2,
            activation: ae_model::Activation::Relu,
            code: Code::Linear,
            architecture: None,
        }
    }

    fn model(config: &AutoencoderConfig, seed: u64) -> Autoencoder {
        let network = Network::initial(config, seed).unwrap();
        Autoencoder::from_network(&network)
    }

    #[test]
    fn forward_is_decode_of_encode_and_matches_plain_arithmetic() {
        let device = Device::default();
        let model = model(&config(&[5, 4]), 3);
        let pixels = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        let logits = model.forward(Tensor::<2>::from_floats([pixels], &device));
        let latents = model.encode(Tensor::<2>::from_floats([pixels], &device));
        assert_eq!(latents.dims(), [1, 2]);
        assert_eq!(model.decode(latents).into_data(), logits.to_data());

        let Network { encoder, decoder } = model.network();
        let run = |layers: &[LayerF32], mut values: Vec<f64>| {
            for (index, dense) in layers.iter().enumerate() {
                let rows = dense.weights.chunks(dense.inputs()).zip(&dense.bias);
                values = rows
                    .map(|(row, &bias)| {
                        let products = row.iter().zip(&values).map(|(&w, x)| f64::from(w) * x);
                        f64::from(bias) + products.sum::<f64>()
                    })
                    .collect();
                if index + 1 < layers.len() {
                    values.iter_mut().for_each(|value| *value = value.max(0.0));
                }
            }
            values
        };
        let expected = run(&decoder, run(&encoder, pixels.map(f64::from).to_vec()));
        let logits = logits.into_data();
        for (found, expected) in logits.as_slice::<f32>().unwrap().iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn plain_numbers_make_the_same_model() {
        let network = Network::initial(&config(&[]), 1).unwrap();
        assert_eq!(Autoencoder::from_network(&network).network(), network);
    }
}
