//! Forward and backward pass of one shard of a batch.
//!
//! With `h₀ = x`, `zᵢ = hᵢ·Wᵢ + bᵢ` and `hᵢ₊₁ = f(zᵢ)`, and `gᵢ` the gradient
//! of the loss at `zᵢ`: the gradient at `Wᵢ` is `hᵢᵀ·gᵢ`, at `bᵢ` the sum of
//! `gᵢ` over samples, and `gᵢ₋₁ = (gᵢ·Wᵢᵀ) ⊙ f′(zᵢ₋₁)`.

use ae_data::Images;
use ae_run::Loss;
use burn::tensor::TensorData;

use super::elementwise::{activate, multiply_and_sum_columns, sum_columns};
use super::layer::Kept;
use super::noise::Noise;
use super::output::{Errors, loss_gradient};
use super::parameters::{Parameters, slice, slice_mut};
use super::tie::{self, Pair};

/// The gradient of one shard, and its share of the loss.
pub(super) struct ShardGradient {
    /// Sums over the shard's pixels, not scaled.
    pub(super) errors: Errors,
    /// For each layer the gradient at the weights, `[inputs, outputs]`.
    weights: Vec<TensorData>,
    /// For each layer the gradient at the bias.
    biases: Vec<Vec<f32>>,
}

impl ShardGradient {
    /// All gradients, for each layer the weights', then the bias'.
    pub(super) fn slices(&self) -> Vec<&[f32]> {
        let pairs = self.weights.iter().zip(&self.biases);
        pairs.flat_map(|(weight, bias)| [slice(weight), bias]).collect()
    }
}

/// What a step makes small.
pub(super) struct Objective<'a> {
    pub(super) loss: Loss,
    /// The loss's sum over pixels counts so often.
    pub(super) scale: f32,
    /// What is added to the pixels that the network sees.
    pub(super) noise: Option<Noise>,
    /// The size of each latent value counts so often beside the loss.
    pub(super) latent_pull: f32,
    /// Layers that share their weights.
    pub(super) tied: &'a [Pair],
}

/// What the forward pass leaves behind.
pub(super) struct Forward {
    /// What each layer keeps for the way back.
    kept: Vec<Kept>,
    /// The activation's derivatives after each layer but the last; `None` where all are 1.
    derivatives: Vec<Option<Vec<f32>>>,
    /// `[samples, latent]`.
    latents: Vec<f32>,
    /// Logits without the last bias, `[samples, input]`.
    pub(super) logits: TensorData,
}

/// Runs the images of the given indices through the network, with noise if there is any.
pub(super) fn forward(
    parameters: &Parameters,
    images: &Images,
    indices: &[u32],
    noise: Option<&Noise>,
) -> Forward {
    let features = images.features();
    let mut pixels = Vec::with_capacity(indices.len() * features);
    for &index in indices {
        let image = images.image(index as usize);
        pixels.extend(image.iter().map(|&pixel| f32::from(pixel) / 255.0));
    }
    if let Some(noise) = noise {
        let images = pixels.chunks_exact_mut(features).zip(indices);
        images.for_each(|(image, &index)| noise.add(index, image));
    }
    let mut values = TensorData::new(pixels, [indices.len(), features]);
    let (last, hidden) = parameters.layers.split_last().expect("a model has layers");
    let mut kept = Vec::with_capacity(parameters.layers.len());
    let mut derivatives = Vec::with_capacity(hidden.len());
    let mut latents = Vec::new();
    for (layer, index) in hidden.iter().zip(1..) {
        let (mut sums, of_layer) = layer.forward(values);
        let bias = layer.bias_of_outputs(sums.shape()[1]);
        derivatives.push(activate(layer.activation, slice_mut(&mut sums), &bias));
        kept.push(of_layer);
        values = sums;
        if index == parameters.encoder {
            latents = slice(&values).to_vec();
        }
    }
    let (logits, of_layer) = last.forward(values);
    kept.push(of_layer);
    Forward { kept, derivatives, latents, logits }
}

