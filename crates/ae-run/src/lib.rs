//! The run folder: what a training leaves on disk.
//!
//! A [`Run`] is the folder, held by one process at a time. [`RunConfig`] is the resolved
//! configuration in it: data, model, [`Recipe`], detector. Whoever made the folder decides nothing
//! outside of it: no link in it is followed, and no path in it is opened. [`blobs`] makes the run's blobs again
//! from configuration, weights and data alone.
#![forbid(unsafe_code)]

pub mod blobs;
mod checkpoint;
mod config;
mod error;
mod files;
mod folder;
mod metrics;
mod recipe;
mod sizes;
mod tensors;

pub use checkpoint::{Best, Checkpoint, CheckpointError, Moments};
pub use config::{
    Baselines, CalibratedOn, DataConfig, DataPlace, DetectConfig, RunConfig, read_config,
};
pub use error::RunError;
pub use files::{read_in_run, read_weights, read_windows, windows_name, write_in_run};
pub use folder::{Run, is_run};
pub use metrics::{EpochMetrics, metrics_csv};
pub use recipe::{Loss, MOST_EPOCHS, Recipe, RecipeError, Schedule, Stage, Start, WARMUP_SHARE};
pub use sizes::BLOB as MOST_BLOB_BYTES;
pub use tensors::of_training as training_tensors;

/// Names of the files in a run folder.
pub mod file {
    /// The resolved configuration, written before the training starts.
    pub const CONFIG: &str = "config.toml";
    /// Everything that resuming needs; replaced after every epoch.
    pub const CHECKPOINT: &str = "checkpoint.safetensors";
    /// The checkpoint of the epoch before.
    pub const PREVIOUS: &str = "checkpoint.previous.safetensors";
    /// One line an epoch.
    pub const METRICS_CSV: &str = "metrics.csv";
    /// The same as JSON.
    pub const METRICS_JSON: &str = "metrics.json";
    /// The figures of the whole run.
    pub const SUMMARY_JSON: &str = "summary.json";
    /// The same on a page for a person.
    pub const SUMMARY_MD: &str = "summary.md";
    /// The trained weights.
    pub const WEIGHTS: &str = "weights.safetensors";
    /// The model in the f32 contract.
    pub const F32_BLOB: &str = "model.f32.aeb";
    /// The model in the int8 contract.
    pub const INT8_BLOB: &str = "model.int8.aeb";
    /// Principal components in the int8 contract.
    pub const PCA_INT8_BLOB: &str = "pca.int8.aeb";
    /// Principal components in the f32 contract.
    pub const PCA_F32_BLOB: &str = "pca.f32.aeb";
    /// Originals, autoencoder, logistic PCA and PCA in rows.
    pub const COMPARISON: &str = "comparison.png";
    /// The windows that a detector was trained and tested on, as IDX files.
    pub const WINDOWS: &str = "windows";
    /// The scores that a detector's threshold was chosen from, one a line.
    pub const CALIBRATION: &str = "calibration-scores.csv";
    /// The same of the f32 detector.
    pub const CALIBRATION_F32: &str = "calibration-scores.f32.csv";
    /// The same of principal components.
    pub const CALIBRATION_PCA: &str = "calibration-scores.pca.csv";
    /// How a detector's model was chosen.
    pub const CHOICE: &str = "choice.json";
    /// The blobs of a detector's run, each with the scores that its threshold was chosen from: int8,
    /// f32, and principal components, which not every run has.
    pub const DETECTORS: [(&str, &str); 3] =
        [(INT8_BLOB, CALIBRATION), (F32_BLOB, CALIBRATION_F32), (PCA_INT8_BLOB, CALIBRATION_PCA)];
    /// What a detector is worth, as a page.
    pub const REPORT_HTML: &str = "report.html";
    /// The same as JSON.
    pub const REPORT_JSON: &str = "report.json";
    /// Loss over epochs.
    pub const LOSS: &str = "loss.svg";
    /// Held by the process that works in the folder.
    pub const LOCK: &str = "run.lock";

    /// Test images and their reconstructions after an epoch, counted from 1.
    #[must_use]
    pub fn epoch_picture(epoch: u32) -> String {
        format!("epoch-{epoch:03}.png")
    }
}
