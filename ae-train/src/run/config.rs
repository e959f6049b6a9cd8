//! The resolved configuration of a run.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{RunError, io_error};
use super::file;
use crate::data::Dataset;
use crate::model::AutoencoderConfig;
use crate::train::Recipe;

/// The resolved configuration of a run: with the data, it determines the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Name and version of the program.
    pub tool: String,
    /// Which data.
    pub data: DataConfig,
    /// Which network.
    pub model: AutoencoderConfig,
    /// How it is trained.
    pub recipe: Recipe,
}

/// The data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// As given to `--data`; what `train` found by itself, if nothing was given.
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
    let file = path.join(file::CONFIG);
    let text = fs::read_to_string(&file).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            RunError::NotARun { path: path.to_owned(), missing: file::CONFIG }
        }
        _ => io_error("read", &file, source),
    })?;
    toml::from_str(&text)
        .map_err(|error| RunError::Malformed { path: file, reason: error.to_string() })
}
