//! The resolved configuration of a run.

use std::io;
use std::path::{Path, PathBuf};

use ae_data::signal::{Groups, LeftOut, Memory, Missing, Reading, Source, SplitSettings};
use ae_data::{Dataset, is_dataset};
use ae_features::{FeaturesConfig, Frames};
use ae_files::Folder;
use ae_model::AutoencoderConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::{RunError, io_error};
use super::{file, sizes};
use crate::Recipe;

/// The resolved configuration of a run: with the data, it determines the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Name and version of the program.
    pub tool: String,
    /// What is fitted beside the network.
    #[serde(default, skip_serializing_if = "Baselines::is_default")]
    pub baselines: Baselines,
    /// Which data.
    pub data: DataConfig,
    /// Which network.
    pub model: AutoencoderConfig,
    /// How it is trained.
    pub recipe: Recipe,
    /// How the network becomes a detector, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detect: Option<DetectConfig>,
}

/// Where the data of a run is. Its configuration never says a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataPlace<'a> {
    /// Wherever the dataset of this name is.
    Dataset(&'a str),
    /// In the run folder: the windows that a detector's run has cut.
    Windows,
    /// Where the user says. The configuration knows what the user called it, and its digest.
    Named(&'a str),
}

impl RunConfig {
    /// Where the data is.
    #[must_use]
    pub fn data_place(&self) -> DataPlace<'_> {
        match &*self.data.source {
            _ if self.detect.is_some() => DataPlace::Windows,
            name if is_dataset(name) => DataPlace::Dataset(name),
            called => DataPlace::Named(called),
        }
    }

    /// The text of the configuration of the run in `path`.
    pub(crate) fn to_toml(&self, path: &Path) -> Result<String, RunError> {
        toml::to_string_pretty(self).map_err(|error| RunError::Malformed {
            path: path.join(file::CONFIG),
            reason: error.to_string(),
        })
    }

    /// Names of the fields that are otherwise in `other`, such as `recipe.epochs`. What the data was
    /// called is none: its digest says which it is.
    #[must_use]
    pub fn differing_fields(&self, other: &Self) -> Vec<String> {
        let table = |config| match serde_json::to_value(config) {
            Ok(Value::Object(table)) => table,
            _ => Map::new(),
        };
        let (ours, theirs) = (table(self), table(other));
        let differing = |ours: &Map<_, _>, theirs: &Map<_, _>| {
            let names = theirs.keys().chain(ours.keys().filter(|name| !theirs.contains_key(*name)));
            let differ = names.filter(|name| ours.get(*name) != theirs.get(*name));
            differ.cloned().collect::<Vec<String>>()
        };
        let mut fields = Vec::new();
        for section in differing(&ours, &theirs) {
            match (ours.get(&section), theirs.get(&section)) {
                (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
                    let names = differing(ours, theirs);
                    let names = names.iter().filter(|name| *name != "source");
                    fields.extend(names.map(|name| format!("{section}.{name}")));
                }
                _ => fields.push(section),
            }
        }
        fields
    }
}

/// Which linear models are fitted beside an autoencoder. They have no part in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baselines {
    /// PCA and logistic PCA, however long they take.
    Fit,
    /// Both, unless a sample has too many values.
    #[default]
    FitUnlessLarge,
    /// None.
    Skip,
}

impl Baselines {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How windows are cut, and a network becomes a detector. It has no part in the weights but by the
/// windows, which are the run's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectConfig {
    /// The name of a dataset, or what the user [called](ae_data::called) the files. Nothing is opened
    /// by it.
    pub source: Vec<String>,
    /// SHA-256 of what was read from them.
    pub source_digest: String,
    /// The column of times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The column of labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column of groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column whose changes end a recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<String>,
    /// The column that names files, where the source is a table of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Names of the channels.
    pub channels: Vec<String>,
    /// Channels of the files that are not among them, because they stay the same.
    #[serde(default, skip_serializing_if = "LeftOut::is_empty")]
    pub left_out: LeftOut,
    /// Labels of what is normal.
    pub normal: Vec<String>,
    /// Groups that were trained, calibrated and tested on.
    pub groups: [Vec<String>; 3],
    /// Samples of a window.
    pub window: usize,
    /// Samples from one window to the next.
    pub stride: usize,
    /// The same in training.
    pub train_stride: usize,
    /// Whether windows to train on that lie far from all others were left out; older programs left
    /// none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trim: bool,
    /// Whether a channel with several levels is mapped through its quantiles; older programs mapped
    /// each by a straight line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub curves: bool,
    /// Whether samples are i16 counts.
    pub counts: bool,
    /// Counts of one unit of the files, for each channel; empty where they are counts already, or
    /// stay values.
    pub counts_per_unit: Vec<f64>,
    /// Numbers that stand for a missing value, as a user said; without it they were found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<f32>>,
    /// Wanted false-alarm rate in parts per million.
    pub alarm_ppm: u32,
    /// Windows that must exceed the threshold …
    pub hits: u8,
    /// … of so many.
    pub of: u8,
    /// Whether pixels are weighted by the inverse of their residual variance.
    pub weighted: bool,
    /// Samples on each side of one whose errors are added to its own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub smoothing: u8,
    /// Samples a second, for the report, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples_per_second: Option<f64>,
    /// The core that further blobs are arranged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core: Option<String>,
    /// How the files are read, where a user said it.
    #[serde(default, skip_serializing_if = "Reading::is_default")]
    pub reading: Reading,
    /// Where the threshold was chosen again from; without it, from the groups above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibrated_on: Option<CalibratedOn>,
    /// What is computed of the signal, and seen by the model instead of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<FeaturesConfig>,
}

