//! The one loop that trains a run, whatever becomes of its network.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use ae_core::Contract;
use ae_data::Dataset;
use ae_model::Network;
use ae_quantize::QuantizeError;
use ae_run::blobs::{BlobRecipe, make_blob_watched};
use ae_run::{Checkpoint, Run, RunConfig, file, metrics_csv};

use super::observer::{Drawings, EpochView, Phase, PipelineObserver};
use super::{PipelineError, json, limits};
use crate::train::{EpochOutcome, Trainer};

/// A run folder that is held, and what is trained in it.
pub(super) struct Training<'d> {
    pub(super) run: &'d Run,
    pub(super) config: &'d RunConfig,
    pub(super) data: &'d Dataset,
    /// The run was begun before.
    pub(super) resumed: bool,
    /// Threads to train on; without a number, all that there are.
    pub(super) threads: Option<usize>,
}

/// Whether `data` can be trained on as `config` says, and the network become a blob. Everything
/// that can be wrong is found before the folder is made.
pub(super) fn check(config: &RunConfig, data: &Dataset) -> Result<(), PipelineError> {
    limits::check(&config.model)?;
    Trainer::new(config.model.clone(), config.recipe.clone(), data)?;
    Ok(())
}

impl<'d> Training<'d> {
    /// Trains all epochs that the run's checkpoint does not have yet, and saves after each.
    pub(super) fn run(
        &self,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<Trainer<'d>, PipelineError> {
        let epochs = self.config.recipe.epochs;
        let mut trainer = match self.checkpoint()? {
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

    /// The checkpoint to go on from; a run that was stopped in its first epoch has none.
    fn checkpoint(&self) -> Result<Option<Checkpoint>, PipelineError> {
        let Some(bytes) = self.run.read_checkpoint(self.config)? else { return Ok(None) };
        let folder = self.run.path();
        let has_previous = self.run.has(file::PREVIOUS)?;
        let checkpoint =
            Checkpoint::from_bytes(&bytes).map_err(|source| PipelineError::Checkpoint {
                run: folder.to_owned(),
                checkpoint: folder.join(file::CHECKPOINT),
                previous: has_previous.then(|| folder.join(file::PREVIOUS)),
                source: Box::new(source),
            })?;
        if (&checkpoint.config, &checkpoint.recipe) != (&self.config.model, &self.config.recipe) {
            return Err(PipelineError::ConfigChanged { config: folder.join(file::CONFIG) });
        }
        Ok(Some(checkpoint))
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
        stop: &AtomicBool,
    ) -> Result<Vec<u8>, PipelineError> {
        let watch = &mut |_| match stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        match make_blob_watched(network, contract, recipe, watch) {
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
