//! A network that reconstructs an image as the nearest of some centres.

use ae_data::Images;
use ae_model::{AutoencoderConfig, Code, Network};

use super::PcaError;
use crate::kmeans::centres;

/// The values of a centre are kept this far from 0 and 1, which no logit gives: a quarter of a step
/// of 8 bits.
const MARGIN: f64 = 0.25 / 255.0;

/// The network of the shape `config` whose decoder has a centre of `images` for each latent value,
/// by k-means from `seed`, and whose encoder marks the nearest.
///
/// For an image x and a centre c, `|x − c|² = |x|² − 2 (c·x − |c|²/2)`. So the nearest centre is that
/// of the largest sum with c as weights and `−|c|²/2` as bias. The same holds of images and centres
/// less their middle, which makes the numbers small.
///
/// # Errors
/// The configuration is not valid, or not one of prototypes; or there are no images, or they are of
/// another size.
pub fn prototypes(
    config: &AutoencoderConfig,
    images: &Images,
    seed: u64,
) -> Result<Network, PcaError> {
    let mut network = Network::initial(config, seed)?;
    if config.code != Code::OneHot {
        return Err(PcaError::NotOneHot);
    }
    if images.is_empty() {
        return Err(PcaError::NoImages);
    }
    let features = images.features();
    if features != config.input {
        return Err(PcaError::Features { expected: config.input, found: features });
    }
    let centres = centres(images, config.latent, seed);
    let real = |value: f32| f64::from(value) / 255.0;
    let middle: Vec<f64> = (0..features)
        .map(|at| centres.iter().map(|centre| real(centre[at])).sum::<f64>() / centres.len() as f64)
        .collect();
    let (encoder, decoder) = (&mut network.encoder[0], &mut network.decoder[0]);
    for (prototype, centre) in centres.iter().enumerate() {
        let row = &mut encoder.weights[prototype * features..][..features];
        // |c|²/2 of what is less the middle, and the middle's own product, which the sum has too much.
        let mut constant = 0.0;
        for ((weight, &value), middle) in row.iter_mut().zip(centre).zip(&middle) {
            *weight = (real(value) - middle) as f32;
            constant += f64::from(*weight) * (f64::from(*weight) / 2.0 + middle);
        }
        encoder.bias[prototype] = -constant as f32;
    }
    for (feature, row) in decoder.weights.chunks_mut(config.latent).enumerate() {
        let logits: Vec<f64> = centres.iter().map(|centre| logit(real(centre[feature]))).collect();
        let bias = (logits.iter().sum::<f64>() / logits.len() as f64) as f32;
        decoder.bias[feature] = bias;
        row.iter_mut().zip(logits).for_each(|(weight, logit)| {
            *weight = (logit - f64::from(bias)) as f32;
        });
    }
    Ok(network)
}

fn logit(value: f64) -> f64 {
    let value = value.clamp(MARGIN, 1.0 - MARGIN);
    (value / (1.0 - value)).ln()
}

#[cfg(test)]
mod tests {
    use ae_model::Activation;
    use ae_testkit::random::SplitMix64;

    use super::*;

    #[test]
    fn the_reconstruction_is_the_nearest_centre() {
        let mut random = SplitMix64::new(8);
        let images = Images::new(random.pixels(400 * 12), 3, 4).unwrap();
        for latent in [1, 2, 9] {
            let config = AutoencoderConfig {
                input: 12,
                hidden: Vec::new(),
                latent,
                activation: Activation::Relu,
                code: Code::OneHot,
                architecture: None,
            };
            let network = prototypes(&config, &images, 3).unwrap();
            network.check(&config).unwrap();
            let centres = centres(&images, latent, 3);
            let distance = |image: &[u8], centre: &[f32]| -> f64 {
                let pairs = image.iter().zip(centre);
                pairs.map(|(&pixel, &value)| (f64::from(pixel) - f64::from(value)).powi(2)).sum()
            };
            for image in images.iter() {
                let nearest =
                    centres.iter().min_by(|a, b| distance(image, a).total_cmp(&distance(image, b)));
                let found = run(&network, image);
                for (found, expected) in found.iter().zip(nearest.unwrap()) {
                    assert!((found - f64::from(*expected)).abs() < 0.3, "{latent} prototypes");
                }
            }
        }
    }

    fn run(network: &Network, image: &[u8]) -> Vec<f64> {
        let mut values: Vec<f32> = image.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        for layer in network.layers() {
            let rows = layer.weights.chunks(layer.inputs()).zip(&layer.bias);
            let sums = rows.map(|(row, bias)| {
                bias + row.iter().zip(&values).map(|(weight, x)| weight * x).sum::<f32>()
            });
            values = sums.collect();
            if layer.activation == ae_core::Activation::OneHot {
                let best = (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]));
                values =
                    (0..values.len()).map(|it| f32::from(u8::from(Some(it) == best))).collect();
            }
        }
        values.iter().map(|&logit| 255.0 / (1.0 + (-f64::from(logit)).exp())).collect()
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let config = |code, input| AutoencoderConfig {
            input,
            hidden: Vec::new(),
            latent: 2,
            activation: Activation::Relu,
            code,
            architecture: None,
        };
        let images = Images::new(vec![1, 2, 3, 4], 1, 2).unwrap();
        let refused = |config| prototypes(&config, &images, 0).unwrap_err();
        assert!(matches!(refused(config(Code::Linear, 2)), PcaError::NotOneHot));
        let error = refused(config(Code::OneHot, 3));
        assert!(matches!(error, PcaError::Features { expected: 3, found: 2 }), "{error}");
    }
}
