//! A network that begins where principal components end.

use ae_data::Images;
use ae_model::{AutoencoderConfig, DenseF32, Network};

use super::{Pca, PcaError};

/// The mean of a pixel is kept this far from 0 and 1, where the sigmoid has no slope.
const MARGIN: f64 = 0.01;

/// A network of the shape `config` whose layers carry principal components of `images` to the
/// output, and beside that path random weights of `seed` that do not reach the output yet.
///
/// A hidden layer carries a component `z` as the pair `f(z)`, `f(−z)`, since for each of the
/// [activations](ae_model::Activation) `f(z) − f(−z) = z`: ReLU, `z·Φ(z)` and `z·σ(z)` alike. So half the
/// narrowest hidden layer is the most that it carries. The last layer's weights are divided by the slope of the sigmoid at
/// the mean image, so the reconstruction is that of PCA to first order around the mean.
///
/// # Errors
/// The configuration is not valid, or there are no images, or they are of another size.
pub fn start(config: &AutoencoderConfig, images: &Images, seed: u64) -> Result<Network, PcaError> {
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
fn carry(layer: &mut DenseF32, count: usize, [pairs_in, pairs_out]: [bool; 2]) {
    let carried = |pairs: bool| if pairs { 2 * count } else { count };
    for (output, row) in layer.weights.chunks_mut(layer.inputs).enumerate().take(carried(pairs_out))
    {
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
fn from_pixels(layer: &mut DenseF32, pca: &Pca, is_latent: bool) {
    let count = pca.latent();
    let outputs = if is_latent { count } else { 2 * count };
    for (output, row) in layer.weights.chunks_mut(layer.inputs).enumerate() {
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
fn to_logits(layer: &mut DenseF32, pca: &Pca, is_latent: bool) {
    let count = pca.latent();
    for (output, row) in layer.weights.chunks_mut(layer.inputs).enumerate() {
        let mean = pca.mean[output].clamp(MARGIN, 1.0 - MARGIN);
        let slope = mean * (1.0 - mean);
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
