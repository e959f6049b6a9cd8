//! What comes out of a training, and what it goes on from.

use ae_data::Images;
use ae_model::Network;
use ae_run::Checkpoint;

use super::Trainer;
use super::check::count;
use crate::model::Autoencoder;
use crate::train::evaluate::evaluate_with;
use crate::train::parameters::Parameters;
use crate::train::{Evaluation, TrainError};

impl Trainer<'_> {
    /// The network that the recipe says is the result of the epochs so far, as it runs: with averaged
    /// weights if there are any, and running statistics averaged as they are.
    pub(super) fn averaged(&self) -> Parameters {
        let mut result = self.state.model.clone();
        if self.recipe.weight_average.is_some() {
            let averages = self.state.moments.iter().map(|moments| moments.average.clone());
            result.set(averages.collect());
        }
        result.inference()
    }

    /// The network after the last epoch, the one that its metrics are of:
    /// averaged weights if the recipe has them.
    ///
    /// # Errors
    ///
    /// [`TrainError::Model`] when a weight is not finite.
    pub fn last_network(&self) -> Result<Network, TrainError> {
        Ok(self.averaged().to_network(&self.config)?)
    }

    /// The network that is the training's result: that of the
    /// [best](Self::best) epoch if the recipe keeps it, else of the last.
    ///
    /// # Errors
    ///
    /// [`TrainError::Model`] when a weight is not finite.
    pub fn result_network(&self) -> Result<Network, TrainError> {
        match &self.state.best {
            Some(best) => Ok(best.parameters.to_network(&self.config)?),
            None => self.last_network(),
        }
    }

    /// The reconstruction of images by [`Self::last_network`], rounded to pixels.
    ///
    /// # Errors
    ///
    /// [`TrainError::Model`] when a weight is not finite.
    pub fn reconstruct(&self, images: &Images) -> Result<Vec<u8>, TrainError> {
        Ok(Autoencoder::from_network(&self.last_network()?).reconstruct_pixels(images))
    }

    /// How well [`Self::result_network`] reconstructs the test images.
    pub fn evaluate_result(&self) -> Evaluation {
        let all: Vec<u32> = (0..count(&self.data.test)).collect();
        let last;
        let parameters = match &self.state.best {
            Some(best) => &best.parameters,
            None => {
                last = self.averaged();
                &last
            }
        };
        evaluate_with(parameters, &self.data.test, &all, &self.workers)
    }

    /// The state to save after an epoch.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            config: self.config.clone(),
            recipe: self.recipe.clone(),
            train_images: self.data.train.len(),
            step: self.state.step,
            weights: self.state.model.to_vecs(),
            moments: self.state.moments.clone(),
            metrics: self.state.metrics.clone(),
            best: self.state.best.as_ref().map(|best| (best.best, best.parameters.to_vecs())),
        }
    }
}
