//! What a user decides of a detector.

use std::path::PathBuf;

use ae_core::{Debounce, Layout};
use ae_detect::make::DetectorSettings;
use ae_detect::windows::Spacing;
use ae_model::Activation;
use ae_run::{Loss, Recipe, Schedule};

use super::DetectInput;
use crate::pipeline::PipelineError;

/// How to make a detector.
#[derive(Debug, Clone)]
pub struct DetectSettings {
    /// The run folder. If it holds a run of the same settings, that goes on.
    pub folder: PathBuf,
    /// Where the input was read from.
    pub source: DetectSource,
    /// Labels of what is normal; none where everything is.
    pub normal: Vec<String>,
    /// Samples a second, if known.
    pub samples_per_second: Option<f64>,
    /// How windows are cut.
    pub spacing: Spacing,
    /// Wanted rate of normal windows above the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// Windows above the threshold that make an alarm.
    pub debounce: Debounce,
    /// Whether each pixel's error is weighted by the inverse of its residual variance.
    pub weighted: bool,
    /// Widths of the encoder's hidden layers.
    pub hidden: Vec<usize>,
    /// Latent values.
    pub latent: usize,
    /// The function behind the hidden layers.
    pub activation: Activation,
    /// How to train.
    pub recipe: Recipe,
    /// Whether principal components are made a detector beside it, unless windows are
    /// [large](crate::pipeline::BASELINE_FEATURES).
    pub pca: bool,
    /// Further blobs of the same detectors, for a core.
    pub arranged: Option<ArrangedBlob>,
    /// Threads to train on; the result does not depend on them. Without a number, all that there
    /// are.
    pub threads: Option<usize>,
}

/// Where a detector's input was read from, as its configuration and its report state it.
#[derive(Debug, Clone, Default)]
pub struct DetectSource {
    /// The name of a dataset, or what the user [called](ae_data::called) the files.
    pub called: Vec<String>,
    /// The column of times.
    pub time: Option<String>,
    /// The column of labels.
    pub label: Option<String>,
    /// The column of groups.
    pub group: Option<String>,
    /// The column whose changes end a recording.
    pub recording: Option<String>,
    /// Counts of one unit of the files, for each channel; empty where values stay what they are.
    pub counts_per_unit: Vec<f64>,
}

/// Blobs whose weights lie in the order that one core is fast with.
#[derive(Debug, Clone)]
pub struct ArrangedBlob {
    /// The core's name, which becomes part of the file's.
    pub core: String,
    /// The order.
    pub layout: Layout,
}

/// What makes good detectors where a user decides nothing. For signals it was chosen by validation
/// among the training subjects of `watch-imu`, for images on training images of Fashion-MNIST that
/// were held back.
#[derive(Debug, Clone)]
pub struct DetectorDefaults {
    /// Widths of the encoder's hidden layers.
    pub hidden: Vec<usize>,
    /// Latent values.
    pub latent: usize,
    /// How to train.
    pub recipe: Recipe,
}

impl DetectorDefaults {
    /// For signals or images.
    #[must_use]
    pub fn of(input: &DetectInput) -> Self {
        let base = Recipe {
            loss: Loss::Mse,
            schedule: Schedule::Cosine,
            warmup_steps: 0,
            ..Recipe::default()
        };
        match input {
            DetectInput::Signals(_) => Self {
                hidden: vec![128],
                latent: 4,
                recipe: Recipe { epochs: 20, batch_size: 64, learning_rate: 3e-3, ..base },
            },
            DetectInput::Images { .. } => Self {
                hidden: vec![256],
                latent: 10,
                recipe: Recipe { epochs: 40, batch_size: 128, learning_rate: 1e-3, ..base },
            },
        }
    }
}

impl DetectSettings {
    /// What the calibration needs of it.
    pub(in crate::pipeline) fn choice(&self) -> Result<DetectorSettings, PipelineError> {
        let narrow = |found: usize| {
            u32::try_from(found).map_err(|_| PipelineError::TooManySamples { found })
        };
        Ok(DetectorSettings {
            alarm_ppm: self.alarm_ppm,
            debounce: self.debounce,
            weighted: self.weighted,
            window: narrow(self.spacing.window)?,
            stride: narrow(self.spacing.stride)?,
        })
    }
}
