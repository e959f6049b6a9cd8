//! What a user decides of a detector.

use std::path::{Path, PathBuf};

use ae_core::{Debounce, Layout};
use ae_data::signal::Reading;
use ae_detect::make::DetectorSettings;
use ae_detect::windows::Spacing;
use ae_features::FeaturesConfig;
use ae_model::{Activation, Architecture, AutoencoderConfig, Code};
use ae_run::{Baselines, DetectConfig, Loss, Recipe, RunConfig, Schedule, Start};

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
    /// What is computed of signals first, if anything is: that of the input.
    pub features: Option<FeaturesConfig>,
    /// Whether windows to train on that lie far from all others are left out, of signals.
    pub trim: bool,
    /// Whether a channel with several levels is mapped through its quantiles, of signals.
    pub curves: bool,
    /// Wanted rate of normal windows above the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// Windows above the threshold that make an alarm.
    pub debounce: Debounce,
    /// Whether each pixel's error is weighted by the inverse of its residual variance.
    pub weighted: bool,
    /// Samples on each side of one whose errors are added to its own, at most
    /// [`ae_core::Detection::MAX_SMOOTHING`].
    pub smoothing: u8,
    /// Shapes to choose among by what they notice of planted faults. Where there is none, or where
    /// there are too few windows for it, `shape` is trained.
    pub shapes: Vec<Shape>,
    /// The training of a shape that is chosen may take as many steps as help.
    pub lengths_open: bool,
    /// The model where none is chosen.
    pub shape: Shape,
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

/// The shape of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Widths of the encoder's hidden layers.
    pub hidden: Vec<usize>,
    /// Latent values, or prototypes.
    pub latent: usize,
    /// What the encoder makes of its sums.
    pub code: Code,
    /// Other layers than dense ones. They end in `latent` values, and there are no hidden widths.
    pub architecture: Option<Architecture>,
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
    /// The column that names files, where what was read is a table of them.
    pub file: Option<String>,
    /// Counts of one unit of the files, for each channel; empty where values stay what they are.
    pub counts_per_unit: Vec<f64>,
    /// Numbers that stand for a missing value, as a user said; without it they are found.
    pub missing: Option<Vec<f32>>,
    /// How the files are read, where a user said it.
    pub reading: Reading,
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
    /// Shapes to choose among, none for images.
    pub shapes: Vec<Shape>,
    /// The model where none is chosen.
    pub shape: Shape,
    /// See [`DetectSettings::smoothing`].
    pub smoothing: u8,
    /// How to train.
    pub recipe: Recipe,
}

/// The shapes that are tried for signals: autoencoders, each with the widths of its hidden layers and
/// its latent values, and prototypes. Without a hidden layer, an autoencoder is hardly more than
/// principal components.
fn shapes() -> Vec<Shape> {
    let autoencoders: [(&[usize], usize); 7] =
        [(&[], 2), (&[], 4), (&[], 8), (&[], 16), (&[128], 4), (&[128], 8), (&[128], 16)];
    let autoencoders = autoencoders.map(|(hidden, latent)| Shape::of(hidden, latent));
    autoencoders.into_iter().chain([1, 8, 32].map(Shape::prototypes)).collect()
}

/// A sample of an image is a row, so errors are added over three rows: single pixels, that no model
/// reconstructs, then count less than whole parts that are not as usual.
const IMAGE_SMOOTHING: u8 = 1;

impl Shape {
    fn of(hidden: &[usize], latent: usize) -> Self {
        Self { hidden: hidden.to_vec(), latent, code: Code::Linear, architecture: None }
    }

    /// The shape of these layers, which are for the input's own map.
    ///
    /// # Errors
    /// The layers do not fit each other.
    pub fn layers(architecture: Architecture) -> Result<Self, PipelineError> {
        let latent = architecture.latent()?;
        Ok(Self { architecture: Some(architecture), ..Self::of(&[], latent) })
    }

    /// So many prototypes: the reconstruction of a window is the nearest of them.
    #[must_use]
    pub fn prototypes(count: usize) -> Self {
        Self { code: Code::OneHot, ..Self::of(&[], count) }
    }

    /// The shape of a model.
    pub(super) fn of_model(model: &AutoencoderConfig) -> Self {
        Self {
            hidden: model.hidden.clone(),
            latent: model.latent,
            code: model.code,
            architecture: model.architecture.clone(),
        }
    }

