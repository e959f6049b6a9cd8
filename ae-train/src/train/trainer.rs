//! A training, and how it begins. What an epoch does and what comes out stand beside it.

mod check;
mod epoch;
mod result;

use std::thread::available_parallelism;

use ae_data::Dataset;
use ae_model::{AutoencoderConfig, Network};
use ae_run::{Best, Checkpoint, EpochMetrics, Recipe, Start};

use super::order::{Split, steps_per_epoch};
use super::state::State;
use super::tie::{self, Pair};
use super::training_model::{Auxiliary, TrainingModel};
use super::workers::Workers;
use super::{TrainError, adam};
use check::{divided, tied};

/// A training between two epochs.
pub struct Trainer<'a> {
    config: AutoencoderConfig,
    recipe: Recipe,
    data: &'a Dataset,
    split: Split,
    workers: Workers,
    /// Layers that share their weights.
    tied: Vec<Pair>,
    state: State,
}

impl<'a> Trainer<'a> {
    /// A training before its first epoch.
    ///
    /// # Errors
    ///
    /// [`TrainError`] when configuration, recipe or images cannot be, or do
    /// not fit together.
    pub fn new(
        config: AutoencoderConfig,
        recipe: Recipe,
        data: &'a Dataset,
    ) -> Result<Self, TrainError> {
        recipe.validate()?;
        let network = Self::start(&config, &recipe, data)?;
        Self::starting_with(&network, config, recipe, data)
    }

    /// The network that a training begins with. It depends on the recipe's seed and kind of start
    /// alone, so several trainings may begin with the same one.
    ///
    /// # Errors
    ///
    /// [`TrainError`] when there is none of this shape for these images.
    pub fn start(
        config: &AutoencoderConfig,
        recipe: &Recipe,
        data: &Dataset,
    ) -> Result<Network, TrainError> {
        Ok(match recipe.start {
            Start::Glorot => Network::initial(config, recipe.seed)?,
            Start::Pca => ae_pca::start(config, &data.train, recipe.seed)?,
            Start::KMeans => ae_pca::prototypes(config, &data.train, recipe.seed)?,
        })
    }

    /// A training before its first epoch that begins with this network.
    ///
    /// # Errors
    ///
    /// As [`Self::new`]; and the network is not of that shape.
    pub fn starting_with(
        network: &Network,
        config: AutoencoderConfig,
        recipe: Recipe,
        data: &'a Dataset,
    ) -> Result<Self, TrainError> {
        recipe.validate()?;
        network.check(&config)?;
        let mut network = network.clone();
        tie::tie(&mut network, &tied(&config, &recipe)?);
        let model = TrainingModel::new(&network, &config, &recipe);
        let state = State {
            moments: adam::start_moments(&model, &recipe),
            model,
            step: 0,
            metrics: Vec::new(),
            best: None,
        };
        Self::with_state(config, recipe, data, state)
    }

    /// The training that a checkpoint was taken of. It goes on as if it had
    /// not been interrupted, to the bit.
    ///
    /// # Errors
    ///
    /// [`TrainError`] when the images are not those of the checkpoint, as far
    /// as their number and size show. Compare
    /// [`Dataset::digest`] to be sure.
    pub fn resume(checkpoint: Checkpoint, data: &'a Dataset) -> Result<Self, TrainError> {
        let (expected, found) = (checkpoint.train_images, data.train.len());
        if expected != found {
            return Err(TrainError::OtherData { expected, found });
        }
        let (config, recipe) = (checkpoint.config.clone(), checkpoint.recipe.clone());
        let start = TrainingModel::new(&Network::initial(&config, 0)?, &config, &recipe);
        Self::with_state(config, recipe, data, State::of(checkpoint, start))
    }

    /// Whether such a training can begin, without the weights that it begins with: principal
    /// components take their time.
    ///
    /// # Errors
    ///
    /// As [`Self::new`], but for those of principal components.
    pub fn check(
        config: &AutoencoderConfig,
        recipe: &Recipe,
        data: &Dataset,
    ) -> Result<(), TrainError> {
        recipe.validate()?;
        config.validate()?;
        tied(config, recipe)?;
        Auxiliary::check(config, recipe)?;
        divided(config, recipe, data).map(drop)
    }

    fn with_state(
        config: AutoencoderConfig,
        recipe: Recipe,
        data: &'a Dataset,
        state: State,
    ) -> Result<Self, TrainError> {
        let split = divided(&config, &recipe, data)?;
        let tied = tied(&config, &recipe)?;
        Auxiliary::check(&config, &recipe)?;
        let threads = available_parallelism().map_or(1, usize::from);
        Ok(Self { config, recipe, data, split, workers: Workers::new(threads), tied, state })
    }

    /// The same training on another number of threads, at least one. By
    /// default it uses all that the machine has. The result is the same.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        if threads.max(1) != self.workers.threads() {
            self.workers = Workers::new(threads);
        }
        self
    }

    /// The model's configuration.
    pub fn config(&self) -> &AutoencoderConfig {
        &self.config
    }

    /// The recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The figures of the epochs done.
    pub fn metrics(&self) -> &[EpochMetrics] {
        &self.state.metrics
    }

    /// Epochs done.
    pub fn epochs_done(&self) -> u32 {
        // Never more than the recipe's, which is a u32.
        self.state.metrics.len() as u32
    }

    /// Whether all epochs of the recipe are done.
    pub fn is_finished(&self) -> bool {
        self.epochs_done() >= self.recipe.epochs
    }

    /// Steps of one epoch, the last of which may have fewer images.
    pub fn steps_per_epoch(&self) -> u64 {
        steps_per_epoch(&self.recipe, self.data.train.len())
    }

    /// Indices of the training images held out, in rising order.
    pub fn held_out(&self) -> &[u32] {
        &self.split.held_out
    }

    /// The best epoch so far by held-out images, with [`Recipe::keep_best`].
    pub fn best(&self) -> Option<Best> {
        self.state.best.as_ref().map(|best| best.best)
    }
}

#[cfg(test)]
mod tests;
