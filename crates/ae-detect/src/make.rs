//! From a quantised model to a detector.

use ae_core::{Calibration, Debounce, Detection, RewriteError, with_detection};
use ae_engine::EngineError;

use super::conformal::{ConformalError, Threshold};
use super::scoring::{residuals, scores};
use super::weights::{WeightsError, weights};
use super::windows::{Parts, Windows};

/// Share of the mean residual variance that is added to each pixel's before it is inverted, so that
/// one that hardly varies does not outweigh all others. Chosen by validation on training subjects
/// and images; between a hundredth and all of it, little changes.
pub const VARIANCE_FLOOR: f64 = 0.1;

/// What a user decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Wanted rate of windows that exceed the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// How many must, for an alarm.
    pub debounce: Debounce,
    /// Whether each pixel's error is weighted by the inverse of its residual variance.
    pub weighted: bool,
    /// Samples of a window.
    pub window: u32,
    /// Samples from one window to the next.
    pub stride: u32,
}

/// A model that has become a detector.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The blob, with its detection section.
    pub blob: Vec<u8>,
    /// What each pixel's error counts; empty where each counts 1.
    pub weights: Vec<u8>,
    /// The threshold.
    pub threshold: Threshold,
    /// How many windows must exceed it.
    pub debounce: Debounce,
    /// Scores of all windows but those of the training.
    pub scores: PartScores,
}

/// Scores of the windows of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartScores {
    /// See [`Parts::calibration`].
    pub calibration: Vec<u64>,
    /// See [`Parts::held_out`].
    pub held_out: Vec<u64>,
    /// See [`Parts::normal`].
    pub normal: Vec<u64>,
    /// See [`Parts::abnormal`].
    pub abnormal: Vec<u64>,
}

/// Why a model does not become a detector.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The blob cannot be run on the windows.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is no threshold for the wanted rate.
    #[error(transparent)]
    Conformal(#[from] ConformalError),
    /// The weights cannot be had.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The section cannot be written.
    #[error(transparent)]
    Write(#[from] RewriteError),
}

/// Weighs the pixels by the model's residuals on the training windows, scores, calibrates, and
/// writes all that into the blob.
///
/// # Errors
/// A blob of another size than the windows, or too few calibration windows.
pub fn make(blob: &[u8], parts: &Parts, choice: &Choice) -> Result<Made, MakeError> {
    let weights = match choice.weighted {
        false => Vec::new(),
        true => {
            let residuals = residuals(blob, &parts.train.pixels)?;
            let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
            // A model without any error leaves them all alike.
            weights(&residuals, (VARIANCE_FLOOR * mean).max(f64::MIN_POSITIVE))?
        }
    };
    let of = |windows: &Windows| scores(blob, &weights, &windows.pixels);
    let scores = PartScores {
        calibration: of(&parts.calibration)?,
        held_out: of(&parts.held_out)?,
        normal: of(&parts.normal)?,
        abnormal: of(&parts.abnormal)?,
    };
    let threshold = Threshold::calibrate(&scores.calibration, choice.alarm_ppm)?;
    let section = parts.maps.section();
    let blob = with_detection(
        blob,
        &Detection {
            samples: parts.maps.sample_map(&section),
            window: choice.window,
            stride: choice.stride,
            weights: &weights,
            threshold: threshold.threshold,
            calibration: Calibration {
                alarm_ppm: choice.alarm_ppm,
                scores: u32::try_from(threshold.scores).unwrap_or(u32::MAX),
                digest: &threshold.digest,
            },
            debounce: choice.debounce,
        },
    )?;
    Ok(Made { blob, weights, threshold, debounce: choice.debounce, scores })
}
