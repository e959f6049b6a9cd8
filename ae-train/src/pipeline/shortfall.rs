//! A model that reconstructs worse than something simpler, and what to try.

use std::f64::consts::LN_2;
use std::fmt;

use ae_data::Images;
use ae_run::EpochMetrics;
use serde::Serialize;

use crate::train::Trainer;

/// By how much a loss may rise from one epoch to a later one without a word.
const RISE: f64 = 1.1;

/// Mean squared errors of a value of a sample, values in 0…1, by the model and by what is simpler.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Errors {
    /// Of the trained model, in float.
    pub(super) model: f64,
    /// Of the mean training sample.
    pub(super) mean: f64,
    /// Of PCA of the same latent size, if it was fitted.
    pub(super) pca: Option<f64>,
}

/// How a training went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course<'a> {
    /// The figures of its epochs.
    pub(super) epochs: &'a [EpochMetrics],
    /// Steps of each.
    pub(super) steps: u64,
    /// Adam's step size.
    pub(super) learning_rate: f64,
}

impl<'a> Course<'a> {
    /// That of a training.
    pub(super) fn of(trainer: &'a Trainer<'_>) -> Self {
        let (steps, learning_rate) = (trainer.steps_per_epoch(), trainer.recipe().learning_rate);
        Self { epochs: trainer.metrics(), steps, learning_rate }
    }
}

/// A model that reconstructs worse than something simpler.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shortfall {
    /// What is better.
    pub than: Simpler,
    /// The model's mean squared error.
    pub mse: f64,
    /// That of what is better.
    pub simpler_mse: f64,
    /// What the figures of the epochs say of the reason.
    #[serde(flatten)]
    pub reason: Reason,
}

/// What an autoencoder is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Simpler {
    /// The mean of the training samples, whatever the sample.
    Mean,
    /// Principal components of the same latent size.
    Pca,
}

/// Why a model may be worse than something simpler.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Reason {
    /// The loss rose, or is worse than that of a grey image: the training has diverged.
    Diverged {
        /// The lowest loss of an epoch.
        lowest: f64,
        /// The loss of the last epoch.
        last: f64,
        /// Adam's step size.
        learning_rate: f64,
    },
    /// The loss fell to the end, but the test samples were reconstructed better before.
    Overfitted {
        /// The epoch that reconstructed them best.
        best_epoch: u32,
    },
    /// The loss fell to the end.
    Short {
        /// Epochs trained.
        epochs: u32,
        /// Steps of each.
        steps: u64,
        /// Adam's step size.
        learning_rate: f64,
    },
}

impl Shortfall {
    /// What a finished training falls short of, if it does: of the mean first.
    pub(super) fn find(errors: Errors, course: &Course<'_>) -> Option<Self> {
        let Errors { model, mean, pca } = errors;
        let (than, simpler_mse) = match pca {
            _ if model > mean => (Simpler::Mean, mean),
            Some(pca) if model > pca => (Simpler::Pca, pca),
            _ => return None,
        };
        Some(Self { than, mse: model, simpler_mse, reason: Reason::of(course) })
    }
}

impl Reason {
    fn of(course: &Course<'_>) -> Self {
        let Course { epochs, steps, learning_rate } = *course;
        let short = Self::Short { epochs: epochs.len() as u32, steps, learning_rate };
        let least = |of: fn(&EpochMetrics) -> f64| {
            epochs.iter().min_by(|a, b| of(a).total_cmp(&of(b))).zip(epochs.last())
        };
        match (least(|epoch| epoch.train_loss), least(|epoch| epoch.test_mse)) {
            (Some((lowest, last)), _)
                // A grey image has ln 2 in each pixel.
                if last.train_loss > RISE * lowest.train_loss || last.test_bce > LN_2 =>
            {
                let (lowest, last) = (lowest.train_loss, last.train_loss);
                Self::Diverged { lowest, last, learning_rate }
            }
            (_, Some((best, last))) if last.test_mse > RISE * best.test_mse => {
                Self::Overfitted { best_epoch: best.epoch }
            }
            _ => short,
        }
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { than, mse, simpler_mse, reason } = self;
        let than = match than {
            Simpler::Mean => "the mean of the training data",
            Simpler::Pca => "PCA of the same latent size",
        };
        write!(f, "Worse than {than}: its MSE is {simpler_mse:.6}, the model's {mse:.6}. ")?;
        match reason {
            Reason::Diverged { lowest, last, learning_rate } => write!(
                f,
                "The training has diverged: its loss in the last epoch is {last:.3e}, the lowest of an \
                 epoch {lowest:.3e}. Try a tenth of the learning rate, which was {learning_rate}."
            ),
            Reason::Overfitted { best_epoch } => write!(
                f,
                "The training data was learnt by heart: epoch {best_epoch} reconstructs the test data \
                 best. Try more training data, a smaller model, or keep the best epoch."
            ),
            Reason::Short { epochs, steps, learning_rate } => {
                let epochs = if *epochs == 1 { "one".to_owned() } else { epochs.to_string() };
                let steps =
                    if *steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
                write!(
                    f,
                    "Try more epochs than the {epochs} of {steps} that it had, or another learning \
                     rate than {learning_rate}."
                )
            }
        }
    }
}

