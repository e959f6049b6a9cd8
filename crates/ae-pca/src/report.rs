//! Figures of a baseline, as the summary prints them.

use serde::{Deserialize, Serialize};

/// Mean squared error over all pixels, in units of (pixel / 255)².
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SquaredError {
    /// Of the reconstruction as the model gives it.
    pub unclipped: f64,
    /// Of the reconstruction clipped to 0..=1, as a picture shows it.
    pub clipped: f64,
}

/// One baseline on one data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineReport {
    /// Name for tables, such as `PCA`.
    pub name: String,
    /// Numbers that an image is reduced to.
    pub latent: usize,
    /// Mean cross-entropy of a test pixel in nats; `None` where the model gives no probability.
    pub test_bce: Option<f64>,
    /// Mean squared error of a test pixel, unclipped.
    pub test_mse: f64,
    /// Mean squared error of a test pixel after clipping to 0..=1.
    pub test_mse_clipped: f64,
    /// Seconds that the fit took.
    pub seconds: f64,
}
