//! The gradient descent behind [`LogisticPca::fit`](super::LogisticPca::fit).

use nalgebra::DMatrix;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::adam::Adam;
use super::blocks::PIXEL_SCALE;
use super::logistic_pca::LogisticPcaConfig;
use super::pca::Pca;
use crate::data::Images;

/// Images of a batch that one thread works on. Fixed, and gradients are added in order of the
/// shards, so the result does not depend on the number of threads.
const SHARD: usize = 64;

/// Factors of `1 + e⁻|z|` multiplied before one logarithm is taken. Each is at most 2, so the
/// product stays far below f64's 2¹⁰²⁴.
const FACTORS_A_LOGARITHM: usize = 512;

/// Least Bernoulli variance m·(1 − m) of a pixel's mean that the initial decoder divides by.
const LEAST_VARIANCE: f64 = 0.02;

/// What is fitted: latent `Aᵀ·(x − mean)`, logits `B·latent + bias`. The fixed mean is held beside.
pub(super) struct Parameters {
    /// `A`, features × latent.
    pub(super) encoder: DMatrix<f32>,
    /// `B`, features × latent.
    pub(super) decoder: DMatrix<f32>,
    /// features × 1.
    pub(super) bias: DMatrix<f32>,
}

/// Gradient of the summed loss, shapes as in [`Parameters`], and the summed loss in nats.
struct Gradient {
    parameters: Parameters,
    loss: f64,
}

impl Parameters {
    /// PCA's answer carried over to logits.
    ///
    /// The encoder gives PCA's latents at unit variance. The decoder is PCA's, with each pixel's
    /// row divided by `m·(1 − m)`, the slope of the sigmoid at the pixel's mean: to first order the
    /// two reconstruct alike.
    pub(super) fn from_pca(pca: &Pca) -> Self {
        let (latent, features) = (pca.latent(), pca.features());
        // A direction without variance keeps its length.
        let deviation =
            |k: usize| if pca.explained[k] > 1e-9 { pca.explained[k].sqrt() } else { 1.0 };
        let encoder = DMatrix::from_fn(features, latent, |i, k| {
            (pca.components[(k, i)] / deviation(k)) as f32
        });
        let decoder = DMatrix::from_fn(features, latent, |i, k| {
            let variance = (pca.mean[i] * (1.0 - pca.mean[i])).max(LEAST_VARIANCE);
            (pca.components[(k, i)] * deviation(k) / variance) as f32
        });
        let bias = DMatrix::from_fn(features, 1, |i, _| {
            let mean = pca.mean[i].clamp(1e-3, 1.0 - 1e-3);
            (mean / (1.0 - mean)).ln() as f32
        });
        Self { encoder, decoder, bias }
    }

    fn add(&mut self, other: &Self) {
        self.encoder += &other.encoder;
        self.decoder += &other.decoder;
        self.bias += &other.bias;
    }
}

/// Descends from `parameters`; returns the mean loss of a pixel in each epoch, taken while the
/// weights move. Ends early with a non-finite last entry if the loss is no longer finite.
pub(super) fn descend(
    parameters: &mut Parameters,
    mean: &DMatrix<f32>,
    images: &Images,
    config: &LogisticPcaConfig,
) -> Vec<f64> {
    let mut order: Vec<usize> = (0..images.len()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    let mut encoder_adam = Adam::new(parameters.encoder.len());
    let mut decoder_adam = Adam::new(parameters.decoder.len());
    let mut bias_adam = Adam::new(parameters.bias.len());
    let steps = (config.epochs * images.len().div_ceil(config.batch)) as f64;
    let mut step = 0.0;
    let mut losses = Vec::with_capacity(config.epochs);
    for _ in 0..config.epochs {
        order.shuffle(&mut rng);
        let mut loss = 0.0;
        for batch in order.chunks(config.batch) {
            let mut gradient = batch_gradient(parameters, mean, images, batch);
            loss += gradient.loss;
            // The mean over images, not pixels: Adam does not see the scale but for its ε.
            let scale = 1.0 / batch.len() as f32;
            let gradient = &mut gradient.parameters;
            // Half a cosine from the full rate to zero.
            let rate =
                config.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * step / steps).cos());
            let update =
                |adam: &mut Adam, target: &mut DMatrix<f32>, gradient: &mut DMatrix<f32>| {
                    *gradient *= scale;
                    adam.step(target.as_mut_slice(), gradient.as_slice(), rate as f32);
                };
            update(&mut encoder_adam, &mut parameters.encoder, &mut gradient.encoder);
            update(&mut decoder_adam, &mut parameters.decoder, &mut gradient.decoder);
            update(&mut bias_adam, &mut parameters.bias, &mut gradient.bias);
            step += 1.0;
        }
        losses.push(loss / images.pixels().len() as f64);
        if !loss.is_finite() {
            break;
        }
    }
    losses
}

