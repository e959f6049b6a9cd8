//! Another threshold for a detector that is trained already.
//!
//! Where the run's own data can be read, all that follows the training is made again, so that blobs
//! and report are those of a run that had this threshold from the beginning. Where it cannot, the
//! blobs have their thresholds replaced, and the report says which of its figures are of the one
//! before. Everything is computed before the first file is written.

mod fresh;
mod kept;
mod variants;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use ae_core::Debounce;
use ae_data::signal::Memory;
use ae_detect::conformal;
use ae_detect::report::{DetectReport, ThresholdReport};
use ae_detect::view::View;
use ae_files::hex;
use ae_model::Network;
use ae_run::blobs::BlobRecipe;
use ae_run::{DetectConfig, EpochMetrics, Run, RunConfig, file};
use serde_json::Value;

use super::detect::calibrated::Detectors;
use super::detect::{DetectInput, DetectSettings, Work, described};
use super::observer::{Note, PipelineObserver};
use super::shortfall::Course;
use super::training::Training;
use super::{PipelineError, windows};
use crate::train::steps_per_epoch;
use fresh::Fresh;

/// How to choose a threshold again.
#[derive(Debug, Clone)]
pub struct CalibrateSettings {
    /// The run folder of a detector.
    pub folder: PathBuf,
    /// Wanted rate of normal windows above the threshold, in parts per million; without it the
    /// run's.
    pub alarm_ppm: Option<u32>,
    /// Windows above the threshold that make an alarm; without it the run's.
    pub debounce: Option<Debounce>,
    /// Files of further normal recordings to choose it from; none, or those that the run was made
    /// from, for the run's own windows.
    pub files: Vec<PathBuf>,
    /// How much memory reading files may take.
    pub memory: Memory,
    /// Where the data lies that the run was made from, if a user has said so, or the name of a dataset.
    pub own: Vec<PathBuf>,
}

/// A detector with another threshold.
#[derive(Debug, Clone)]
pub struct Recalibrated {
    /// The run folder.
    pub folder: PathBuf,
    /// The threshold of the int8 blob.
    pub threshold: ThresholdReport,
    /// What the detector is worth now; `None` where the run's data could not be read.
    pub report: Option<DetectReport>,
}

