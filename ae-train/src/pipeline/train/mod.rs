//! From images to an autoencoder whose blobs are proved.

mod agreement;
mod baselines;
mod finish;
mod start;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ae_data::{Dataset, Half, Images, Origin};
use ae_model::{Activation, ArchitectureChoice};
use ae_run::{Baselines, DataPlace, Recipe, RunConfig, RunError, file, read_windows};

use super::observer::PipelineObserver;
use super::{PipelineError, windows};

pub use agreement::{LOGIT_TOLERANCE, largest_logit_difference};
pub use summary::{Agreement, BlobFigures, FloatQuality, RunSummary};

/// Latent values where nobody says how many.
pub const LATENT: usize = 20;

/// How to train an autoencoder.
#[derive(Debug, Clone)]
pub struct TrainSettings {
    /// A new run, or one to go on with.
    pub start: TrainStart,
    /// Which linear models are fitted beside it; without it, those that the run began with, and of a
    /// new run [`Baselines::FitUnlessLarge`].
    pub baselines: Option<Baselines>,
    /// Threads to train on; the result does not depend on them. Without a number, all that there
    /// are.
    pub threads: Option<usize>,
}

/// Where a training begins.
#[derive(Debug, Clone)]
pub enum TrainStart {
    /// A run that is not there yet.
    New {
        /// A dataset's name or a folder; without it, what [`ae_data::load`] finds.
        data: Option<String>,
        /// The run folder; without it, one in `runs` that is named by data and shape.
        folder: Option<PathBuf>,
        /// Widths of the encoder's hidden layers, where all are dense.
        hidden: Vec<usize>,
        /// Other layers than dense ones.
        architecture: Option<Box<ArchitectureChoice>>,
        /// Latent values; without a number [`LATENT`], unless the architecture says it.
        latent: Option<usize>,
        /// The function behind the hidden layers.
        activation: Activation,
        /// How to train.
        recipe: Box<Recipe>,
        /// Whether the warm-up takes at most [`WARMUP_SHARE`](ae_run::WARMUP_SHARE) of the run, and
        /// not always as many steps as the recipe says.
        short_warmup: bool,
    },
    /// A run that was begun.
    Resume {
        /// The run folder.
        folder: PathBuf,
        /// Where its data is. Not needed for a dataset with a name.
        data: Option<String>,
        /// Train to so many epochs, whatever the run began with. See [`Recipe::with_epochs`] for the
        /// learning rate of the further ones.
        epochs: Option<u32>,
    },
}

/// A training that has come to its end.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The run folder.
    pub folder: PathBuf,
    /// The figures.
    pub summary: RunSummary,
}

/// Trains an autoencoder and writes its run folder. `stop` ends it after the step at hand; the
/// same run goes on later from its last whole epoch, and ends with the same bytes.
///
/// # Errors
/// [`PipelineError`] says what is wrong, and, once the training has begun, what is kept.
pub fn train(
    settings: &TrainSettings,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<Finished, PipelineError> {
    let mut started = start::start(settings, observer)?;
    let checkpoint = started.checkpoint.take();
    let (run, config) = (&started.run, &started.config);
    observer.on_run(run, config);
    let training = started.training(settings.threads);
    let trainer = training.run(checkpoint, observer, stop)?;
    let summary = finish::finish(&training, &trainer, observer, stop)
        .map_err(|error| error.in_run(run, trainer.epochs_done(), config.recipe.epochs))?;
    Ok(Finished { folder: run.path().to_owned(), summary })
}

/// The data that the run in `run` was made with: from `named`, which a user named; else a dataset by
/// its name, or what the run itself holds. No path of its configuration is opened.
///
/// # Errors
/// It cannot be read, is no longer the same, or must be named.
pub fn data_of_run(
    run: &Path,
    config: &RunConfig,
    named: Option<&str>,
) -> Result<Dataset, PipelineError> {
    let (data, place) = match place(run, config, named)? {
        Some(place) => {
            let data = ae_data::load(Some(place));
            (data.map_err(|source| PipelineError::RunData { source })?, place)
        }
        None => (windows::read(run)?, file::WINDOWS),
    };
    let (expected, found) = (config.data.digest.clone(), data.digest());
    if expected != found {
        return Err(RunError::DataChanged { place: place.to_owned(), expected, found }.into());
    }
    Ok(data)
}

/// The test images of the run in `run`, as [`data_of_run`] finds its data. The training images need
/// not be there.
///
/// # Errors
/// They cannot be read, or must be named.
pub fn test_images_of_run(
    run: &Path,
    config: &RunConfig,
    named: Option<&str>,
) -> Result<(Images, Origin), PipelineError> {
    match place(run, config, named)? {
        Some(place) => Ok(ae_data::load_half(Some(place), Half::Test)?),
        None => {
            let images = read_windows(run, Half::Test)?;
            Ok((images, Origin::Folder(run.join(file::WINDOWS))))
        }
    }
}

/// What the data is loaded by; `None` for the windows that the run itself holds.
fn place<'a>(
    run: &Path,
    config: &'a RunConfig,
    named: Option<&'a str>,
) -> Result<Option<&'a str>, PipelineError> {
    match (named, config.data_place()) {
        (Some(named), _) => Ok(Some(named)),
        (None, DataPlace::Dataset(name)) => Ok(Some(name)),
        (None, DataPlace::Windows) => Ok(None),
        (None, DataPlace::Named(called)) => {
            Err(PipelineError::Unnamed { run: run.to_owned(), called: called.to_owned() })
        }
    }
}
