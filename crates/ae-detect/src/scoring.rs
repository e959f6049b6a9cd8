//! Scores of windows, by a blob as the board computes them and by the float model.

use ae_core::{Calibration, Debounce, Detection, SampleMap};
use ae_data::Images;
use ae_engine as engine;
use ae_engine::EngineError;
use ae_infer::evidence;
use rayon::prelude::*;

use super::roc::float_score;
use super::windows::Windows;

/// A model before it is quantised.
pub trait FloatModel {
    /// The reconstruction of windows of `features` values in 0…1, not rounded.
    fn reconstruct(&self, values: &[f32], features: usize) -> Vec<f32>;
}

/// The exact score of every window by a blob: `Σ weight · (code − reconstructed code)²`. Without
/// weights each code counts 1.
///
/// # Errors
/// The blob cannot be run on these windows.
pub fn scores(blob: &[u8], weights: &[u8], windows: &Images) -> Result<Vec<u64>, EngineError> {
    let reconstructions = engine::reconstruct(blob, windows)?;
    let features = windows.features();
    // Only the weights count here.
    let detection = Detection {
        samples: SampleMap::Pixels,
        window: 1,
        stride: 1,
        weights,
        threshold: 0,
        calibration: Calibration { alarm_ppm: 0, scores: 0, digest: &[] },
        debounce: Debounce::NONE,
    };
    let pairs = windows.pixels().par_chunks(features).zip(reconstructions.par_chunks(features));
    Ok(pairs.map(|(codes, back)| evidence(&detection, 1, codes, back).score).collect())
}

/// The same by the float model, on windows that were neither rounded nor clipped, as integers in
/// the same order.
#[must_use]
pub fn float_scores(model: &dyn FloatModel, weights: &[u8], windows: &Windows) -> Vec<u64> {
    let features = windows.codes.features();
    let reconstructions = model.reconstruct(&windows.exact, features);
    let pairs = windows.exact.par_chunks(features).zip(reconstructions.par_chunks(features));
    let score = |(exact, back): (&[f32], &[f32])| {
        let errors = exact.iter().zip(back).enumerate().map(|(index, (&x, &y))| {
            let weight = f64::from(weights.get(index).copied().unwrap_or(1));
            weight * (255.0 * (f64::from(x) - f64::from(y))).powi(2)
        });
        float_score(errors.sum())
    };
    pairs.map(score).collect()
}

/// The mean squared residual of each feature, in squared codes, by a blob.
///
/// # Errors
/// The blob cannot be run on these windows.
pub fn residuals(blob: &[u8], windows: &Images) -> Result<Vec<f64>, EngineError> {
    let reconstructions = engine::reconstruct(blob, windows)?;
    let features = windows.features();
    let mut sums = vec![0_u64; features];
    for (codes, back) in windows.iter().zip(reconstructions.chunks(features)) {
        for ((sum, &code), &back) in sums.iter_mut().zip(codes).zip(back) {
            *sum += u64::from(code.abs_diff(back)).pow(2);
        }
    }
    let count = windows.len().max(1) as f64;
    Ok(sums.into_iter().map(|sum| sum as f64 / count).collect())
}
