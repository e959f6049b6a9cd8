//! A network that begins where principal components end.

use ae_data::Images;
use ae_model::{AutoencoderConfig, LayerF32, Network};

use super::{Pca, PcaError};

/// The mean of a pixel is kept this far from 0 and 1, which no logit gives.
const MARGIN: f64 = 0.01;

/// The same where the slope of the sigmoid is asked for: near 0 and 1 it is so small that a
/// component would throw the pixel from one end to the other.
const SLOPE_MARGIN: f64 = 0.1;

/// A network of the shape `config` whose layers carry principal components of `images` to the
/// output, and beside that path random weights of `seed` that do not reach the output yet.
///
/// A hidden layer carries a component `z` as the pair `f(z)`, `f(−z)`, since for each of the
/// [activations](ae_model::Activation) `f(z) − f(−z) = z`: ReLU, `z·Φ(z)` and `z·σ(z)` alike. So half the
/// narrowest hidden layer is the most that it carries. The last layer's weights are divided by the slope of the sigmoid at
/// the mean image, so the reconstruction is that of PCA to first order around the mean.
///
/// # Errors
/// The configuration is not valid or has a table of layers, or there are no images, or they are of
/// another size.
pub fn start(config: &AutoencoderConfig, images: &Images, seed: u64) -> Result<Network, PcaError> {
    if config.architecture.is_some() {
        return Err(PcaError::NotDense);
    }
    let mut network = Network::initial(config, seed)?;
    let features = images.features();
    if features != config.input {
        return Err(PcaError::Features { expected: config.input, found: features });
    }
    let room = config.hidden.iter().min().map_or(usize::MAX, |width| width / 2);
    let carried = config.latent.min(room).min(images.len()).min(features);
    if carried == 0 {
        return Ok(network);
    }
    let pca = Pca::fit(images, carried)?;
    for stack in [&mut network.encoder, &mut network.decoder] {
        let last = stack.len() - 1;
        for (at, layer) in stack.iter_mut().enumerate() {
            carry(layer, carried, [at > 0, at < last]);
        }
    }
    // The ends of the path: from pixels, and to logits.
    if let Some(layer) = network.encoder.first_mut() {
        from_pixels(layer, &pca, config.hidden.is_empty());
    }
    if let Some(layer) = network.decoder.last_mut() {
        to_logits(layer, &pca, config.hidden.is_empty());
    }
    Ok(network)
}

/// Makes a layer pass on `count` components. Values that are `pairs` on either side (in, out) lie in
/// the first `2 · count` places, the positive ones first; others in the first `count`. What is not of
/// the path keeps its random weights, but for those that lead from outside into it.
fn carry(layer: &mut LayerF32, count: usize, [pairs_in, pairs_out]: [bool; 2]) {
    let carried = |pairs: bool| if pairs { 2 * count } else { count };
    let inputs = layer.inputs();
    for (output, row) in layer.weights.chunks_mut(inputs).enumerate().take(carried(pairs_out)) {
        row.fill(0.0);
        let sign = if output < count { 1.0 } else { -1.0 };
        row[output % count] = sign;
        if pairs_in {
            row[count + output % count] = -sign;
        }
    }
}

/// The first layer: components of the pixels, less those of the mean image. Its other outputs are
/// centred on the mean image too.
fn from_pixels(layer: &mut LayerF32, pca: &Pca, is_latent: bool) {
    let count = pca.latent();
    let outputs = if is_latent { count } else { 2 * count };
    let inputs = layer.inputs();
    for (output, row) in layer.weights.chunks_mut(inputs).enumerate() {
        if output < outputs {
            let sign = if output < count { 1.0 } else { -1.0 };
            for (weight, value) in row.iter_mut().zip(pca.components.row(output % count).iter()) {
                *weight = (sign * value) as f32;
            }
        }
        let of_mean = row.iter().zip(&pca.mean).map(|(&weight, mean)| f64::from(weight) * mean);
        layer.bias[output] = -of_mean.sum::<f64>() as f32;
    }
}

/// The last layer: the logit of the mean image, and each component over the sigmoid's slope there.
fn to_logits(layer: &mut LayerF32, pca: &Pca, is_latent: bool) {
    let count = pca.latent();
    let inputs = layer.inputs();
    for (output, row) in layer.weights.chunks_mut(inputs).enumerate() {
        let mean = pca.mean[output].clamp(MARGIN, 1.0 - MARGIN);
        let steep = mean.clamp(SLOPE_MARGIN, 1.0 - SLOPE_MARGIN);
        let slope = steep * (1.0 - steep);
        row.fill(0.0);
        for component in 0..count {
            let weight = (pca.components[(component, output)] / slope) as f32;
            row[component] = weight;
            if !is_latent {
                row[count + component] = -weight;
            }
        }
        layer.bias[output] = (mean / (1.0 - mean)).ln() as f32;
    }
}