/// The gradient of the objective over the images of the given indices.
pub(super) fn gradient(
    parameters: &Parameters,
    images: &Images,
    indices: &[u32],
    objective: &Objective<'_>,
) -> ShardGradient {
    let Objective { loss, scale, ref noise, latent_pull, tied } = *objective;
    let passed = forward(parameters, images, indices, noise.as_ref());
    let Forward { kept, derivatives, latents, mut logits } = passed;
    let features = images.features();
    let bias = parameters.layers[parameters.layers.len() - 1].bias_of_outputs(features);
    let mut errors = Errors::default();
    let rows = slice_mut(&mut logits).chunks_exact_mut(features);
    for (row, &index) in rows.zip(indices) {
        let pixels = images.image(index as usize);
        errors.add(loss_gradient(loss, row, &bias, pixels, scale));
    }

    let mut weights = Vec::with_capacity(parameters.layers.len());
    let mut biases = Vec::with_capacity(parameters.layers.len());
    let mut at_outputs = sum_columns(slice(&logits), features);
    let mut at_sums = logits;
    for (index, (layer, kept)) in parameters.layers.iter().zip(kept).enumerate().rev() {
        biases.push(layer.at_bias(at_outputs));
        let gradients = layer.backward(kept, at_sums, index > 0);
        weights.push(gradients.weights);
        let Some(mut before) = gradients.inputs else { break };
        let width = before.shape()[1];
        let values = slice_mut(&mut before);
        if index == parameters.encoder && latent_pull > 0.0 {
            pull(values, &latents, latent_pull);
        }
        at_outputs = match &derivatives[index - 1] {
            Some(derivatives) => multiply_and_sum_columns(values, derivatives, width),
            None => sum_columns(values, width),
        };
        at_sums = before;
    }
    weights.reverse();
    biases.reverse();
    tie::add(&mut weights, tied);
    ShardGradient { errors, weights, biases }
}

/// Adds the gradient of the latent values' sizes. That of zero is zero.
fn pull(gradients: &mut [f32], latents: &[f32], strength: f32) {
    for (gradient, &latent) in gradients.iter_mut().zip(latents) {
        if latent != 0.0 {
            *gradient += strength * latent.signum();
        }
    }
}

#[cfg(test)]
mod tests {
    use ae_model::{Activation, Architecture, AutoencoderConfig, Code, Map, Network};
    use burn::module::Module;
    use burn::tensor::activation::{log_sigmoid, sigmoid};
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::model::Autoencoder;

    /// Five images of 13 pixels, and a network with an odd number of all.
    fn example(activation: Activation, hidden: &[usize]) -> (AutoencoderConfig, Images) {
        let config = AutoencoderConfig {
            input: 13,
            hidden: hidden.to_vec(),
            latent: 3,
            activation,
            code: Code::Linear,
            architecture: None,
        };
        let pixels = (0..65).map(|i| (i * 71 % 256) as u8).collect();
        (config, Images::new(pixels, 1, 13).unwrap())
    }

    #[test]
    fn gradients_are_those_of_burns_autodiff() {
        for activation in Activation::ALL {
            for hidden in [&[7, 5][..], &[6], &[]] {
                let (config, images) = example(activation, hidden);
                compare_with_autodiff(&config, &images);
            }
        }
    }

    #[test]
    fn gradients_through_layers_of_every_kind_are_those_of_burns_autodiff() {
        for (text, height, width) in [(POOLS, 8, 6), (TRANSPOSED, 8, 6), (SIGNAL, 1, 48)] {
            let architecture = Architecture::from_toml(text).unwrap();
            let map = Map::image(height, width);
            for activation in Activation::ALL {
                let config = AutoencoderConfig {
                    input: map.values(),
                    hidden: Vec::new(),
                    latent: 3,
                    activation,
                    code: Code::Linear,
                    architecture: Some(architecture.clone().resolve(map, Some(3)).unwrap()),
                };
                let pixels = (0..5 * map.values()).map(|i| (i * 71 % 256) as u8).collect();
                compare_with_autodiff(&config, &Images::new(pixels, height, width).unwrap());
            }
        }
    }