fn batch_gradient(
    parameters: &Parameters,
    mean: &DMatrix<f32>,
    images: &Images,
    batch: &[usize],
) -> Gradient {
    // Transposed once a step, because the product with a transposed operand is not the fast one.
    let encoder_t = parameters.encoder.transpose();
    let decoder_t = parameters.decoder.transpose();
    let latent_of_mean = &encoder_t * mean;
    let shards: Vec<Gradient> = batch
        .par_chunks(SHARD)
        .map(|shard| {
            let scale = PIXEL_SCALE as f32;
            let pixels =
                shard.iter().flat_map(|&index| images.image(index)).map(|&p| f32::from(p) / scale);
            let x = DMatrix::from_iterator(images.features(), shard.len(), pixels);
            let mut z = &encoder_t * &x;
            for mut column in z.column_iter_mut() {
                column -= &latent_of_mean;
            }
            shard_gradient(parameters, &decoder_t, mean, &x, &z)
        })
        .collect();
    shards
        .into_iter()
        .reduce(|mut sum, shard| {
            sum.parameters.add(&shard.parameters);
            sum.loss += shard.loss;
            sum
        })
        .expect("a batch holds at least one image")
}

/// Gradient of the loss summed over the images in the columns of `x` (features × n) with latents
/// `z` (latent × n).
fn shard_gradient(
    parameters: &Parameters,
    decoder_t: &DMatrix<f32>,
    mean: &DMatrix<f32>,
    x: &DMatrix<f32>,
    z: &DMatrix<f32>,
) -> Gradient {
    let mut logits = &parameters.decoder * z;
    for mut column in logits.column_iter_mut() {
        column += &parameters.bias;
    }
    let loss = residuals(&mut logits, x);
    let residuals = logits;
    let latent_gradient_t = (decoder_t * &residuals).transpose();
    // The encoder sees x − mean. Taking the mean out of the product afterwards spares a pass over
    // x.
    let mut encoder = x * &latent_gradient_t;
    encoder -= mean * latent_gradient_t.row_sum();
    let decoder = &residuals * z.transpose();
    let bias = DMatrix::from_column_slice(residuals.nrows(), 1, residuals.column_sum().as_slice());
    Gradient { parameters: Parameters { encoder, decoder, bias }, loss }
}

