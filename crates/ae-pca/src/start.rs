//! A network that begins where principal components end.

use ae_data::Images;
use ae_model::{AutoencoderConfig, DenseF32, Network};
use nalgebra::{DMatrix, DVector};

use super::{Pca, PcaError};

/// The mean of a pixel is kept this far from 0 and 1, which no logit gives.
const MARGIN: f64 = 0.01;

/// The same where the slope of the sigmoid is asked for: near 0 and 1 it is so small that a
/// component would throw the pixel from one end to the other.
const SLOPE_MARGIN: f64 = 0.1;

/// A component's deviation is taken for at least this share of the first one's, so that what hardly
/// varies is not blown up.
const LEAST_DEVIATION: f64 = 1e-3;

/// A network of the shape `config` whose layers carry principal components of `images` to the
/// output, and beside that path random weights of `seed` that do not reach the output yet.
///
/// A hidden layer carries a value `v` as the pair `f(v)`, `f(−v)`, since for each of the
/// [activations](ae_model::Activation) `f(v) − f(−v) = v`: ReLU, `v·Φ(v)` and `v·σ(v)` alike. The
/// values are the components, each divided by its deviation, in random directions: so no weight stands
/// out from its row and no latent value from the others, which is what rounding to 8 bits is kind to.
/// Half of a hidden layer carries, or as much as the components need. The last layer's weights are divided by the slope
/// of the sigmoid at the mean image, so the reconstruction is that of PCA to first order around the
/// mean.
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
    let path = Path::of(&Pca::fit(images, carried)?);
    if let Some(first) = network.encoder.first_mut() {
        centre(first, &path.mean);
    }
    let mut read = path.read_pixels();
    for (stack, last) in
        [(&mut network.encoder, path.write_latent()), (&mut network.decoder, path.write_logits())]
    {
        let (end, hidden) = stack.split_last_mut().expect("a stack has layers");
        for layer in hidden {
            let directions = directions(layer, carried);
            carry(layer, &read, &Write::pairs(&directions));
            read = Read::pairs(&directions);
        }
        carry(end, &read, &last);
        read = Read::values(carried);
    }
    Ok(network)
}

/// How the carried values follow from a layer's first inputs: `matrix · inputs + offset`.
struct Read {
    matrix: DMatrix<f64>,
    offset: DVector<f64>,
}

impl Read {
    /// They are the inputs.
    fn values(count: usize) -> Self {
        Self { matrix: DMatrix::identity(count, count), offset: DVector::zeros(count) }
    }

    /// They are carried in these orthonormal directions, the positive half of each pair first.
    fn pairs(directions: &DMatrix<f64>) -> Self {
        let (pairs, count) = directions.shape();
        let mut matrix = DMatrix::zeros(count, 2 * pairs);
        matrix.columns_mut(0, pairs).tr_copy_from(directions);
        matrix.columns_mut(pairs, pairs).tr_copy_from(&-directions);
        Self { matrix, offset: DVector::zeros(count) }
    }
}

/// What a layer's first outputs are of the carried values: `matrix · values + offset`.
struct Write {
    matrix: DMatrix<f64>,
    offset: DVector<f64>,
}

impl Write {
    fn pairs(directions: &DMatrix<f64>) -> Self {
        let matrix = Read::pairs(directions).matrix.transpose();
        Self { offset: DVector::zeros(matrix.nrows()), matrix }
    }
}

/// Makes the first outputs of a layer those of the path. Nothing else reaches them.
fn carry(layer: &mut DenseF32, read: &Read, write: &Write) {
    let weights = &write.matrix * &read.matrix;
    let bias = &write.matrix * &read.offset + &write.offset;
    for (output, row) in layer.weights.chunks_mut(layer.inputs).enumerate().take(bias.len()) {
        row.fill(0.0);
        for (weight, &value) in row.iter_mut().zip(weights.row(output).iter()) {
            *weight = value as f32;
        }
        layer.bias[output] = bias[output] as f32;
    }
}

/// Orthonormal directions in which a hidden layer carries `count` values in pairs, pairs × values:
/// random, since they come from the layer's own random weights.
fn directions(layer: &DenseF32, count: usize) -> DMatrix<f64> {
    let pairs = (layer.outputs / 4).max(count);
    let random = DMatrix::from_fn(pairs, count, |row, column| {
        layer.weights[row * layer.inputs + column].into()
    });
    random.qr().q()
}

/// Biases that make every output 0 at the mean image.
fn centre(layer: &mut DenseF32, mean: &[f64]) {
    for (bias, row) in layer.bias.iter_mut().zip(layer.weights.chunks(layer.inputs)) {
        let of_mean = row.iter().zip(mean).map(|(&weight, mean)| f64::from(weight) * mean);
        *bias = -of_mean.sum::<f64>() as f32;
    }
}

