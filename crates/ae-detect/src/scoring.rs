//! Scores of windows, by a blob as the board computes them and by the float model.

use ae_core::{Calibration, Debounce, Detection, GroupThresholds, SampleMap};
use ae_data::Images;
use ae_engine as engine;
use ae_engine::EngineError;
use ae_infer::bulk::evidence;
use rayon::prelude::*;

use super::roc::float_score;
use super::windows::Windows;

/// A model before it is quantised.
pub trait FloatModel {
    /// The reconstruction of windows of `features` values in 0…1, not rounded.
    fn reconstruct(&self, values: &[f32], features: usize) -> Vec<f32>;
}

/// How errors become a score: what a blob's [`Detection`] says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScoreRule {
    /// What each code's error counts; empty where each counts 1.
    pub weights: Vec<u8>,
    /// See [`Detection::smoothing`].
    pub smoothing: u8,
}

impl ScoreRule {
    /// As a detector reads it, and nothing else of a detection section.
    fn detection(&self) -> Detection<'_> {
        Detection {
            samples: SampleMap::Pixels,
            window: 1,
            stride: 1,
            weights: &self.weights,
            threshold: 0,
            calibration: Calibration { alarm_ppm: 0, scores: 0, digest: &[] },
            debounce: Debounce::NONE,
            smoothing: self.smoothing,
            features: None,
            groups: GroupThresholds::NONE,
        }
    }
}

/// The exact score of every window by a blob: see [`ae_infer::Evidence::score`].
///
/// # Errors
/// The blob cannot be run on these windows.
pub fn scores(blob: &[u8], rule: &ScoreRule, windows: &Images) -> Result<Vec<u64>, EngineError> {
    let reconstructions = engine::reconstruct(blob, windows)?;
    let (features, channels) = (windows.features(), windows.width());
    let detection = rule.detection();
    let pairs = windows.pixels().par_chunks(features).zip(reconstructions.par_chunks(features));
    Ok(pairs.map(|(codes, back)| evidence(&detection, channels, codes, back).score).collect())
}

/// The same by the float model, on windows that were neither rounded nor clipped, as integers in
/// the same order.
#[must_use]
pub fn float_scores(model: &dyn FloatModel, rule: &ScoreRule, windows: &Windows) -> Vec<u64> {
    let (features, channels) = (windows.codes.features(), windows.codes.width());
    let reconstructions = model.reconstruct(&windows.exact, features);
    let pairs = windows.exact.par_chunks(features).zip(reconstructions.par_chunks(features));
    let score = |(exact, back): (&[f32], &[f32])| {
        let errors = exact.iter().zip(back).map(|(&x, &y)| 255.0 * (f64::from(x) - f64::from(y)));
        let errors = smoothed(&errors.collect::<Vec<f64>>(), channels, rule.smoothing);
        let weighted = errors.iter().enumerate().map(|(index, error)| {
            f64::from(rule.weights.get(index).copied().unwrap_or(1)) * error.powi(2)
        });
        float_score(weighted.sum())
    };
    pairs.map(score).collect()
}

/// The mean squared residual of each feature, in squared codes, by a blob, with as much smoothing as
/// a score has.
///
/// # Errors
/// The blob cannot be run on these windows.
pub fn residuals(blob: &[u8], smoothing: u8, windows: &Images) -> Result<Vec<f64>, EngineError> {
    let reconstructions = engine::reconstruct(blob, windows)?;
    let (features, channels) = (windows.features(), windows.width());
    // Whole numbers, so that no order of the sum matters.
    let mut sums = vec![0.0; features];
    for (codes, back) in windows.iter().zip(reconstructions.chunks(features)) {
        let errors = codes.iter().zip(back).map(|(&code, &back)| f64::from(code) - f64::from(back));
        let errors = smoothed(&errors.collect::<Vec<f64>>(), channels, smoothing);
        sums.iter_mut().zip(errors).for_each(|(sum, error)| *sum += error.powi(2));
    }
    let count = windows.len().max(1) as f64;
    Ok(sums.into_iter().map(|sum| sum / count).collect())
}

/// Errors of samples × channels with those of as many samples on each side added.
fn smoothed(errors: &[f64], channels: usize, smoothing: u8) -> Vec<f64> {
    if smoothing == 0 {
        return errors.to_vec();
    }
    let reach = usize::from(smoothing) * channels;
    let sum = |at: usize| {
        let first = if at >= reach { at - reach } else { at % channels };
        errors.iter().take(at + reach + 1).skip(first).step_by(channels).sum()
    };
    (0..errors.len()).map(sum).collect()
}
