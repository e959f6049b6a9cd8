//! The run of a detector that goes on by its folder alone: all that was said is in its configuration.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use ae_data::signal::Memory;
use ae_run::{Run, RunError};

use super::{ArrangedBlob, DetectInput, DetectSettings, MadeDetector, Prepared};
use crate::pipeline::longer::{self, GoesOn};
use crate::pipeline::observer::{Note, PipelineObserver};
use crate::pipeline::training::Started;
use crate::pipeline::{PipelineError, windows};

/// How to go on with the run of a detector.
#[derive(Debug, Clone)]
pub struct ResumeSettings {
    /// The run folder.
    pub folder: PathBuf,
    /// Where the data lies that the run was made from, or the name of a dataset.
    pub files: Vec<PathBuf>,
    /// How much memory reading it may take.
    pub memory: Memory,
    /// Train to so many epochs, whatever the run began with. See
    /// [`with_epochs`](ae_run::Recipe::with_epochs) for the learning rate of the further ones.
    pub epochs: Option<u32>,
    /// Further blobs for the core that the run's configuration names.
    pub arranged: Option<ArrangedBlob>,
    /// Threads to train on; the result does not depend on them. Without a number, all that there
    /// are.
    pub threads: Option<usize>,
}

/// Goes on with the run of a detector, which may be finished, and makes all that follows the training
/// again.
///
/// # Errors
/// [`PipelineError`] says what is wrong, and, once the training has begun, what is kept.
pub fn resume(
    settings: &ResumeSettings,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<MadeDetector, PipelineError> {
    let folder = &settings.folder;
    let (run, mut config) = Run::open(folder)?;
    let Some(detect) = &mut config.detect else {
        return Err(PipelineError::NoDetector { run: folder.clone() });
    };
    // The scores of a threshold that came from elsewhere are those of another network.
    let elsewhere = detect.calibrated_on.take();
    if let Some(other) = &elsewhere {
        observer.on_note(&Note::own_windows_again(other));
    }
    let detect = detect.clone();
    let input = DetectInput::of_run(&detect, &settings.files, settings.memory, config.recipe.seed)?;
    let kept = DetectSettings {
        arranged: settings.arranged.clone(),
        threads: settings.threads,
        ..DetectSettings::of_run(folder, &config, &detect)
    };
    let prepared = Prepared::new(&input, kept, observer)?;
    let data = prepared.dataset(folder);
    let (expected, found) = (config.data.digest.clone(), data.digest());
    if expected != found {
        let place = config.data.source.clone();
        return Err(RunError::DataChanged { place, expected, found }.into());
    }
    let GoesOn { checkpoint, is_longer } = longer::go_on(&run, &mut config, settings.epochs)?;
    windows::write(&run, &data)?;
    let is_ahead = is_longer || elsewhere.is_some();
    let started = Started { run, config, data, checkpoint, resumed: true, is_ahead };
    prepared.make(started, observer, stop)
}
