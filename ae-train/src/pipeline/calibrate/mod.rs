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
use ae_data::{Dataset, Origin};
use ae_detect::conformal;
use ae_detect::report::{DetectReport, ThresholdReport};
use ae_detect::windows::{Spacing, WindowSets};
use ae_model::Network;
use ae_run::blobs::BlobRecipe;
use ae_run::{DetectConfig, EpochMetrics, Run, RunConfig, file};
use serde_json::Value;

use super::PipelineError;
use super::detect::calibrated::Detectors;
use super::detect::{DetectInput, DetectSettings, DetectSource, Work, described};
use super::observer::{Note, PipelineObserver};
use super::shortfall::Course;
use super::training::{self, Training};
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
    let mut own = &settings.own;
    let mut fresh = Fresh::read(&settings.files, &detect, observer)?;
    if fresh.take_if(|it| it.named.source_digest == detect.source_digest).is_some() {
        own = &settings.files;
        let note =
            "these are the recordings that the run was made from; its calibration windows count";
        observer.on_note(&Note::Data(note.to_owned()));
    }
    detect.alarm_ppm = settings.alarm_ppm.unwrap_or(detect.alarm_ppm);
    if let Some(Debounce { hits, of }) = settings.debounce {
        (detect.hits, detect.of) = (hits, of);
    }
    if let Some(fresh) = &fresh {
        detect.calibrated_on = Some(fresh.named.clone());
    } else if let Some(other) = detect.calibrated_on.take() {
        let source = other.source.join(", ");
        observer.on_note(&Note::Data(format!(
            "the threshold came from {source}; it comes from the run's own windows again"
        )));
    }
    config.detect = Some(detect.clone());
    if own.is_empty() {
        observer.on_note(&without("it has not been named on this machine"));
        return kept::calibrate(&run, &config, &detect, fresh.as_ref(), observer);
    }
    match DetectInput::of_run(&detect, own, config.recipe.seed) {
        Ok(input) => anew(&run, &config, &detect, &input, fresh.as_ref(), network, observer, stop),
        Err(reason) => {
            observer.on_note(&without(&reason.to_string()));
            kept::calibrate(&run, &config, &detect, fresh.as_ref(), observer)
        }
    }
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
    let mut windows = input.windows(settings.spacing, &settings.normal)?;
    if let Some(fresh) = fresh {
        windows.calibration = fresh.windows(settings.spacing.window, &windows.maps)?;
    }
    let notes = [input.notes(), windows.notes.clone()].concat();
    conformal::rank(windows.calibration.len(), settings.alarm_ppm)?;
    let choice = settings.choice()?;
    observer.on_run(run, config);
    observer.on_windows(input, &windows);
    let data = dataset(run, &windows);
    let epochs: Vec<EpochMetrics> = match run.read(file::METRICS_JSON)? {
        Some(bytes) => serde_json::from_slice(&bytes)?,
        None => Vec::new(),
    };
    let (steps, learning_rate) = (training::check(config, &data)?, config.recipe.learning_rate);
    let work = Work {
        input,
        settings: &settings,
        windows: &windows,
        choice: &choice,
        training: &Training { run, config, data: &data, resumed: true, threads: None },
        recipe: BlobRecipe::of_run(config, &windows.train.codes),
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
    // What only the report has: the rate.
    let report: Value = match run.read(file::REPORT_JSON)? {
        Some(bytes) => serde_json::from_slice(&bytes)?,
        None => Value::Null,
    };
    Ok(DetectSettings {
        folder: run.path().to_owned(),
        source: DetectSource {
            called: detect.source.clone(),
            time: detect.time.clone(),
            label: detect.label.clone(),
            group: detect.group.clone(),
            recording: detect.recording.clone(),
            counts_per_unit: detect.counts_per_unit.clone(),
        },
        normal: detect.normal.clone(),
        samples_per_second: report["data"]["samples_per_second"].as_f64(),
        spacing: Spacing {
            window: detect.window,
            stride: detect.stride,
            train_stride: detect.train_stride,
        },
        alarm_ppm: detect.alarm_ppm,
        debounce: Debounce { hits: detect.hits, of: detect.of },
        weighted: detect.weighted,
        hidden: config.model.hidden.clone(),
        latent: config.model.latent,
        activation: config.model.activation,
        recipe: config.recipe.clone(),
        pca: run.read(file::PCA_INT8_BLOB)?.is_some(),
        arranged: None,
        threads: None,
    })
}

/// The run's data: the windows that it was trained and tested on.
fn dataset(run: &Run, windows: &WindowSets) -> Dataset {
    Dataset {
        name: file::WINDOWS.to_owned(),
        origin: Origin::Folder(run.path().join(file::WINDOWS)),
        train: windows.train.codes.clone(),
        test: windows.normal.codes.clone(),
    }
}