/// Principal components, each divided by its deviation.
struct Path {
    mean: Vec<f64>,
    /// Carried values × pixels, orthonormal rows.
    components: DMatrix<f64>,
    deviations: DVector<f64>,
}

impl Path {
    fn of(pca: &Pca) -> Self {
        let deviations = DVector::from_iterator(
            pca.latent(),
            pca.explained.iter().map(|variance| variance.sqrt()),
        );
        let least = (LEAST_DEVIATION * deviations.max()).max(f64::from(f32::EPSILON));
        Self {
            mean: pca.mean.clone(),
            components: pca.components.clone(),
            deviations: deviations.map(|deviation| deviation.max(least)),
        }
    }

    fn read_pixels(&self) -> Read {
        let mut matrix = self.components.clone();
        for (mut row, deviation) in matrix.row_iter_mut().zip(&self.deviations) {
            row /= *deviation;
        }
        let offset = -(&matrix * DVector::from_column_slice(&self.mean));
        Read { matrix, offset }
    }

    fn write_latent(&self) -> Write {
        let count = self.deviations.len();
        Write { matrix: DMatrix::identity(count, count), offset: DVector::zeros(count) }
    }

    /// The logit of the mean image, and each component over the sigmoid's slope there.
    fn write_logits(&self) -> Write {
        let mut matrix = self.components.transpose();
        for (mut column, deviation) in matrix.column_iter_mut().zip(&self.deviations) {
            column *= *deviation;
        }
        let mut offset = DVector::zeros(self.mean.len());
        for (pixel, mean) in self.mean.iter().enumerate() {
            let steep = mean.clamp(SLOPE_MARGIN, 1.0 - SLOPE_MARGIN);
            matrix.row_mut(pixel).scale_mut(1.0 / (steep * (1.0 - steep)));
            let mean = mean.clamp(MARGIN, 1.0 - MARGIN);
            offset[pixel] = (mean / (1.0 - mean)).ln();
        }
        Write { matrix, offset }
    }
}

#[cfg(test)]
mod tests {
    use ae_model::Activation;
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
            ae_core::Activation::Identity => x,
            ae_core::Activation::Relu => x.max(0.0),
            ae_core::Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            // The sigmoid's approximation of Φ is a sigmoid too, and only its symmetry counts.
            ae_core::Activation::Gelu => x / (1.0 + (-1.702 * x).exp()),
            ae_core::Activation::Silu => x / (1.0 + (-x).exp()),
        }
    }

    fn run(network: &Network, image: &[u8]) -> Vec<f64> {
        let mut values: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
        for layer in network.layers() {
            let rows = layer.weights.chunks(layer.inputs).zip(&layer.bias);
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
                let config =
                    AutoencoderConfig { input: 12, hidden: hidden.to_vec(), latent: 3, activation };
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
    fn no_weight_of_the_path_stands_out_from_its_row() {
        let config = AutoencoderConfig {
            input: 12,
            hidden: vec![64],
            latent: 3,
            activation: Activation::Relu,
        };
        let network = start(&config, &images(), 1).unwrap();
        // A latent value comes from 16 pairs, in directions of length 1 over all of them.
        for row in network.encoder[1].weights.chunks(64) {
            let length: f32 = row.iter().map(|weight| weight * weight).sum();
            assert!((length - 2.0).abs() < 1e-5, "{length}");
            assert!(row.iter().all(|weight| weight.abs() < 0.6), "{row:?}");
        }
        // And the latent values have a deviation of 1.
        let encoder = Network { encoder: network.encoder, decoder: Vec::new() };
        let latents: Vec<Vec<f64>> = images().iter().map(|image| run(&encoder, image)).collect();
        for value in 0..3 {
            let squares: f64 = latents.iter().map(|latent| latent[value].powi(2)).sum();
            assert!((squares / 60.0 - 1.0).abs() < 1e-4, "{squares}");
        }
    }

    #[test]
    fn what_has_no_room_stays_random() {
        let narrow = |hidden: Vec<usize>, latent| AutoencoderConfig {
            input: 12,
            hidden,
            latent,
            activation: Activation::Relu,
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
        // What comes from no pair has no part in what is carried.
        assert_eq!((started[4], started[9]), (0.0, 0.0));
        assert_eq!(started[10..], initial[10..]);
    }

    #[test]
    fn other_images_are_refused() {
        let config = AutoencoderConfig {
            input: 13,
            hidden: vec![],
            latent: 2,
            activation: Activation::Relu,
        };
        let error = start(&config, &images(), 0).unwrap_err();
        assert!(matches!(error, PcaError::Features { expected: 13, found: 12 }), "{error}");
    }
}