/// Turns logits into `sigmoid(logit) − x`, the gradient of the cross-entropy; returns the summed
/// cross-entropy `max(logit, 0) − x·logit + ln(1 + e^−|logit|)`.
fn residuals(logits: &mut DMatrix<f32>, x: &DMatrix<f32>) -> f64 {
    let mut loss = 0.0;
    let chunks = logits.as_mut_slice().chunks_mut(FACTORS_A_LOGARITHM);
    for (logits, x) in chunks.zip(x.as_slice().chunks(FACTORS_A_LOGARITHM)) {
        let mut linear = 0.0f32;
        // The sum of logarithms is the logarithm of the product: one `ln` for many pixels.
        let mut product = 1.0f64;
        for (logit, &x) in logits.iter_mut().zip(x) {
            let z = *logit;
            let e = (-z.abs()).exp();
            linear += z.max(0.0) - x * z;
            product *= f64::from(1.0 + e);
            *logit = if z >= 0.0 { 1.0 } else { e } / (1.0 + e) - x;
        }
        loss += f64::from(linear) + product.ln();
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, columns: usize, phase: f64) -> DMatrix<f32> {
        DMatrix::from_fn(rows, columns, |i, j| {
            ((i * columns + j) as f64 * 1.7 + phase).sin() as f32
        })
    }

    /// Five pixels, two latents, three images, none of them zero anywhere.
    fn small() -> (Parameters, DMatrix<f32>, DMatrix<f32>) {
        let parameters = Parameters {
            encoder: matrix(5, 2, 0.1),
            decoder: matrix(5, 2, 0.2),
            bias: matrix(5, 1, 0.3),
        };
        let mean = matrix(5, 1, 0.4).map(|value| 0.5 + 0.3 * value);
        let x = matrix(5, 3, 0.5).map(|value| 0.5 + 0.5 * value);
        (parameters, mean, x)
    }

    fn gradient(parameters: &Parameters, mean: &DMatrix<f32>, x: &DMatrix<f32>) -> Gradient {
        let centred = DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] - mean[i]);
        let z = parameters.encoder.transpose() * centred;
        shard_gradient(parameters, &parameters.decoder.transpose(), mean, x, &z)
    }

    #[test]
    fn gradient_agrees_with_differences_of_the_loss() {
        let (mut parameters, mean, x) = small();
        let exact = gradient(&parameters, &mean, &x).parameters;
        let step = 1e-2f32;
        let fields: [fn(&mut Parameters) -> &mut DMatrix<f32>; 3] =
            [|p| &mut p.encoder, |p| &mut p.decoder, |p| &mut p.bias];
        let mut exact = exact;
        for (field, name) in fields.iter().zip(["encoder", "decoder", "bias"]) {
            for index in 0..field(&mut parameters).len() {
                let mut loss_at = |offset: f32| {
                    field(&mut parameters)[index] += offset;
                    let loss = gradient(&parameters, &mean, &x).loss;
                    field(&mut parameters)[index] -= offset;
                    loss
                };
                let difference = (loss_at(step) - loss_at(-step)) / (2.0 * f64::from(step));
                let exact = f64::from(field(&mut exact)[index]);
                // Room for the third derivative times step² and for f32's rounding over the step.
                assert!((difference - exact).abs() < 1e-3, "{name}[{index}]: {difference} {exact}");
            }
        }
    }

    #[test]
    fn residuals_and_loss_by_hand() {
        let mut logits = DMatrix::from_column_slice(4, 1, &[0.0, 0.0, 100.0, -2.0]);
        let x = DMatrix::from_column_slice(4, 1, &[0.0, 1.0, 0.75, 0.5]);
        let loss = residuals(&mut logits, &x);
        // ln 2, ln 2, 100 − 75, and ln(1 + e⁻²) + 1 = 1.126928.
        assert!((loss - (2.0 * std::f64::consts::LN_2 + 25.0 + 1.126_928)).abs() < 1e-5, "{loss}");
        // sigmoid(−2) = .119203.
        for (residual, expected) in logits.iter().zip([0.5, -0.5, 0.25, 0.119_203 - 0.5]) {
            assert!((residual - expected).abs() < 1e-6, "{residual} {expected}");
        }
    }

    #[test]
    fn one_logarithm_for_many_pixels_is_their_sum() {
        // More than one chunk of logits of zero: each costs ln 2, the largest factor there is.
        let count = 2 * FACTORS_A_LOGARITHM + 7;
        let mut logits = DMatrix::zeros(count, 1);
        let loss = residuals(&mut logits, &DMatrix::zeros(count, 1));
        assert!((loss / count as f64 - std::f64::consts::LN_2).abs() < 1e-12);
    }

    #[test]
    fn shards_add_up_to_the_batch() {
        let pixels: Vec<u8> = (0..(SHARD + 9) * 5).map(|i| (i * 89 % 256) as u8).collect();
        let images = Images::new(pixels, 1, 5).unwrap();
        let (parameters, mean, _) = small();
        let batch: Vec<usize> = (0..images.len()).rev().collect();
        let sharded = batch_gradient(&parameters, &mean, &images, &batch);
        let x = batch.iter().flat_map(|&i| images.image(i)).map(|&p| f32::from(p) / 255.0);
        let whole = gradient(&parameters, &mean, &DMatrix::from_iterator(5, batch.len(), x));
        assert!((sharded.loss / whole.loss - 1.0).abs() < 1e-6);
        assert!((sharded.parameters.encoder - whole.parameters.encoder).amax() < 1e-3);
        assert!((sharded.parameters.decoder - whole.parameters.decoder).amax() < 1e-3);
        assert!((sharded.parameters.bias - whole.parameters.bias).amax() < 1e-3);
    }
}
