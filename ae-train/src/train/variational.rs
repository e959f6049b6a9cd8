//! A latent that is drawn from a normal distribution of each image.
//!
//! The encoder's last layer gives the mean `μ`, and a twin of it, which training alone has, the
//! logarithm `s` of the variance. The decoder gets `z = μ + exp(s/2)·ε`, and beside the loss counts
//! the Kullback-Leibler divergence from N(0, 1), `½ Σ (μ² + exp(s) − 1 − s)`.
//!
//! Source: Kingma and Welling, "Auto-encoding variational Bayes", 2014, section 2.4 and appendix B.

use ae_run::Recipe;
use burn::tensor::TensorData;

use super::draws::Draws;
use super::elementwise::exp_nonpositive;
use super::layer::{Kept, Layer};
use super::parameters::slice;

/// Log-variances end here, on both sides: a deviation of 4.5e-5 or 2.2e4.
const MOST: f32 = 20.0;

/// Bytes whose sum is near enough to a normal distribution, and the same on every machine; a multiple
/// of those of a word.
const BYTES: usize = 12;

/// Their mean and standard deviation, each uniform in 0..=255.
const MEAN: f32 = 1530.0;
const DEVIATION: f32 = 255.998_05;

/// How the latents of one step are drawn.
#[derive(Clone, Debug)]
pub(super) struct Variational {
    draws: Draws,
    /// The divergence counts so often.
    weight: f32,
}

impl Variational {
    /// Those of a step, counted from 0, where the loss's sum over pixels counts `scale` times; `None`
    /// where the recipe has none.
    pub(super) fn of(recipe: &Recipe, step: u64, scale: f64) -> Option<Self> {
        recipe.is_variational().then(|| Self {
            draws: Draws::new(recipe.seed, b"aelatent", step),
            weight: (recipe.variational * scale) as f32,
        })
    }

    /// About normally distributed numbers, for the image of this index.
    pub(super) fn normal(&self, index: u32, count: usize) -> Vec<f32> {
        const WORDS: usize = BYTES / 4;
        let words: Vec<u32> = self.draws.words(index, WORDS * count).collect();
        let number = |words: &[u32; WORDS]| {
            let bytes = words.iter().flat_map(|word| word.to_le_bytes());
            (bytes.map(f32::from).sum::<f32>() - MEAN) / DEVIATION
        };
        words.as_chunks().0.iter().map(number).collect()
    }
}

#[cfg(test)]
impl Variational {
    pub(super) fn weight(&self) -> f32 {
        self.weight
    }
}

/// Latents that were drawn, and what the way back needs.
pub(super) struct Sampled {
    kept: Kept,
    /// `[samples, latent]`, as all that follow.
    means: Vec<f32>,
    /// As the layer gives them.
    log_variances: Vec<f32>,
    deviations: Vec<f32>,
    noise: Vec<f32>,
    samples: usize,
}

impl Sampled {
    /// Puts a draw in place of each mean. `layer` gives the log-variances, of what also came into the
    /// layer of the means.
    pub(super) fn draw(
        layer: &Layer,
        inputs: TensorData,
        latents: &mut [f32],
        indices: &[u32],
        variational: &Variational,
    ) -> Self {
        let (sums, kept) = layer.forward(inputs);
        let count = latents.len() / indices.len();
        let bias = layer.bias_of_outputs(count);
        let log_variances = slice(&sums).chunks_exact(count);
        let log_variances: Vec<f32> = log_variances
            .flat_map(|row| row.iter().zip(bias.iter()).map(|(sum, bias)| sum + bias))
            .collect();
        let deviation = |s: &f32| exp(0.5 * s.clamp(-MOST, MOST));
        let deviations: Vec<f32> = log_variances.iter().map(deviation).collect();
        let noise: Vec<f32> =
            indices.iter().flat_map(|&index| variational.normal(index, count)).collect();
        let means = latents.to_vec();
        for (latent, (deviation, noise)) in latents.iter_mut().zip(deviations.iter().zip(&noise)) {
            *latent += deviation * noise;
        }
        Self { kept, means, log_variances, deviations, noise, samples: indices.len() }
    }

    /// The divergence, summed over samples.
    pub(super) fn divergence(&self) -> f64 {
        let values = self.means.iter().zip(&self.log_variances).zip(&self.deviations);
        let of_value = values.map(|((&mean, &s), &deviation)| {
            let [mean, deviation] = [mean, deviation].map(f64::from);
            0.5 * (mean * mean + deviation * deviation - 1.0 - f64::from(s.clamp(-MOST, MOST)))
        });
        of_value.sum()
    }

