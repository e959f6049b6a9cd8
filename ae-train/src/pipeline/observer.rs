//! What a pipeline tells, and what it asks to be drawn.

use std::error::Error;

use ae_data::{Dataset, Images};
use ae_detect::report::{ChoiceFigures, DetectReport};
use ae_detect::windows::WindowSets;
use ae_run::{CalibratedOn, EpochMetrics, Run, RunConfig};

use super::detect::input::DetectInput;
use crate::train::{Observer, TrainError, Trainer};

/// A long step of a pipeline that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Epochs are trained.
    Training {
        /// Epochs of the recipe.
        epochs: u32,
    },
    /// A candidate for a detector's model is trained and judged.
    Trying {
        /// Its number, from 1.
        candidate: usize,
        /// How many there are.
        of: usize,
    },
    /// The blobs are made.
    Quantising {
        /// Bytes that it takes at most, beside the data.
        memory_bytes: usize,
    },
    /// The blobs are made, and their thresholds chosen.
    Calibrating {
        /// Bytes that it takes at most, beside the data.
        memory_bytes: usize,
    },
    /// The blobs are run on the test images.
    Testing,
    /// A baseline is fitted.
    Fitting {
        /// Its name.
        baseline: &'static str,
    },
}

/// Something that a user should know, and that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A sentence on how the data was divided.
    Data(String),
    /// A sample is too large for a baseline that nobody asked for.
    TooLargeForBaselines {
        /// Values of a sample up to which baselines are fitted.
        most: usize,
    },
    /// A baseline could not be fitted. The other results do not depend on it.
    NoBaseline {
        /// Its name.
        baseline: &'static str,
        /// Why not.
        reason: String,
    },
}

impl Note {
    /// A threshold that came from other recordings comes from the run's own windows from now on.
    pub(super) fn own_windows_again(other: &CalibratedOn) -> Self {
        let source = other.source.join(", ");
        Self::Data(format!(
            "the threshold came from {source}; it comes from the run's own windows again"
        ))
    }
}

/// A file that an observer has drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Its name in the run folder.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The files that an observer has drawn, or why it could not.
pub type Drawings = Result<Vec<Drawing>, Box<dyn Error + Send + Sync>>;

/// What a model makes of some images.
#[derive(Debug, Clone, Copy)]
pub struct Reconstruction<'a> {
    /// The model's name.
    pub by: &'a str,
    /// Image after image.
    pub pixels: &'a [u8],
}

/// A training after an epoch.
pub struct EpochView<'a, 'd> {
    pub(super) config: &'a RunConfig,
    pub(super) trainer: &'a Trainer<'d>,
    pub(super) data: &'d Dataset,
}

impl EpochView<'_, '_> {
    /// The run's configuration.
    #[must_use]
    pub fn config(&self) -> &RunConfig {
        self.config
    }

    /// The figures of all epochs so far.
    #[must_use]
    pub fn metrics(&self) -> &[EpochMetrics] {
        self.trainer.metrics()
    }

    /// The first `count` test images, and what the model makes of them.
    ///
    /// # Errors
    /// A weight is not finite.
    pub fn reconstructed(&self, count: usize) -> Result<(Images, Vec<u8>), TrainError> {
        let shown = self.data.test.first(count);
        let pixels = self.trainer.reconstruct(&shown)?;
        Ok((shown, pixels))
    }
}

/// Is told how a pipeline goes on. All methods do nothing unless written.
pub trait PipelineObserver: Observer {
    /// The data of a training has been read.
    fn on_data(&mut self, _data: &Dataset) {}

    /// The run folder is there and held.
    fn on_run(&mut self, _run: &Run, _config: &RunConfig) {}

    /// The windows of a detector have been cut. Its run folder is there.
    fn on_windows(&mut self, _input: &DetectInput, _windows: &WindowSets) {}

    /// A detector's model has been chosen.
    fn on_choice(&mut self, _choice: &ChoiceFigures) {}

    /// A run that was begun before goes on; so many epochs are in its checkpoint.
    fn on_resume(&mut self, _done: u32, _epochs: u32) {}

    /// A long step begins. The one before it has ended.
    fn on_phase(&mut self, _phase: Phase) {}

    /// So much of a network is quantised, from 0 to 1; several times a second.
    fn on_quantising(&mut self, _share: f64) {}

    /// Something that a user should know.
    fn on_note(&mut self, _note: &Note) {}

    /// Draws the state of a training after an epoch.
    ///
    /// # Errors
    /// What keeps it from drawing. The pipeline ends with it.
    fn draw_epoch(&mut self, _epoch: &EpochView<'_, '_>) -> Drawings {
        Ok(Vec::new())
    }

    /// Draws images above what each model makes of them.
    ///
    /// # Errors
    /// What keeps it from drawing. The pipeline ends with it.
    fn draw_comparison(&mut self, _images: &Images, _by: &[Reconstruction<'_>]) -> Drawings {
        Ok(Vec::new())
    }

    /// Draws a warning into a finished page of a report, in the place of the one that begins with
    /// `replaced`.
    ///
    /// # Errors
    /// What keeps it from drawing. The pipeline ends with it.
    fn draw_warning(&mut self, _page: &str, _warning: &str, _replaced: &str) -> Drawings {
        Ok(Vec::new())
    }

    /// Draws the report of a detector.
    ///
    /// # Errors
    /// What keeps it from drawing. The pipeline ends with it.
    fn draw_report(&mut self, _report: &DetectReport) -> Drawings {
        Ok(Vec::new())
    }
}

/// The observer that looks away.
impl PipelineObserver for () {}
