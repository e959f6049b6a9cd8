//! The whole way from data to a run folder with everything in it.
//!
//! [`train()`] makes an autoencoder: data, training, weights, blobs, the proof that the blobs
//! compute what Burn computed, baselines, summary. [`detect()`] makes a detector of anomalies:
//! windows, training, blobs, threshold, principal components, report. Both train by the same loop,
//! which saves a checkpoint after every epoch and goes on from it.
//!
//! Each takes plain settings and tells an [`PipelineObserver`] how it goes on. The observer may
//! draw pictures and pages, which the pipeline writes into the run folder.

pub mod calibrate;
pub mod detect;
mod error;
mod limits;
mod observer;
mod shortfall;
pub mod train;
mod training;

use ae_files::text;

pub use calibrate::{CalibrateSettings, Recalibrated, calibrate};
pub use detect::{DetectSettings, detect};
pub use error::PipelineError;
pub use observer::{Drawing, Drawings, EpochView, Note, Phase, PipelineObserver, Reconstruction};
pub use shortfall::{Reason, Shortfall, Simpler};
pub use train::{Finished, RunSummary, TrainSettings, TrainStart, train};

/// A table of figures as the bytes of a JSON file.
fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, PipelineError> {
    Ok(text::json(&serde_json::to_string_pretty(value)?).into_bytes())
}

/// Above this many values a sample, baselines are fitted only when asked for: exact PCA takes time
/// with their third power.
pub const BASELINE_FEATURES: usize = 2_500;
