//! From a quantised model to a detector.

use ae_core::{Calibration, Debounce, Detection, GroupThresholds, RewriteError, with_detection};
use ae_data::Images;
use ae_engine::EngineError;
use ae_features::Features;

use super::conformal::{ConformalError, Threshold};
use super::groups;
use super::scoring::{ScoreRule, residuals, scores};
use super::weights::{WeightsError, weights};
use super::windows::{WindowSets, Windows};

/// Share of the mean residual variance that is added to each code's before it is inverted, so that
/// one that hardly varies does not outweigh all others. Chosen by validation on training subjects
/// and images; between a hundredth and all of it, little changes.
pub const VARIANCE_FLOOR: f64 = 0.1;

/// What a user decides about a detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectorSettings {
    /// Wanted rate of windows that exceed the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// How many must, for an alarm.
    pub debounce: Debounce,
    /// Whether each code's error is weighted by the inverse of its residual variance.
    pub weighted: bool,
    /// See [`Detection::smoothing`].
    pub smoothing: u8,
    /// Samples of a window, of the signal.
    pub window: u32,
    /// Samples from one window to the next, of the signal.
    pub stride: u32,
}

/// A model that has become a detector, with what its threshold comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibratedDetector {
    /// The blob, with its detection section.
    pub blob: Vec<u8>,
    /// How its errors become a score.
    pub rule: ScoreRule,
    /// The threshold.
    pub threshold: Threshold,
    /// How many windows must exceed it.
    pub debounce: Debounce,
    /// Scores of all windows but those of the training.
    pub scores: SetScores,
}

/// Scores of the windows of each set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetScores {
    /// See [`WindowSets::calibration`].
    pub calibration: Vec<u64>,
    /// See [`WindowSets::held_out`].
    pub held_out: Vec<u64>,
    /// See [`WindowSets::normal`].
    pub normal: Vec<u64>,
    /// See [`WindowSets::abnormal`].
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

/// The rule that a user wants: where it is weighted, the weight of each code comes from the model's
/// residuals on windows that it was trained on.
///
/// # Errors
/// A blob of another size than the windows.
pub fn rule_of(
    blob: &[u8],
    windows: &Images,
    weighted: bool,
    smoothing: u8,
) -> Result<ScoreRule, MakeError> {
    if !weighted {
        return Ok(ScoreRule { weights: Vec::new(), smoothing });
    }
    let residuals = residuals(blob, smoothing, windows)?;
    let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
    // A model without any error leaves them all alike.
    let weights = weights(&residuals, (VARIANCE_FLOOR * mean).max(f64::MIN_POSITIVE))?;
    Ok(ScoreRule { weights, smoothing })
}

/// Weighs the codes by the model's residuals on the training windows, scores, calibrates, and
/// writes all that into the blob.
///
/// # Errors
/// A blob of another size than the windows, or too few calibration windows.
pub fn make(
    blob: &[u8],
    sets: &WindowSets,
    settings: &DetectorSettings,
) -> Result<CalibratedDetector, MakeError> {
    let DetectorSettings { weighted, smoothing, .. } = *settings;
    let rule = rule_of(blob, &sets.train.codes, weighted, smoothing)?;
    let of = |windows: &Windows| scores(blob, &rule, &windows.codes);
    let scores = SetScores {
        calibration: of(&sets.calibration)?,
        held_out: of(&sets.held_out)?,
        normal: of(&sets.normal)?,
        abnormal: of(&sets.abnormal)?,
    };
    let threshold = Threshold::calibrate(&scores.calibration, settings.alarm_ppm)?;
    let groups = match sets.calibrates_on_new_groups {
        true => {
            groups::thresholds(&scores.calibration, &sets.calibration.groups, settings.alarm_ppm)
        }
        false => Vec::new(),
    };
    let section = sets.maps.section();
    let (window, stride) = in_frames(sets.features.as_ref(), settings);
    let blob = with_detection(
        blob,
        &Detection {
            samples: sets.maps.sample_map(&section),
            window,
            stride,
            weights: &rule.weights,
            threshold: threshold.threshold,
            calibration: Calibration {
                alarm_ppm: settings.alarm_ppm,
                scores: u32::try_from(threshold.scores).unwrap_or(u32::MAX),
                digest: &threshold.digest,
            },
            debounce: settings.debounce,
            smoothing,
            features: sets.features.as_ref().map(Features::lend),
            groups: GroupThresholds(&groups),
        },
    )?;
    Ok(CalibratedDetector { blob, rule, threshold, debounce: settings.debounce, scores })
}

/// Window and stride as a blob counts them: in frames, where features are computed.
fn in_frames(features: Option<&Features>, settings: &DetectorSettings) -> (u32, u32) {
    let DetectorSettings { window, stride, .. } = *settings;
    let Some(frames) = features.map(Features::places) else { return (window, stride) };
    // No more than there are samples.
    let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (narrow(frames.in_samples(window as usize)), narrow(stride as usize / frames.hop))
}