    /// From the gradient at the latents to that at the means, in its place. Gives what is kept of the
    /// layer of the log-variances, and the gradient at its sums.
    pub(super) fn backward(
        self,
        at_latents: &mut [f32],
        variational: &Variational,
    ) -> (Kept, TensorData) {
        let weight = variational.weight;
        let values = self.log_variances.iter().zip(&self.deviations).zip(&self.noise);
        let at_log_variances = at_latents.iter().zip(values).map(|(at_latent, value)| {
            let ((&s, &deviation), &noise) = value;
            let gradient =
                0.5 * at_latent * deviation * noise + 0.5 * weight * (deviation * deviation - 1.0);
            // Beyond the ends only a step back inside is one.
            let leads_out = (s >= MOST && gradient < 0.0) || (s <= -MOST && gradient > 0.0);
            if leads_out { 0.0 } else { gradient }
        });
        let at_log_variances: Vec<f32> = at_log_variances.collect();
        for (gradient, mean) in at_latents.iter_mut().zip(&self.means) {
            *gradient += weight * mean;
        }
        let count = at_log_variances.len() / self.samples;
        (self.kept, TensorData::new(at_log_variances, [self.samples, count]))
    }
}

/// `exp(x)`, for |x| ≤ 40.
fn exp(x: f32) -> f32 {
    let of_negative = exp_nonpositive(-x.abs());
    if x > 0.0 { 1.0 / of_negative } else { of_negative }
}

#[cfg(test)]
mod tests {
    use ae_core::{Activation, Geometry};
    use ae_model::LayerF32;

    use super::*;

    fn variational(beta: f64) -> Variational {
        let recipe = Recipe { variational: beta, ..Recipe::default() };
        Variational::of(&recipe, 3, 0.5).unwrap()
    }

    /// Two images, and a layer that gives these log-variances whatever comes in.
    fn drawn(means: [f32; 4], log_variances: [f32; 2], beta: f64) -> (Sampled, [f32; 4]) {
        let layer = Layer::new(&LayerF32 {
            geometry: Geometry::dense(1, 2),
            weights: vec![0.0; 2],
            bias: log_variances.to_vec(),
            activation: Activation::Identity,
        });
        let mut latents = means;
        let inputs = TensorData::new(vec![1.0_f32, 2.0], [2, 1]);
        let sampled = Sampled::draw(&layer, inputs, &mut latents, &[8, 5], &variational(beta));
        (sampled, latents)
    }

    #[test]
    fn numbers_are_about_normal_and_each_image_has_its_own() {
        let variational = variational(1.0);
        let numbers = variational.normal(7, 40_000);
        let moment =
            |power: i32| numbers.iter().map(|&x| f64::from(x).powi(power)).sum::<f64>() / 40_000.0;
        // Within four standard errors; a sum of twelve has a fourth moment of 2.9.
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03, "{}", moment(2));
        assert!(moment(3).abs() < 0.08 && (moment(4) - 2.9).abs() < 0.2, "{}", moment(4));
        assert_eq!(variational.normal(7, 5), variational.normal(7, 5));
        assert_ne!(variational.normal(7, 5), variational.normal(8, 5));
        assert!(Variational::of(&Recipe::default(), 3, 0.5).is_none());
    }

    #[test]
    fn latents_are_mean_and_deviation_times_noise_and_the_divergence_is_the_formula() {
        let means = [0.5, -1.0, 0.0, 2.0];
        let (sampled, latents) = drawn(means, [0.0, 2.0 * 3_f32.ln()], 1.0);
        for (image, index) in [8, 5].into_iter().enumerate() {
            let noise = variational(1.0).normal(index, 2);
            let expected = [means[2 * image] + noise[0], means[2 * image + 1] + 3.0 * noise[1]];
            for (found, expected) in latents[2 * image..].iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
        // Squares of means, and twice 9 − 1 − ln 9; halved.
        let expected = 0.5 * (0.25 + 1.0 + 4.0 + 2.0 * (8.0 - 9_f64.ln()));
        assert!((sampled.divergence() - expected).abs() < 1e-5, "{}", sampled.divergence());
        let (standard, _) = drawn([0.0; 4], [0.0; 2], 1.0);
        assert_eq!(standard.divergence(), 0.0);
    }

    #[test]
    fn log_variances_never_overflow_and_come_back() {
        for (bias, sign) in [(1e30, 1.0), (-1e30, -1.0)] {
            let (sampled, latents) = drawn([0.0; 4], [bias, 0.0], 1.0);
            assert!(latents.iter().all(|latent| latent.is_finite()));
            assert!(sampled.divergence().is_finite());
            let (_, gradient) = sampled.backward(&mut [0.0; 4], &variational(1.0));
            let gradient = slice(&gradient);
            // The divergence alone leads back to a variance of 1, and nothing leads further out.
            assert!(gradient[0] * sign > 0.0 && gradient[0].is_finite(), "{gradient:?}");
            assert_eq!((gradient[1], gradient[3]), (0.0, 0.0));
            let (sampled, _) = drawn([0.0; 4], [bias, 0.0], 1e-30);
            let noise = sampled.noise[0];
            let (_, gradient) =
                sampled.backward(&mut [-sign * noise, 0.0, 0.0, 0.0], &variational(1e-30));
            assert_eq!(slice(&gradient)[0], 0.0);
        }
    }

    #[test]
    fn exponentials_are_close_on_both_sides() {
        for x in [-20.0, -3.5, 0.0, 1e-3, 7.25, 20.0_f32] {
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 5e-7, "{x}");
        }
    }
}
