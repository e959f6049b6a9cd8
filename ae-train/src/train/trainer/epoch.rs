//! The loop over the batches of an epoch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ae_run::{Best, EpochMetrics, Start};

use super::Trainer;
use super::check::count;
use crate::train::evaluate::evaluate_with;
use crate::train::gradient::{BatchGradient, Objective, ShardGradient, gradient};
use crate::train::noise::Noise;
use crate::train::observer::{EpochOutcome, Observer};
use crate::train::order::{pass_number, pass_order};
use crate::train::output::Errors;
use crate::train::parameters::Parameters;
use crate::train::state::BestWeights;
use crate::train::variational::Variational;
use crate::train::{TrainError, adam};

/// Parts that a batch is cut into, each worked on by one thread. Fixed,
/// because it decides the order of sums and so the last bits of the result.
const SHARDS: usize = 2;

/// What a step says of its batch, with the weights before the step.
struct StepFigures {
    /// Summed over pixels.
    loss: f64,
    /// Kullback-Leibler divergence, summed over images.
    divergence: f64,
}

impl Trainer<'_> {
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
        let (mut sum, mut divergence) = (0.0, 0.0);
        for (batch, done) in batches.zip(1..) {
            if stop.load(Ordering::Relaxed) {
                return Ok(EpochOutcome::Stopped);
            }
            let step = self.step(batch);
            let mean = step.loss / (batch.len() * self.config.input) as f64;
            sum += step.loss;
            divergence += step.divergence;
            if !mean.is_finite() {
                return Err(TrainError::NonFiniteLoss { epoch, step: self.state.step, loss: mean });
            }
            observer.on_step(epoch, done, steps);
            if self.state.step.is_multiple_of(self.recipe.log_every) {
                observer.on_step_logged(epoch, self.state.step, mean);
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        if let Some(layer) = self.state.model.non_finite_layer() {
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
            kl: self.recipe.is_variational().then(|| divergence / trained as f64),
            seconds,
        };
        self.state.metrics.push(metrics);
        Ok(EpochOutcome::Finished(metrics))
    }

    /// One step on the images of the given indices. Centres of k-means stay where they are.
    fn step(&mut self, batch: &[u32]) -> StepFigures {
        let loss = self.recipe.loss;
        let latents = (batch.len() * self.config.latent) as f64;
        let scale = 1.0 / (batch.len() * self.config.input) as f32;
        let objective = Objective {
            loss,
            scale,
            noise: Noise::of(&self.recipe, self.state.step),
            latent_pull: (self.recipe.latent_l1 / latents) as f32,
            variational: Variational::of(&self.recipe, self.state.step, scale.into()),
            tied: &self.tied,
        };
        let shards: Vec<&[u32]> = batch.chunks(batch.len().div_ceil(SHARDS)).collect();
        let (model, images) = (&self.state.model, &self.data.train);
        let BatchGradient { shards, statistics } =
            gradient(model, images, &shards, &objective, &self.workers);
        let mut errors = Errors::default();
        shards.iter().for_each(|shard| errors.add(shard.errors));
        let divergence = shards.iter().map(|shard| shard.divergence).sum();
        let figures = StepFigures { loss: errors.of(loss), divergence };
        if self.recipe.start == Start::KMeans {
            self.state.step += 1;
            return figures;
        }

        self.state.model.auxiliary.observe(&statistics);
        let rate = self.recipe.learning_rate_at(self.state.step, self.steps_per_epoch());
        let gradients: Vec<Vec<&[f32]>> = shards.iter().map(ShardGradient::slices).collect();
        adam::update(
            &self.recipe,
            self.state.step,
            rate,
            &mut self.state.model,
            &mut self.state.moments,
            &gradients,
            &self.workers,
        );
        self.state.step += 1;
        figures
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
}