/// Chooses the threshold of a detector again, without training, and writes it into the run's blobs,
/// configuration and report. `network` is the run's.
///
/// # Errors
/// No run of a detector, too few windows for the wanted rate, or files that cannot be read.
pub fn calibrate(
    settings: &CalibrateSettings,
    network: Network,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<Recalibrated, PipelineError> {
    let folder = &settings.folder;
    let (run, mut config) = Run::open(folder)?;
    let Some(mut detect) = config.detect.clone() else {
        return Err(PipelineError::NoDetector { run: folder.clone() });
    };
    let (memory, seed) = (settings.memory, config.recipe.seed);
    // The run's own data, and other recordings.
    let (mut own, mut fresh) = (None, None);
    if !settings.files.is_empty() {
        let signals = fresh::read(&settings.files, memory, &detect)?;
        let digest = hex(&signals.digest());
        if digest == detect.source_digest {
            let note = "these are the recordings that the run was made from; its calibration windows \
                        count";
            observer.on_note(&Note::Data(note.to_owned()));
            own = Some(DetectInput::of_signals_of_run(&detect, signals, seed));
        } else {
            fresh = Some(Fresh::of(signals, digest, &settings.files, &detect, observer));
        }
    }
    if own.is_none() && !settings.own.is_empty() {
        own = Some(DetectInput::of_run(&detect, &settings.own, memory, seed));
    }
    detect.alarm_ppm = settings.alarm_ppm.unwrap_or(detect.alarm_ppm);
    if let Some(Debounce { hits, of }) = settings.debounce {
        (detect.hits, detect.of) = (hits, of);
    }
    if let Some(fresh) = &fresh {
        detect.calibrated_on = Some(fresh.named.clone());
    } else if let Some(other) = detect.calibrated_on.take() {
        observer.on_note(&Note::own_windows_again(&other));
    }
    config.detect = Some(detect.clone());
    let reason = match own {
        Some(Ok(input)) => {
            return anew(&run, &config, &detect, &input, fresh.as_ref(), network, observer, stop);
        }
        Some(Err(reason)) => reason.to_string(),
        None => "it has not been named on this machine".to_owned(),
    };
    observer.on_note(&without(&reason));
    kept::calibrate(&run, &config, &detect, fresh.as_ref(), observer)
}

/// What is told where the run's data cannot be read.
fn without(reason: &str) -> Note {
    Note::Data(format!(
        "the data that the run began with cannot be read ({reason}); the blobs get another threshold, \
         and the report says which figures are of the one before"
    ))
}

/// Makes all that follows the training again.
#[expect(clippy::too_many_arguments, reason = "the parts of a run, each read once")]
fn anew(
    run: &Run,
    config: &RunConfig,
    detect: &DetectConfig,
    input: &DetectInput,
    fresh: Option<&Fresh>,
    network: Network,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<Recalibrated, PipelineError> {
    let settings = settings_of(run, config, detect)?;
    let mut sets = input.windows(&settings)?;
    if let Some(Fresh { signals, pieces, .. }) = fresh {
        let features = input.features_of(signals)?;
        let view = View { signals, features: features.as_ref() };
        sets.calibrate_on(view, pieces, settings.spacing.window)?;
    }
    let notes = [input.notes(), sets.told()].concat();
    conformal::rank(sets.calibration.len(), settings.alarm_ppm)?;
    let choice = settings.choice()?;
    observer.on_run(run, config);
    observer.on_windows(input, &sets);
    let data = windows::dataset(run.path(), sets.train.codes.clone(), sets.normal.codes.clone());
    let epochs: Vec<EpochMetrics> = match run.read(file::METRICS_JSON)? {
        Some(bytes) => serde_json::from_slice(&bytes)?,
        None => Vec::new(),
    };
    let steps = steps_per_epoch(&config.recipe, data.train.len());
    let learning_rate = config.recipe.learning_rate;
    let training =
        Training { run, config, data: &data, resumed: true, is_ahead: false, threads: None };
    let work = Work {
        input,
        settings: &settings,
        windows: &sets,
        choice: &choice,
        training: &training,
        recipe: BlobRecipe::of_run(config, &sets.train.codes),
        course: Course { epochs: &epochs, steps, learning_rate },
        calibrated_on: fresh.map(|fresh| (&fresh.signals, &fresh.pieces[..])),
    };
    let detectors = Detectors::make(&work, network, observer, stop)?;
    let report = described::describe(&work, &detectors, notes)?;
    let drawings = observer.draw_report(&report);
    let variants = variants::with_sections(run, &detectors.blobs(), observer)?;
    // From here on the run is another one; the same command mends what a kill leaves.
    run.write_config(config)?;
    detectors.write(&work)?;
    variants::write(run, &variants)?;
    described::write(run, &report, drawings)?;
    let threshold = report.threshold.clone();
    Ok(Recalibrated { folder: run.path().to_owned(), threshold, report: Some(report) })
}

/// What the run's detector was made with, by its configuration and the files that are there.
fn settings_of(
    run: &Run,
    config: &RunConfig,
    detect: &DetectConfig,
) -> Result<DetectSettings, PipelineError> {
    let mut settings = DetectSettings::of_run(run.path(), config, detect);
    // Older programs kept neither in the configuration.
    settings.pca = run.has(file::PCA_INT8_BLOB)?;
    if settings.samples_per_second.is_none()
        && let Some(report) = run.read(file::REPORT_JSON)?
    {
        let report: Value = serde_json::from_slice(&report)?;
        settings.samples_per_second = report["data"]["samples_per_second"].as_f64();
    }
    Ok(settings)
}