fn is_zero(smoothing: &u8) -> bool {
    *smoothing == 0
}

impl DetectConfig {
    /// How files are read as those of the run were. Where they are, a user says, and how much memory
    /// that may take.
    #[must_use]
    pub fn source(&self, files: Vec<PathBuf>, memory: Memory) -> Source {
        Source {
            files,
            columns: Some(self.channels.clone()),
            time: self.time.clone(),
            label: self.label.clone(),
            group: self.group.clone(),
            recording: self.recording.clone(),
            reading: self.reading.clone(),
            file: self.file.clone(),
            memory,
        }
    }

    /// Where the frames lie that features are computed of, if any are.
    #[must_use]
    pub fn frames(&self) -> Option<Frames> {
        self.features.as_ref().map(FeaturesConfig::places)
    }

    /// Which numbers stand for a missing value.
    #[must_use]
    pub fn missing(&self) -> Missing {
        let (values, counts_per_unit) = (self.missing.clone(), self.counts_per_unit.clone());
        Missing { values, counts_per_unit }
    }

    /// How the run divided its recordings; `seed` is the recipe's.
    #[must_use]
    pub fn split(&self, seed: u64) -> SplitSettings {
        let groups = match &self.groups {
            [train, ..] if train.is_empty() => Groups::Automatic { seed },
            [train, calibrate, test] => Groups::Named {
                train: train.clone(),
                calibrate: calibrate.clone(),
                test: test.clone(),
            },
        };
        let (normal, missing) = (self.normal.clone(), self.missing());
        SplitSettings { normal, groups, gap: self.window, missing }
    }
}

/// Recordings that a threshold was chosen from after the training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibratedOn {
    /// What the user called the files.
    pub source: Vec<String>,
    /// SHA-256 of what was read from them.
    pub source_digest: String,
}

/// The data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// A dataset's name, or what the user [called](ae_data::called) the folder of its files. Nothing
    /// is opened by it.
    pub source: String,
    /// SHA-256 over sizes and pixels.
    pub digest: String,
    /// Images to train on.
    pub train_images: usize,
    /// Images to report on.
    pub test_images: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
}

impl DataConfig {
    /// Of `dataset`, which `source` names.
    #[must_use]
    pub fn of(dataset: &Dataset, source: String) -> Self {
        Self {
            source,
            digest: dataset.digest(),
            train_images: dataset.train.len(),
            test_images: dataset.test.len(),
            height: dataset.train.height(),
            width: dataset.train.width(),
        }
    }
}

/// The configuration of the run in `path`.
///
/// # Errors
/// No run there, or a configuration that cannot be read.
pub fn read_config(path: &Path) -> Result<RunConfig, RunError> {
    open(path).map(|(_, config)| config)
}

/// The folder of the run in `path`, and its configuration.
pub(crate) fn open(path: &Path) -> Result<(Folder, RunConfig), RunError> {
    let folder = Folder::open(path).map_err(|source| no_run(path, path, source))?;
    let config = read_in(path, &folder)?;
    Ok((folder, config))
}

/// The configuration in `folder`, which is at `path`.
pub(crate) fn read_in(path: &Path, folder: &Folder) -> Result<RunConfig, RunError> {
    let file = path.join(file::CONFIG);
    let bytes =
        folder.read(file::CONFIG, sizes::CONFIG).map_err(|source| no_run(path, &file, source))?;
    let malformed = |reason| RunError::Malformed { path: file.clone(), reason };
    let text = String::from_utf8(bytes).map_err(|error| malformed(error.to_string()))?;
    let config: RunConfig =
        toml::from_str(&text).map_err(|error| malformed(in_a_line(&text, &error)))?;
    // Of which no files could be as large as they would have to be.
    config.model.validate().map_err(|error| malformed(error.to_string()))?;
    config.recipe.validate().map_err(|error| malformed(error.to_string()))?;
    Ok(config)
}

/// What is wrong, and in which line of the file, but nothing of what stands there.
fn in_a_line(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    match before.map(|before| 1 + before.matches('\n').count()) {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

fn no_run(path: &Path, tried: &Path, source: io::Error) -> RunError {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            RunError::NotARun { path: path.to_owned(), missing: file::CONFIG }
        }
        _ => io_error("read", tried, source),
    }
}
