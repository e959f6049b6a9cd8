//! From signals or images of what is normal to a detector of anomalies, and to what it is worth.

pub(super) mod calibrated;
mod choice;
pub(super) mod described;
pub(super) mod input;
mod resume;
mod settings;
mod start;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ae_data::Dataset;
use ae_data::signal::{Piece, Signals};
use ae_detect::conformal;
use ae_detect::make::DetectorSettings;
use ae_detect::need::TooLittleSignal;
use ae_detect::report::{ChoiceFigures, DetectReport, WithoutPca};
use ae_detect::windows::WindowSets;
use ae_model::write_weights;
use ae_run::blobs::BlobRecipe;
use ae_run::{Start, file};

use super::observer::{Note, PipelineObserver};
use super::shortfall::Course;
use super::training::{Started, Training};
use super::{BASELINE_FEATURES, PipelineError, windows};
use calibrated::Detectors;
use choice::Choice;

pub use input::{DetectInput, DividedSignals};
pub use resume::{ResumeSettings, resume};
pub use settings::{ArrangedBlob, DetectSettings, DetectSource, DetectorDefaults, Shape};

/// A detector that has been made.
#[derive(Debug, Clone)]
pub struct MadeDetector {
    /// The run folder.
    pub folder: PathBuf,
    /// What the detector is worth.
    pub report: DetectReport,
}

/// Trains a detector of anomalies, calibrates its threshold, and writes its run folder. `stop` ends
/// it after the step at hand; the same settings go on later from the last whole epoch, and end with
/// the same bytes.
///
/// # Errors
/// [`PipelineError`] says what is wrong, and, once the training has begun, what is kept.
pub fn detect(
    input: &DetectInput,
    settings: &DetectSettings,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<MadeDetector, PipelineError> {
    let mut prepared = Prepared::new(input, settings.clone(), observer)?;
    let choice = prepared.choose(observer, stop)?;
    let started = start::start(&prepared, choice.as_ref())?;
    prepared.make(started, observer, stop)
}

/// A detector before its training: its windows, of which there are enough.
struct Prepared<'a> {
    input: &'a DetectInput,
    settings: DetectSettings,
    windows: WindowSets,
    choice: DetectorSettings,
    notes: Vec<String>,
}

impl<'a> Prepared<'a> {
    /// Cuts the windows. What stands against a detector of them is found before the training, which
    /// may take long.
    fn new(
        input: &'a DetectInput,
        settings: DetectSettings,
        observer: &mut dyn PipelineObserver,
    ) -> Result<Self, PipelineError> {
        let windows = input.windows(&settings)?;
        let notes = [input.notes(), windows.told()].concat();
        notes.iter().for_each(|note| observer.on_note(&Note::Data(note.clone())));
        if let DetectInput::Signals(signal) = input {
            let (rate, spacing) = (settings.samples_per_second, settings.spacing);
            let windows = windows.calibration.len();
            TooLittleSignal::check(windows, settings.alarm_ppm, spacing, &signal.split, rate)?;
        }
        conformal::rank(windows.calibration.len(), settings.alarm_ppm)?;
        let choice = settings.choice()?;
        Ok(Self { input, settings, windows, choice, notes })
    }

    /// Chooses the model, where the settings leave it open and no run has begun with one.
    fn choose(
        &mut self,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<Option<ChoiceFigures>, PipelineError> {
        // Exact principal components take time with the third power of the values of a window.
        if self.windows.train.codes.features() > BASELINE_FEATURES {
            self.settings.recipe.start = Start::Glorot;
        }
        if let Some(begun) = start::begun(&self.settings)? {
            self.settings = begun;
            return Ok(None);
        }
        let settings = &mut self.settings;
        let Some(chosen) = choice::choose(settings, &self.windows, observer, stop)? else {
            settings.recipe = settings.shape.recipe(settings.recipe.clone());
            return Ok(None);
        };
        let Choice { shape, recipe, figures } = chosen;
        (settings.shape, settings.recipe) = (shape, recipe);
        observer.on_choice(&figures);
        Ok(Some(figures))
    }

    /// The data of its run in `folder`.
    fn dataset(&self, folder: &Path) -> Dataset {
        let WindowSets { train, normal, .. } = &self.windows;
        windows::dataset(folder, train.codes.clone(), normal.codes.clone())
    }

    /// Trains it, and writes all that belongs to it.
    fn make(
        self,
        mut started: Started,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<MadeDetector, PipelineError> {
        let Self { input, settings, windows, choice, notes } = self;
        let checkpoint = started.checkpoint.take();
        let (run, config) = (&started.run, &started.config);
        observer.on_run(run, config);
        observer.on_windows(input, &windows);
        let training = started.training(settings.threads);
        let trainer = training.run(checkpoint, observer, stop)?;
        let epochs = config.recipe.epochs;
        let finish = || -> Result<DetectReport, PipelineError> {
            training.settle()?;
            let network = trainer.result_network()?;
            run.write(file::WEIGHTS, &write_weights(&config.model, &network)?)?;
            let work = Work {
                input,
                settings: &settings,
                windows: &windows,
                choice: &choice,
                training: &training,
                recipe: BlobRecipe::of_run(config, &windows.train.codes),
                course: Course::of(&trainer),
                calibrated_on: None,
            };
            let detectors = Detectors::make(&work, network, observer, stop)?;
            detectors.write(&work)?;
            let report = described::describe(&work, &detectors, notes)?;
            described::write(run, &report, observer.draw_report(&report))?;
            Ok(report)
        };
        let report = finish().map_err(|error| error.in_run(run, epochs, epochs))?;
        Ok(MadeDetector { folder: run.path().to_owned(), report })
    }
}

/// What a detector is made of, after its training.
pub(super) struct Work<'a> {
    pub(super) input: &'a DetectInput,
    pub(super) settings: &'a DetectSettings,
    pub(super) windows: &'a WindowSets,
    pub(super) choice: &'a DetectorSettings,
    pub(super) training: &'a Training<'a>,
    pub(super) recipe: BlobRecipe<'a>,
    /// How the training went.
    pub(super) course: Course<'a>,
    /// Recordings that the calibration windows are cut from, if it is not the input.
    pub(super) calibrated_on: Option<(&'a Signals, &'a [Piece])>,
}

impl Work<'_> {
    /// Why there is no PCA.
    fn without_pca(&self) -> WithoutPca {
        let values = self.windows.train.codes.features();
        match values > BASELINE_FEATURES {
            true => WithoutPca::TooLarge { values, most: BASELINE_FEATURES },
            false => WithoutPca::NotWanted,
        }
    }

    /// Whether PCA is wanted and can be had in reasonable time. The observer is told where only the
    /// size of a window speaks against it.
    fn fits_pca(&self, observer: &mut dyn PipelineObserver) -> bool {
        let features = self.windows.train.codes.features();
        if self.settings.pca && features > BASELINE_FEATURES {
            observer.on_note(&Note::TooLargeForBaselines { most: BASELINE_FEATURES });
        }
        self.settings.pca && features <= BASELINE_FEATURES
    }
}