    fn compare_with_autodiff(config: &AutoencoderConfig, images: &Images) {
        let indices = [3, 0, 4];
        let device = Device::default().autodiff();
        let features = config.input;
        for loss in [Loss::Bce, Loss::Mse] {
            let network = Network::initial(config, 11).unwrap();
            let parameters = Parameters::from_network(&network);
            let scale = 1.0 / (3.0 * features as f32);
            let latent_pull = 0.25;
            let objective = Objective { loss, scale, noise: None, latent_pull, tied: &[] };
            let found = gradient(&parameters, images, &indices, &objective);

            let model = Autoencoder::from_network_on(&network, &device).train();
            assert_eq!(model.network(), network);
            let picked = indices.iter().flat_map(|&i| images.image(i as usize));
            let picked: Vec<f32> = picked.map(|&p| f32::from(p) / 255.0).collect();
            let x = Tensor::<2>::from_data(TensorData::new(picked, [3, features]), &device);
            let latents = model.encode(x.clone());
            let z = model.decode(latents.clone());
            let value = match loss {
                // −x·ln σ(z) − (1 − x)·ln σ(−z), another form than ours
                Loss::Bce => (x.clone() * log_sigmoid(z.clone())
                    + (x.neg() + 1.0) * log_sigmoid(z.neg()))
                .neg()
                .mean(),
                Loss::Mse => (sigmoid(z) - x.clone()).square().mean(),
            };
            let expected_loss: f32 = value.clone().into_scalar();
            let found_loss = found.errors.of(loss) * f64::from(scale);
            assert!((found_loss - f64::from(expected_loss)).abs() < 1e-6);

            let latents = latents.abs().sum();
            let gradients = (value + latents * latent_pull).backward();
            let layers = model.encoder().layers().iter().chain(model.decoder().layers());
            let mut slices = found.slices().into_iter();
            for layer in layers {
                let [weights, biases] = [slices.next().unwrap(), slices.next().unwrap()];
                match layer.linear() {
                    Some(linear) => {
                        let weight = linear.weight.val().grad(&gradients).unwrap().into_data();
                        close(weights, slice(&weight));
                        let bias = linear.bias.as_ref().unwrap().val();
                        close(biases, slice(&bias.grad(&gradients).unwrap().into_data()));
                    }
                    None => assert!(weights.is_empty() && biases.is_empty()),
                }
            }
            assert!(slices.next().is_none());
        }
    }

    const POOLS: &str = r#"
        encoder = [
            { kind = "convolution", channels = 4, kernel = 3, stride = 2 },
            { kind = "depthwise", kernel = 3 },
            { kind = "maximum", kernel = 2, stride = 1, padding = "same" },
            { kind = "dense", outputs = "latent" },
        ]
        decoder = [
            { kind = "dense", outputs = 24 },
            { kind = "reshape", height = 4, width = 3, channels = 2 },
            { kind = "upsampling", factor = 2 },
            { kind = "average", kernel = 3, stride = 1, padding = "same" },
            { kind = "convolution", channels = 1, kernel = 3 },
        ]
    "#;

    const TRANSPOSED: &str = r#"
        encoder = [
            { kind = "depthwise", kernel = 3, stride = 2 },
            { kind = "convolution", channels = 5, kernel = 1 },
            { kind = "convolution", channels = 6, kernel = 3, padding = "valid" },
            { kind = "global-average" },
            { kind = "dense", outputs = "latent" },
        ]
        decoder = [
            { kind = "dense", outputs = 18 },
            { kind = "reshape", height = 2, width = 3, channels = 3 },
            { kind = "transposed", channels = 3, kernel = [4, 1], stride = [2, 1] },
            { kind = "transposed", channels = 1, kernel = 2, stride = 2 },
        ]
    "#;

    const SIGNAL: &str = r#"
        encoder = [
            { kind = "convolution", channels = 4, kernel = [1, 5], stride = [1, 2] },
            { kind = "convolution", channels = 3, kernel = [1, 3], dilation = [1, 2] },
            { kind = "dense", outputs = "latent" },
        ]
        decoder = [
            { kind = "dense", outputs = 36 },
            { kind = "reshape", height = 1, width = 12, channels = 3 },
            { kind = "transposed", channels = 2, kernel = [1, 8], stride = [1, 4] },
            { kind = "depthwise", kernel = [1, 3] },
            { kind = "convolution", channels = 1, kernel = [1, 3] },
        ]
    "#;

    /// Within 1e-5 of the largest value, for sums of 32-bit floats in another
    /// order and another `erf`, and 2e-8 for the one bias of a channel, whose
    /// many terms of up to 1e-2 cancel; and not all zero.
    fn close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        assert!(largest > 0.0);
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() <= 1e-5 * largest + 2e-8, "{f} against {e}, largest {largest}");
        }
    }
}
