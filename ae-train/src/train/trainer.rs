//! The loop over batches and epochs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::Instant;

use ae_data::{Dataset, Images};
use ae_model::{AutoencoderConfig, Network};
use ae_run::{Best, Checkpoint, EpochMetrics, Recipe, Start};

use super::evaluate::evaluate_with;
use super::gradient::{Objective, ShardGradient, gradient};
use super::noise::Noise;
use super::observer::{EpochOutcome, Observer};
use super::order::{Split, pass_number, pass_order, split, steps_per_epoch};
use super::output::Errors;
use super::parameters::Parameters;
use super::state::{BestWeights, State};
use super::tie::{self, Pair};
use super::workers::Workers;
use super::{Evaluation, TrainError, adam};
use crate::model::Autoencoder;

/// Parts that a batch is cut into, each worked on by one thread. Fixed,
/// because it decides the order of sums and so the last bits of the result.
const SHARDS: usize = 2;

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
        let parameters = Parameters::from_network(&network);
        let state = State {
            moments: adam::start_moments(&parameters, &recipe),
            parameters,
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
        let start = Parameters::from_network(&Network::initial(&config, 0)?);
        Self::with_state(config, recipe, data, State::of(checkpoint, &start))
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

    /// Trains one epoch and tests it.
    ///
    /// `stop` is looked at before each step.
    ///
    /// # Errors
    ///
    /// [`TrainError::Finished`] when all epochs are done, and
    /// [`TrainError::NonFiniteLoss`] or [`TrainError::NonFiniteWeight`] when
    /// the training diverges. After an error the trainer is as it was before
    /// the epoch.
    pub fn run_epoch(
        &mut self,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<EpochOutcome, TrainError> {
        if self.is_finished() {
            return Err(TrainError::Finished { epochs: self.recipe.epochs });
        }
        let before = self.state.clone();
        let outcome = self.train_and_test(observer, stop);
        match &outcome {
            Ok(EpochOutcome::Finished(metrics)) => observer.on_epoch(metrics),
            Ok(EpochOutcome::Stopped) | Err(_) => self.state = before,
        }
        outcome
    }

    fn train_and_test(
        &mut self,
        observer: &mut dyn Observer,
        stop: &AtomicBool,
    ) -> Result<EpochOutcome, TrainError> {
        let start = Instant::now();
        let epoch = self.epochs_done() + 1;
        let passes = self.recipe.passes;
        let orders = (0..passes).map(|pass| {
            pass_order(self.recipe.seed, pass_number(epoch, passes, pass), &self.split.train)
        });
        let orders: Vec<Vec<u32>> = orders.collect();
        let trained: usize = orders.iter().map(Vec::len).sum();
        let batch_size = self.recipe.batch_size;
        let batches = orders.iter().flat_map(|order| order.chunks(batch_size));
        let steps = self.steps_per_epoch();
        let mut sum = 0.0;
        for (batch, done) in batches.zip(1..) {
            if stop.load(Ordering::Relaxed) {
                return Ok(EpochOutcome::Stopped);
            }
            let loss = self.step(batch);
            let mean = loss / (batch.len() * self.config.input) as f64;
            sum += loss;
            if !mean.is_finite() {
                return Err(TrainError::NonFiniteLoss { epoch, step: self.state.step, loss: mean });
            }
            observer.on_step(epoch, done, steps);
            if self.state.step.is_multiple_of(self.recipe.log_every) {
                observer.on_step_logged(epoch, self.state.step, mean);
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        if let Some(layer) = self.state.parameters.non_finite_layer() {
            return Err(TrainError::NonFiniteWeight { epoch, layer });
        }
        let result = self.averaged();
        self.keep_if_best(epoch, &result);
        let all: Vec<u32> = (0..count(&self.data.test)).collect();
        let test = evaluate_with(&result, &self.data.test, &all, &self.workers);
        if !(test.bce.is_finite() && test.mse.is_finite()) {
            return Err(TrainError::NonFiniteLoss { epoch, step: self.state.step, loss: test.bce });
        }
        let metrics = EpochMetrics {
            epoch,
            train_loss: sum / (trained * self.config.input) as f64,
            test_bce: test.bce,
            test_mse: test.mse,
            seconds,
        };
        self.state.metrics.push(metrics);
        Ok(EpochOutcome::Finished(metrics))
    }

    /// One step on the images of the given indices; gives the loss's sum over
    /// their pixels, with the weights before the step. Centres of k-means stay where they are.
    fn step(&mut self, batch: &[u32]) -> f64 {
        let loss = self.recipe.loss;
        let latents = (batch.len() * self.config.latent) as f64;
        let objective = Objective {
            loss,
            scale: 1.0 / (batch.len() * self.config.input) as f32,
            noise: Noise::of(&self.recipe, self.state.step),
            latent_pull: (self.recipe.latent_l1 / latents) as f32,
            tied: &self.tied,
        };
        let parameters = &self.state.parameters;
        let images = &self.data.train;
        let shards: Vec<&[u32]> = batch.chunks(batch.len().div_ceil(SHARDS)).collect();
        let shards =
            self.workers.map(shards, |shard| gradient(parameters, images, shard, &objective));
        let mut errors = Errors::default();
        shards.iter().for_each(|shard| errors.add(shard.errors));
        if self.recipe.start == Start::KMeans {
            self.state.step += 1;
            return errors.of(loss);
        }

        let rate = self.recipe.learning_rate_at(self.state.step, self.steps_per_epoch());
        let gradients: Vec<Vec<&[f32]>> = shards.iter().map(ShardGradient::slices).collect();
        adam::update(
            &self.recipe,
            self.state.step,
            rate,
            &mut self.state.parameters,
            &mut self.state.moments,
            &gradients,
            &self.workers,
        );
        self.state.step += 1;
        errors.of(loss)
    }

    /// The weights that the recipe says are the result of the epochs so far:
    /// their average if there is one.
    fn averaged(&self) -> Parameters {
        let mut result = self.state.parameters.clone();
        if self.recipe.weight_average.is_some() {
            let averages = self.state.moments.iter().map(|moments| moments.average.clone());
            result.set(averages.collect());
        }
        result
    }

    fn keep_if_best(&mut self, epoch: u32, parameters: &Parameters) {
        if self.split.held_out.is_empty() {
            return;
        }
        let held_out = &self.split.held_out;
        let found = evaluate_with(parameters, &self.data.train, held_out, &self.workers);
        let best = self.state.best.as_ref();
        if best.is_none_or(|best| found.mse < best.best.held_out_mse) {
            self.state.best = Some(BestWeights {
                best: Best { epoch, held_out_mse: found.mse },
                parameters: parameters.clone(),
            });
        }
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
            weights: self.state.parameters.to_vecs(),
            moments: self.state.moments.clone(),
            metrics: self.state.metrics.clone(),
            best: self.state.best.as_ref().map(|best| (best.best, best.parameters.to_vecs())),
        }
    }
}

/// The layers that share their weights, if the recipe says so.
fn tied(config: &AutoencoderConfig, recipe: &Recipe) -> Result<Vec<Pair>, TrainError> {
    if !recipe.tied {
        return Ok(Vec::new());
    }
    let pairs = tie::pairs(&config.encoder_shapes(), &config.decoder_shapes());
    if pairs.is_empty() { Err(TrainError::NothingToTie) } else { Ok(pairs) }
}

/// The images that are trained on and those that are held out, if they are what the network takes.
fn divided(
    config: &AutoencoderConfig,
    recipe: &Recipe,
    data: &Dataset,
) -> Result<Split, TrainError> {
    for (part, images) in [("training", &data.train), ("test", &data.test)] {
        if images.is_empty() {
            return Err(TrainError::NoImages { part });
        }
        if images.features() != config.input {
            return Err(TrainError::Features {
                part,
                expected: config.input,
                found: images.features(),
            });
        }
    }
    let split = split(recipe.seed, count(&data.train), recipe.keep_best);
    if split.train.is_empty() {
        return Err(TrainError::NoImages { part: "training" });
    }
    if recipe.keep_best.is_some() && split.held_out.is_empty() {
        return Err(TrainError::NoImages { part: "held-out" });
    }
    Ok(split)
}

/// The number of images; four billion are enough.
fn count(images: &Images) -> u32 {
    u32::try_from(images.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
