//! Logistic PCA: one dense layer each way, trained with sigmoid cross-entropy.

use std::sync::atomic::AtomicBool;

use ae_data::{Dataset, Images};
use ae_model::{Activation, AutoencoderConfig, Code};
use ae_pca::BaselineReport;
use ae_run::Recipe;

use crate::model::Autoencoder;
use crate::train::{EpochOutcome, Evaluation, TrainError, Trainer};

/// Why logistic PCA could not be fitted.
#[derive(Debug, thiserror::Error)]
pub enum LogisticPcaError {
    /// The stop flag was raised.
    #[error("stopped")]
    Stopped,
    /// It could not be trained.
    #[error("logistic PCA: {0}")]
    Train(#[from] TrainError),
}

/// A linear encoder and a linear decoder of logits that minimise the sigmoid cross-entropy.
///
/// Logistic PCA was stated by Collins, Dasgupta & Schapire 2001 and Schein, Saul & Ungar 2003 as
/// `logits = B·z + bias` under the Bernoulli likelihood, with a free `z` for every image: to encode
/// a new image is then a fit of its own. Landgraf & Lee 2015 made `z` a linear map of the image.
/// This is theirs in that respect, and differs in two: `z` is mapped from the pixels and not from
/// their logits, which are infinite for black and white, and the two maps are not tied. So it is
/// exactly the autoencoder without hidden layers, trained by the same loop, and the comparison
/// shows what the hidden layers bring and nothing else.
#[derive(Debug, Clone)]
pub struct LogisticPca {
    latent: usize,
    model: Autoencoder,
    test: Evaluation,
}

impl LogisticPca {
    /// Fits to the training images of `data`, with `latent` values. `stop` ends it early.
    ///
    /// # Errors
    ///
    /// [`LogisticPcaError::Train`] and [`LogisticPcaError::Stopped`].
    pub fn fit(data: &Dataset, latent: usize, stop: &AtomicBool) -> Result<Self, LogisticPcaError> {
        let config = AutoencoderConfig {
            input: data.train.features(),
            hidden: Vec::new(),
            latent,
            // Without hidden layers there is none.
            activation: Activation::Relu,
            code: Code::Linear,
            architecture: None,
        };
        let mut trainer = Trainer::new(config, recipe(), data)?;
        while !trainer.is_finished() {
            if trainer.run_epoch(&mut (), stop)? == EpochOutcome::Stopped {
                return Err(LogisticPcaError::Stopped);
            }
        }
        Ok(Self {
            latent,
            model: Autoencoder::from_network(&trainer.result_network()?),
            test: trainer.evaluate_result(),
        })
    }

    /// Reconstructions as pixels, in the layout of `images`.
    ///
    /// # Panics
    ///
    /// When the images are of another size than those fitted.
    pub fn reconstruct_pixels(&self, images: &Images) -> Vec<u8> {
        self.model.reconstruct_pixels(images)
    }

    /// The figures for a table; `seconds` is the time that the fit took.
    pub fn report(&self, seconds: f64) -> BaselineReport {
        BaselineReport {
            name: "logistic PCA".into(),
            latent: self.latent,
            test_bce: Some(self.test.bce),
            test_mse: self.test.mse,
            // A sigmoid needs no clipping.
            test_mse_clipped: self.test.mse,
            seconds,
        }
    }
}

/// On 60,000 Fashion-MNIST images and 30 latent values it ends within 1e-4 of the cross-entropy
/// that five times the epochs reach (0.28582).
fn recipe() -> Recipe {
    Recipe {
        epochs: 40,
        batch_size: 128,
        learning_rate: 5e-3,
        warmup_steps: 0,
        ..Recipe::default()
    }
}

#[cfg(test)]
mod tests {
    use ae_pca::Pca;

    use super::*;

    #[test]
    fn logistic_pca_beats_pca_on_the_sample() {
        let data = ae_data::load(Some(ae_data::sample::NAME)).unwrap();
        let linear = Pca::fit(&data.train, 20).unwrap().report(&data.test, 0.0).unwrap();
        let logistic = LogisticPca::fit(&data, 20, &AtomicBool::new(false)).unwrap().report(0.0);
        assert!(logistic.test_mse < 0.95 * linear.test_mse_clipped, "{logistic:?} {linear:?}");
        assert!(logistic.test_bce.unwrap() < 0.30, "{logistic:?}");
    }
}