#[cfg(test)]
mod tests {
    use ae_model::{Activation, Code};
    use ae_testkit::random::SplitMix64;

    use super::*;

    /// Images around a grey, which three components tell apart.
    fn images() -> Images {
        let mut random = SplitMix64::new(3);
        let mut pixels = Vec::new();
        for _ in 0..60 {
            let [a, b, c]: [f32; 3] = std::array::from_fn(|_| random.signed_unit());
            for at in 0..12 {
                let at = at as f32;
                let value =
                    128.0 + 9.0 * (a * at.cos() + b * (0.5 * at).sin() + c * (at - 6.0) / 6.0);
                pixels.push(value as u8);
            }
        }
        Images::new(pixels, 3, 4).unwrap()
    }

    fn activate(activation: ae_core::Activation, x: f64) -> f64 {
        match activation {
            ae_core::Activation::Identity | ae_core::Activation::OneHot => x,
            ae_core::Activation::Relu => x.max(0.0),
            ae_core::Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            // The sigmoid's approximation of Φ is a sigmoid too, and only its symmetry counts.
            ae_core::Activation::Gelu => x / (1.0 + (-1.702 * x).exp()),
            ae_core::Activation::Silu => x / (1.0 + (-x).exp()),
            other => panic!("no model here is trained with {other:?}"),
        }
    }

    fn run(network: &Network, image: &[u8]) -> Vec<f64> {
        let mut values: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
        for layer in network.layers() {
            let rows = layer.weights.chunks(layer.inputs()).zip(&layer.bias);
            let sums = rows.map(|(row, &bias)| {
                let products = row.iter().zip(&values).map(|(&weight, x)| f64::from(weight) * x);
                activate(layer.activation, f64::from(bias) + products.sum::<f64>())
            });
            values = sums.collect();
        }
        values
    }

    #[test]
    fn the_reconstruction_is_that_of_principal_components() {
        let images = images();
        for activation in Activation::ALL {
            // Wider than the pairs, just as wide, and not at all.
            for hidden in [&[9, 7][..], &[6], &[]] {
                let config = AutoencoderConfig {
                    input: 12,
                    hidden: hidden.to_vec(),
                    latent: 3,
                    activation,
                    code: Code::Linear,
                    architecture: None,
                };
                let network = start(&config, &images, 1).unwrap();
                network.check(&config).unwrap();
                let pca = Pca::fit(&images, 3).unwrap();
                let expected = pca.reconstruct_pixels(&images).unwrap();
                let found = images.iter().flat_map(|image| run(&network, image));
                for (found, expected) in found.zip(expected) {
                    // The sigmoid bends: 27 codes from the middle it is off by 1.
                    assert!((255.0 * found - f64::from(expected)).abs() < 1.6, "{activation:?}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_room_stays_random() {
        let narrow = |hidden: Vec<usize>, latent| AutoencoderConfig {
            input: 12,
            hidden,
            latent,
            activation: Activation::Relu,
            code: Code::Linear,
            architecture: None,
        };
        // One hidden value has no room for a pair.
        let config = narrow(vec![1], 2);
        let random = Network::initial(&config, 4).unwrap();
        assert_eq!(start(&config, &images(), 4).unwrap(), random);
        // Five hidden values carry two components of three; the third latent value is random.
        let config = narrow(vec![5], 3);
        let network = start(&config, &images(), 4).unwrap();
        let random = Network::initial(&config, 4).unwrap();
        let [started, initial] = [&network, &random].map(|network| &network.encoder[1].weights);
        assert_eq!(started[..10], [1., 0., -1., 0., 0., 0., 1., 0., -1., 0.]);
        assert_eq!(started[10..], initial[10..]);
    }

    #[test]
    fn other_images_are_refused() {
        let config = AutoencoderConfig {
            input: 13,
            hidden: vec![],
            latent: 2,
            activation: Activation::Relu,
            code: Code::Linear,
            architecture: None,
        };
        let error = start(&config, &images(), 0).unwrap_err();
        assert!(matches!(error, PcaError::Features { expected: 13, found: 12 }), "{error}");
    }
}
