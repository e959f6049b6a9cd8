//! From images to an autoencoder whose blobs are proved.

mod agreement;
mod baselines;
mod finish;
mod start;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ae_data::{Dataset, Half, Images, Origin};
use ae_model::Activation;
use ae_run::{Baselines, DataPlace, Recipe, RunConfig, RunError, file, read_windows};

use super::PipelineError;
use super::observer::PipelineObserver;
use super::training::Training;
use start::Started;

pub use agreement::{LOGIT_TOLERANCE, largest_logit_difference};
pub use summary::{Agreement, BlobFigures, FloatQuality, RunSummary};

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
        /// Widths of the encoder's hidden layers.
        hidden: Vec<usize>,
        /// Latent values.
        latent: usize,
        /// The function behind the hidden layers.
        activation: Activation,
        /// How to train.
        recipe: Recipe,
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
    let Started { run, config, data, checkpoint, resumed } = start::start(settings, observer)?;
    observer.on_run(&run, &config);
    let threads = settings.threads;
    let training = Training { run: &run, config: &config, data: &data, resumed, threads };
    let trainer = training.run(checkpoint, observer, stop)?;
    let summary = finish::finish(&training, &trainer, observer, stop)
        .map_err(|error| error.in_run(&run, trainer.epochs_done(), config.recipe.epochs))?;
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
    let load = |place| {
        let data = ae_data::load(Some(place)).map_err(|source| PipelineError::RunData { source });
        Ok::<_, PipelineError>((data?, place))
    };
    let (data, place) = match (named, config.data_place()) {
        (Some(named), _) => load(named)?,
        (None, DataPlace::Dataset(name)) => load(name)?,
        (None, DataPlace::Named(called)) => return Err(unnamed(run, called)),
        (None, DataPlace::Windows) => (windows_of(run)?, file::WINDOWS),
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
    let place = match (named, config.data_place()) {
        (Some(named), _) => named,
        (None, DataPlace::Dataset(name)) => name,
        (None, DataPlace::Named(called)) => return Err(unnamed(run, called)),
        (None, DataPlace::Windows) => {
            let images = read_windows(run, Half::Test)?;
            return Ok((images, Origin::Folder(run.join(file::WINDOWS))));
        }
    };
    Ok(ae_data::load_half(Some(place), Half::Test)?)
}

fn windows_of(run: &Path) -> Result<Dataset, RunError> {
    Ok(Dataset {
        name: file::WINDOWS.to_owned(),
        origin: Origin::Folder(run.join(file::WINDOWS)),
        train: read_windows(run, Half::Train)?,
        test: read_windows(run, Half::Test)?,
    })
}

fn unnamed(run: &Path, called: &str) -> PipelineError {
    PipelineError::Unnamed { run: run.to_owned(), called: called.to_owned() }
}