    /// A model of the shape, with so many values in a window.
    pub(super) fn model(&self, features: usize, activation: Activation) -> AutoencoderConfig {
        AutoencoderConfig {
            input: features,
            hidden: self.hidden.clone(),
            latent: self.latent,
            activation,
            code: self.code,
            architecture: self.architecture.clone(),
        }
    }

    /// Whether there are layers between input and latent.
    #[must_use]
    pub fn has_hidden_layers(&self) -> bool {
        !self.hidden.is_empty() || self.architecture.is_some()
    }

    /// The recipe for the shape, of one for autoencoders. Prototypes are made before the first step,
    /// so their training is one look at the windows, and nothing of it is tied, normalised or drawn.
    /// Without hidden layers there is nothing to normalise. No principal component goes through
    /// normalised layers, nor through other layers than dense ones.
    pub(super) fn recipe(&self, recipe: Recipe) -> Recipe {
        if self.code == Code::OneHot {
            return Recipe {
                start: Start::KMeans,
                epochs: 1,
                passes: 1,
                tied: false,
                batch_norm: false,
                variational: 0.0,
                ..recipe
            };
        }
        let batch_norm = recipe.batch_norm && self.has_hidden_layers();
        let start = match batch_norm || self.architecture.is_some() {
            true => Start::Glorot,
            false => recipe.start,
        };
        Recipe { start, batch_norm, ..recipe }
    }

    /// The most latent values that the shape can have of so many windows of so many values.
    pub(super) fn most_latent(&self, windows: usize, features: usize) -> usize {
        match self.code {
            Code::Linear => windows.min(features),
            Code::OneHot => windows,
        }
    }
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
                shapes: shapes(),
                shape: Shape::of(&[128], 4),
                smoothing: 0,
                recipe: Recipe {
                    start: Start::Pca,
                    epochs: 20,
                    batch_size: 64,
                    learning_rate: 1e-3,
                    ..base
                },
            },
            DetectInput::Images { .. } => Self {
                shapes: Vec::new(),
                shape: Shape::of(&[256], 10),
                smoothing: IMAGE_SMOOTHING,
                recipe: Recipe { epochs: 40, batch_size: 128, learning_rate: 1e-3, ..base },
            },
        }
    }
}

impl DetectSettings {
    /// Those that the run in `folder` was made with, by its configuration. Threads are a machine's, and
    /// the order of a core is not in it.
    pub(in crate::pipeline) fn of_run(
        folder: &Path,
        config: &RunConfig,
        detect: &DetectConfig,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            source: DetectSource {
                called: detect.source.clone(),
                time: detect.time.clone(),
                label: detect.label.clone(),
                group: detect.group.clone(),
                recording: detect.recording.clone(),
                file: detect.file.clone(),
                counts_per_unit: detect.counts_per_unit.clone(),
                missing: detect.missing.clone(),
                reading: detect.reading.clone(),
            },
            normal: detect.normal.clone(),
            samples_per_second: detect.samples_per_second,
            spacing: spacing(detect),
            features: detect.features.clone(),
            trim: detect.trim,
            curves: detect.curves,
            alarm_ppm: detect.alarm_ppm,
            debounce: Debounce { hits: detect.hits, of: detect.of },
            weighted: detect.weighted,
            smoothing: detect.smoothing,
            shapes: Vec::new(),
            lengths_open: false,
            shape: Shape::of_model(&config.model),
            activation: config.model.activation,
            recipe: config.recipe.clone(),
            pca: config.baselines != Baselines::Skip,
            arranged: None,
            threads: None,
        }
    }

    /// What the calibration needs of it.
    pub(in crate::pipeline) fn choice(&self) -> Result<DetectorSettings, PipelineError> {
        let narrow = |found: usize| {
            u32::try_from(found).map_err(|_| PipelineError::TooManySamples { found })
        };
        Ok(DetectorSettings {
            alarm_ppm: self.alarm_ppm,
            debounce: self.debounce,
            weighted: self.weighted,
            smoothing: self.smoothing,
            window: narrow(self.spacing.window)?,
            stride: narrow(self.spacing.stride)?,
        })
    }
}

/// How windows of the run are cut. Those of features begin where frames do, whatever a configuration
/// says.
fn spacing(detect: &DetectConfig) -> Spacing {
    let DetectConfig { window, stride, train_stride, .. } = *detect;
    let Some(features) = &detect.features else { return Spacing { window, stride, train_stride } };
    let hop = features.places().hop;
    let [stride, train_stride] = [stride, train_stride].map(|it| it.max(1).next_multiple_of(hop));
    Spacing { window: features.window(), stride, train_stride }
}
