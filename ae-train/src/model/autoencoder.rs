//! The Burn module.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, activation::sigmoid};

use super::config::LayerShape;
use super::init::glorot_uniform;
use super::{Activation, AutoencoderConfig, DenseF32, ModelError};

/// A chain of dense layers, the activation between them and none at the end.
#[derive(Module, Debug)]
pub struct Stack {
    layers: Vec<Linear>,
    #[module(skip)]
    activation: Activation,
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
    pub fn forward(&self, mut values: Tensor<2>) -> Tensor<2> {
        for (index, layer) in self.layers.iter().enumerate() {
            values = layer.forward(values);
            if index + 1 < self.layers.len() {
                values = self.activation.forward(values);
            }
        }
        values
    }

    /// The layers, in order.
    pub fn layers(&self) -> &[Linear] {
        &self.layers
    }
}

/// An autoencoder. Encoder and decoder can be used apart.
#[derive(Module, Debug)]
pub struct Autoencoder {
    encoder: Stack,
    decoder: Stack,
}

impl AutoencoderConfig {
    /// A model with Glorot-uniform weights and zero biases, a function of the
    /// configuration and the seed alone.
    ///
    /// # Errors
    ///
    /// [`ModelError`] when the configuration is not [valid](Self::validate).
    pub fn init(&self, seed: u64, device: &Device) -> Result<Autoencoder, ModelError> {
        self.validate()?;
        let mut layers = self.shapes().into_iter().zip(0..);
        let mut stack = |count: usize| -> Vec<DenseF32> {
            let some = layers.by_ref().take(count);
            some.map(|(shape, index)| glorot_uniform(seed, index, shape)).collect()
        };
        let side = self.hidden.len() + 1;
        let (encoder, decoder) = (stack(side), stack(side));
        Autoencoder::from_dense_layers(self, &encoder, &decoder, device)
    }
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

    /// From latents to logits; their sigmoid is the reconstruction.
    ///
    /// # Shapes
    ///
    /// `[samples, latent]` → `[samples, input]`
    pub fn decode(&self, latents: Tensor<2>) -> Tensor<2> {
        self.decoder.forward(latents)
    }

    /// From images to logits.
    ///
    /// # Shapes
    ///
    /// `[samples, input]`, pixels in 0..=1 → `[samples, input]`
    pub fn forward(&self, images: Tensor<2>) -> Tensor<2> {
        self.decode(self.encode(images))
    }

    /// From images to their reconstructions, pixels in 0..=1.
    ///
    /// # Shapes
    ///
    /// `[samples, input]` → `[samples, input]`
    pub fn reconstruct(&self, images: Tensor<2>) -> Tensor<2> {
        sigmoid(self.forward(images))
    }

    /// The encoder.
    pub fn encoder(&self) -> &Stack {
        &self.encoder
    }

    /// The decoder.
    pub fn decoder(&self) -> &Stack {
        &self.decoder
    }

    /// Copies the layers of encoder and decoder out as plain numbers.
    pub fn dense_layers(&self) -> (Vec<DenseF32>, Vec<DenseF32>) {
        let copy = |stack: &Stack| stack.layers.iter().map(DenseF32::from_linear).collect();
        (copy(&self.encoder), copy(&self.decoder))
    }

    /// Makes a model of plain numbers.
    ///
    /// # Errors
    ///
    /// [`ModelError`] when the configuration is not valid, when the number or
    /// the shape of the layers is not the configuration's, or when a weight is
    /// not finite.
    pub fn from_dense_layers(
        config: &AutoencoderConfig,
        encoder: &[DenseF32],
        decoder: &[DenseF32],
        device: &Device,
    ) -> Result<Self, ModelError> {
        config.validate()?;
        check_stack("encoder", &config.encoder_shapes(), encoder)?;
        check_stack("decoder", &config.decoder_shapes(), decoder)?;
        let stack = |layers: &[DenseF32]| Stack {
            layers: layers.iter().map(|dense| dense.to_linear(device)).collect(),
            activation: config.activation,
        };
        Ok(Self { encoder: stack(encoder), decoder: stack(decoder) })
    }
}