/// The mean squared error of `test` when each sample is taken for the mean one of `train`.
pub(super) fn error_of_mean(train: &Images, test: &Images) -> f64 {
    let features = train.features();
    // Whole numbers, so that neither order nor size costs a digit.
    let mut sums = vec![0_u64; features];
    for image in train.iter() {
        sums.iter_mut().zip(image).for_each(|(sum, &pixel)| *sum += u64::from(pixel));
    }
    let mean: Vec<f64> = sums.iter().map(|&sum| sum as f64 / train.len() as f64).collect();
    let squares = test.iter().flat_map(|image| image.iter().zip(&mean));
    let sum: f64 = squares.map(|(&pixel, mean)| (f64::from(pixel) - mean).powi(2)).sum();
    sum / (test.len() * features) as f64 / (255.0 * 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_the_mean_by_hand() {
        let images = |pixels: &[u8]| Images::new(pixels.to_vec(), 1, 2).unwrap();
        // The mean is (0.5, 1); the errors are 0.25, 0, 0.25, 1.
        let found = error_of_mean(&images(&[0, 255, 255, 255]), &images(&[255, 255, 0, 0]));
        assert!((found - 1.5 / 4.0).abs() < 1e-12, "{found}");
    }

    #[test]
    fn the_figures_of_the_epochs_say_what_to_try() {
        let epochs =
            |figures: &[[f64; 3]]| -> Vec<EpochMetrics> {
                let of = |(&[train_loss, test_bce, test_mse], epoch): (&[f64; 3], u32)| {
                    EpochMetrics { epoch, train_loss, test_bce, test_mse, kl: None, seconds: 0.0 }
                };
                figures.iter().zip(1..).map(of).collect()
            };
        let reason = |figures: &[[f64; 3]]| {
            Reason::of(&Course { epochs: &epochs(figures), steps: 3, learning_rate: 0.5 })
        };
        let fell = reason(&[[0.6, 0.6, 0.2], [0.5, 0.5, 0.1]]);
        assert_eq!(fell, Reason::Short { epochs: 2, steps: 3, learning_rate: 0.5 });
        let rose = reason(&[[0.5, 0.5, 0.1], [0.6, 0.6, 0.2]]);
        assert_eq!(rose, Reason::Diverged { lowest: 0.5, last: 0.6, learning_rate: 0.5 });
        let far = reason(&[[9.0, 8.0, 0.2], [8.0, 7.0, 0.2]]);
        assert_eq!(far, Reason::Diverged { lowest: 8.0, last: 8.0, learning_rate: 0.5 });
        let by_heart = reason(&[[0.5, 0.5, 0.1], [0.4, 0.6, 0.2]]);
        assert_eq!(by_heart, Reason::Overfitted { best_epoch: 1 });
        assert!(matches!(reason(&[]), Reason::Short { epochs: 0, .. }));
        for (reason, words) in [
            (fell, "the 2 of 3 steps that it had"),
            (rose, "has diverged"),
            (by_heart, "epoch 1 reconstructs"),
            (Reason::Short { epochs: 1, steps: 1, learning_rate: 1.0 }, "the one of 1 step that"),
        ] {
            let shortfall = Shortfall { than: Simpler::Mean, mse: 0.2, simpler_mse: 0.1, reason };
            let text = shortfall.to_string();
            assert!(text.starts_with("Worse than the mean") && text.contains(words), "{text}");
        }
    }
}
