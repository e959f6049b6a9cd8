//! How well a model reconstructs images.

use std::thread::available_parallelism;

use ae_data::Images;
use ae_model::Network;

use super::output::{Errors, reconstruct};
use super::parameters::{Parameters, slice_mut};
use super::pass::Forward;
use super::workers::Workers;

/// Images that go through the network together.
const CHUNK: usize = 250;

/// How well a model reconstructs a set of images; means over all pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Images.
    pub samples: usize,
    /// Cross-entropy, from logits.
    pub bce: f64,
    /// Squared error of the reconstruction, pixels in 0..=1.
    pub mse: f64,
}

/// Compares the network's reconstructions with the images. Without images, the
/// means are not numbers.
///
/// # Panics
///
/// When the images do not have the network's number of pixels.
pub fn evaluate(network: &Network, images: &Images) -> Evaluation {
    let threads = available_parallelism().map_or(1, usize::from);
    let indices: Vec<u32> = (0..).take(images.len()).collect();
    let parameters = Parameters::from_network(network);
    evaluate_with(&parameters, images, &indices, &Workers::new(threads))
}

/// [`evaluate`] for some of the images, on threads that are there already.
pub(super) fn evaluate_with(
    parameters: &Parameters,
    images: &Images,
    indices: &[u32],
    workers: &Workers,
) -> Evaluation {
    let features = images.features();
    let last = parameters.layers.last().expect("a model has layers");
    let bias = last.bias_of_outputs(features);
    let chunks: Vec<&[u32]> = indices.chunks(CHUNK).collect();
    let sums = workers.map(chunks, |indices| {
        let mut logits = Forward::logits(parameters, images, indices);
        let mut errors = Errors::default();
        let rows = slice_mut(&mut logits).chunks_exact_mut(features);
        for (row, &index) in rows.zip(indices) {
            errors.add(reconstruct(row, &bias, images.image(index as usize)));
        }
        errors
    });
    let mut total = Errors::default();
    sums.into_iter().for_each(|errors| total.add(errors));
    let pixels = (indices.len() * features) as f64;
    Evaluation { samples: indices.len(), bce: total.bce / pixels, mse: total.squares / pixels }
}

#[cfg(test)]
mod tests {
    use ae_model::{Activation, AutoencoderConfig, Code};
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;
    use crate::model::Autoencoder;

    #[test]
    fn figures_are_those_of_burns_forward_pass_in_double_precision() {
        let config = AutoencoderConfig {
            input: 21,
            hidden: vec![9],
            latent: 4,
            activation: Activation::Gelu,
            code: Code::Linear,
            architecture: None,
        };
        let count = 2 * CHUNK + 1;
        let pixels: Vec<u8> = (0..count * 21).map(|i| (i * 7919 % 256) as u8).collect();
        let images = Images::new(pixels.clone(), 3, 7).unwrap();
        let device = Device::default();
        let network = Network::initial(&config, 2).unwrap();
        let model = Autoencoder::from_network_on(&network, &device);
        let found = evaluate(&network, &images);

        let x: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        let input = Tensor::<2>::from_data(TensorData::new(x, [count, 21]), &device);
        let logits = model.forward(input).into_data();
        let (mut bce, mut mse) = (0.0, 0.0);
        for (&z, &pixel) in logits.as_slice::<f32>().unwrap().iter().zip(&pixels) {
            let (z, x) = (f64::from(z), f64::from(pixel) / 255.0);
            bce += z.max(0.0) - z * x + (-z.abs()).exp().ln_1p();
            mse += (1.0 / (1.0 + (-z).exp()) - x).powi(2);
        }
        let total = pixels.len() as f64;
        assert_eq!(found.samples, count);
        assert!((found.bce / (bce / total) - 1.0).abs() < 1e-6);
        assert!((found.mse / (mse / total) - 1.0).abs() < 1e-6);
    }
}