/// Checks the number of layers, their shapes, and that every number is finite.
fn check_stack(
    stack: &'static str,
    shapes: &[LayerShape],
    layers: &[DenseF32],
) -> Result<(), ModelError> {
    if shapes.len() != layers.len() {
        return Err(ModelError::LayerCount { stack, expected: shapes.len(), found: layers.len() });
    }
    for (index, (shape, dense)) in shapes.iter().zip(layers).enumerate() {
        let weight = format!("{stack}.{index}.weight");
        let bias = format!("{stack}.{index}.bias");
        let agree = (dense.outputs, dense.inputs) == (shape.outputs, shape.inputs)
            && dense.weights.len() == shape.multiply_adds();
        if !agree {
            return Err(ModelError::Shape {
                name: weight,
                expected: vec![shape.outputs, shape.inputs],
                found: vec![dense.outputs, dense.inputs],
            });
        }
        if dense.bias.len() != shape.outputs {
            return Err(ModelError::Shape {
                name: bias,
                expected: vec![shape.outputs],
                found: vec![dense.bias.len()],
            });
        }
        check_finite(&weight, &dense.weights)?;
        check_finite(&bias, &dense.bias)?;
    }
    Ok(())
}

/// Names the first number that is not finite.
fn check_finite(name: &str, values: &[f32]) -> Result<(), ModelError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(position) => Err(ModelError::NonFinite {
            name: name.to_owned(),
            position,
            value: values[position].to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(hidden: &[usize]) -> AutoencoderConfig {
        AutoencoderConfig {
            input: 6,
            hidden: hidden.to_vec(),
            latent: 2,
            activation: Activation::Relu,
        }
    }

    #[test]
    fn forward_is_decode_of_encode_and_matches_plain_arithmetic() {
        let device = Device::default();
        let model = config(&[5, 4]).init(3, &device).unwrap();
        let pixels = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        let logits = model.forward(Tensor::<2>::from_floats([pixels], &device));
        let latents = model.encode(Tensor::<2>::from_floats([pixels], &device));
        assert_eq!(latents.dims(), [1, 2]);
        assert_eq!(model.decode(latents).into_data(), logits.to_data());

        let (encoder, decoder) = model.dense_layers();
        let run = |layers: &[DenseF32], mut values: Vec<f64>| {
            for (index, dense) in layers.iter().enumerate() {
                let rows = dense.weights.chunks(dense.inputs).zip(&dense.bias);
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
        let device = Device::default();
        let config = config(&[]);
        let (encoder, decoder) = config.init(1, &device).unwrap().dense_layers();
        let again = Autoencoder::from_dense_layers(&config, &encoder, &decoder, &device).unwrap();
        assert_eq!(again.dense_layers(), (encoder, decoder));
    }

    #[test]
    fn layers_that_do_not_fit_are_named() {
        let device = Device::default();
        let config = config(&[3]);
        let (encoder, decoder) = config.init(1, &device).unwrap().dense_layers();
        let build = |e: &[DenseF32], d: &[DenseF32]| {
            Autoencoder::from_dense_layers(&config, e, d, &device).unwrap_err()
        };
        assert!(matches!(
            build(&encoder[..1], &decoder),
            ModelError::LayerCount { stack: "encoder", expected: 2, found: 1 }
        ));
        assert!(matches!(
            build(&decoder, &encoder),
            ModelError::Shape { name, .. } if name == "encoder.0.weight"
        ));
        let mut broken = decoder.clone();
        broken[1].bias[4] = f32::NAN;
        assert_eq!(
            build(&encoder, &broken),
            ModelError::NonFinite {
                name: "decoder.1.bias".into(),
                position: 4,
                value: "NaN".into()
            }
        );
    }
}
