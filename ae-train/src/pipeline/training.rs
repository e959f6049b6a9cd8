//! The one loop that trains a run, whatever becomes of its network.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use ae_core::Contract;
use ae_data::Dataset;
use ae_model::Network;
use ae_pca::PcaError;
use ae_quantize::{Quantised, QuantizeError};
use ae_run::blobs::{BlobRecipe, make_blob};
use ae_run::{Checkpoint, Run, RunConfig, Start, file, metrics_csv};

use super::observer::{Drawings, EpochView, Phase, PipelineObserver};
use super::{PipelineError, json, limits, longer};
use crate::train::{EpochOutcome, Trainer};

/// A run folder that is held, and what is trained in it.
pub(super) struct Training<'d> {
    pub(super) run: &'d Run,
    pub(super) config: &'d RunConfig,
    pub(super) data: &'d Dataset,
    /// The run was begun before.
    pub(super) resumed: bool,
    /// The run's file does not have `config` yet: it has when the training has ended.
    pub(super) is_ahead: bool,
    /// Threads to train on; without a number, all that there are.
    pub(super) threads: Option<usize>,
}

/// A run that is ready to train.
pub(super) struct Started {
    pub(super) run: Run,
    /// What is trained now.
    pub(super) config: RunConfig,
    pub(super) data: Dataset,
    /// Where it goes on from, with the recipe of `config`.
    pub(super) checkpoint: Option<Checkpoint>,
    /// It was begun before.
    pub(super) resumed: bool,
    /// See [`Training::is_ahead`].
    pub(super) is_ahead: bool,
}

impl Started {
    pub(super) fn training(&self, threads: Option<usize>) -> Training<'_> {
        let Self { run, config, data, resumed, is_ahead, .. } = self;
        Training { run, config, data, resumed: *resumed, is_ahead: *is_ahead, threads }
    }
}

/// Whether `data` can be trained on as `config` says, and the network become a blob. Everything
/// that can be wrong is found before the folder is made.
pub(super) fn check(config: &RunConfig, data: &Dataset) -> Result<(), PipelineError> {
    limits::check(&config.model)?;
    if config.recipe.start == Start::Pca && config.model.architecture.is_some() {
        return Err(PcaError::NotDense.into());
    }
    Ok(Trainer::check(&config.model, &config.recipe, data)?)
}

/// The checkpoint of a run to go on from; a run that was stopped in its first epoch has none. Its
/// recipe is the configuration's, or that of the same run made longer. A checkpoint from before the
/// run was made longer gets the configuration's.
pub(super) fn checkpoint(
    run: &Run,
    config: &RunConfig,
) -> Result<Option<Checkpoint>, PipelineError> {
    let Some(bytes) = run.read_checkpoint(config)? else { return Ok(None) };
    let has_previous = run.has(file::PREVIOUS)?;
    let folder = run.path();
    let mut checkpoint =
        Checkpoint::from_bytes(&bytes).map_err(|source| PipelineError::Checkpoint {
            run: folder.to_owned(),
            checkpoint: folder.join(file::CHECKPOINT),
            previous: has_previous.then(|| folder.join(file::PREVIOUS)),
            source: Box::new(source),
        })?;
    let recipe = &checkpoint.recipe;
    let is_earlier = config.recipe.goes_on_from(recipe)
        && checkpoint.metrics.len() <= config.recipe.earlier[recipe.earlier.len()].until as usize;
    if is_earlier {
        checkpoint.recipe = config.recipe.clone();
    }
    let recipe = &checkpoint.recipe;
    let same_recipe = *recipe == config.recipe || recipe.goes_on_from(&config.recipe);
    if checkpoint.config != config.model || !same_recipe {
        return Err(PipelineError::ConfigChanged { config: folder.join(file::CONFIG) });
    }
    Ok(Some(checkpoint))
}

impl<'d> Training<'d> {
    /// Trains all epochs that the run's checkpoint does not have yet, and saves after each. The
    /// checkpoint has the recipe of the configuration.
    pub(super) fn run(
        &self,
        checkpoint: Option<Checkpoint>,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<Trainer<'d>, PipelineError> {
        let epochs = self.config.recipe.epochs;
        let mut trainer = match checkpoint {
            Some(checkpoint) => Trainer::resume(checkpoint, self.data)?,
            None => Trainer::new(self.config.model.clone(), self.config.recipe.clone(), self.data)?,
        };
        if let Some(threads) = self.threads {
            trainer = trainer.with_threads(threads);
        }
        if self.resumed {
            observer.on_resume(trainer.epochs_done(), epochs);
        }
        if !trainer.is_finished() {
            observer.on_phase(Phase::Training { epochs });
        }
        while !trainer.is_finished() {
            let kept = trainer.epochs_done();
            match trainer.run_epoch(observer, stop)? {
                EpochOutcome::Finished(_) => self
                    .save(&trainer, observer)
                    .map_err(|error| error.in_run(self.run, kept, epochs))?,
                EpochOutcome::Stopped => return Err(self.stopped(kept)),
            }
        }
        Ok(trainer)
    }

    /// Writes what an epoch leaves, the checkpoint last: what it says is done is on disk.
    fn save(
        &self,
        trainer: &Trainer<'d>,
        observer: &mut dyn PipelineObserver,
    ) -> Result<(), PipelineError> {
        let epoch = EpochView { config: self.config, trainer, data: self.data };
        write_drawings(self.run, observer.draw_epoch(&epoch))?;
        let metrics = trainer.metrics();
        self.run.write(file::METRICS_CSV, &metrics_csv(metrics))?;
        self.run.write(file::METRICS_JSON, &json(&metrics)?)?;
        let checkpoint = trainer.checkpoint().to_bytes().map_err(PipelineError::NoCheckpoint)?;
        Ok(self.run.write_checkpoint(&checkpoint)?)
    }

    /// Makes what was trained the run's, now that it has ended.
    pub(super) fn settle(&self) -> Result<(), PipelineError> {
        match self.is_ahead {
            true => longer::replace_recipe(self.run, self.config),
            false => Ok(()),
        }
    }

    /// An error if the stop flag is up.
    pub(super) fn go_on(&self, stop: &AtomicBool) -> Result<(), PipelineError> {
        match stop.load(Ordering::Relaxed) {
            true => Err(self.stopped(self.config.recipe.epochs)),
            false => Ok(()),
        }
    }

    /// A blob of the run's network, or an error if the stop flag goes up meanwhile.
    pub(super) fn make_blob(
        &self,
        network: &Network,
        contract: Contract,
        recipe: &BlobRecipe<'_>,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<Quantised, PipelineError> {
        let watch = &mut |share| {
            observer.on_quantising(share);
            match stop.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        match make_blob(network, contract, recipe, watch) {
            Err(QuantizeError::Stopped) => Err(self.stopped(self.config.recipe.epochs)),
            made => Ok(made?),
        }
    }

    fn stopped(&self, kept: u32) -> PipelineError {
        let epochs = self.config.recipe.epochs;
        PipelineError::Stopped { run: self.run.path().to_owned(), kept, epochs }
    }
}

/// Writes the files that an observer has drawn.
pub(super) fn write_drawings(run: &Run, drawings: Drawings) -> Result<(), PipelineError> {
    for drawing in drawings.map_err(PipelineError::Draw)? {
        run.write(&drawing.name, &drawing.bytes)?;
    }
    Ok(())
}
