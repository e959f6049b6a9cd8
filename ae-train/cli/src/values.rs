//! The library's enumerations as values of options.

use ae_core::PartSelection;
use ae_run::{Loss, Schedule, Start};
use clap::ValueEnum;

/// `--loss`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LossName {
    /// Sigmoid cross-entropy, mean over pixels, from the logits in the form
    /// that cannot overflow: `max(z, 0) − z·x + ln(1 + exp(−|z|))`.
    Bce,
    /// Mean over pixels of `(sigmoid(z) − x)²`.
    Mse,
}

impl From<LossName> for Loss {
    fn from(name: LossName) -> Self {
        match name {
            LossName::Bce => Self::Bce,
            LossName::Mse => Self::Mse,
        }
    }
}

/// `--start`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StartName {
    /// Random weights: Glorot and Bengio, 2010, equation 16.
    Glorot,
    /// Principal components of the training data, and random weights beside them.
    Pca,
}

impl From<StartName> for Start {
    fn from(name: StartName) -> Self {
        match name {
            StartName::Glorot => Self::Glorot,
            StartName::Pca => Self::Pca,
        }
    }
}

/// `--schedule`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ScheduleName {
    /// The same at every step.
    Constant,
    /// Half a cosine from the full rate at the first step to zero after the
    /// last one. Source: Loshchilov and Hutter, "SGDR", 2017, equation 5.
    Cosine,
}

impl From<ScheduleName> for Schedule {
    fn from(name: ScheduleName) -> Self {
        match name {
            ScheduleName::Constant => Self::Constant,
            ScheduleName::Cosine => Self::Cosine,
        }
    }
}

/// `--part`.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum PartName {
    /// Encoder and decoder.
    #[default]
    Both,
    /// Only the encoder: pixels to latent.
    Encoder,
    /// Only the decoder: latent to pixels.
    Decoder,
}

impl From<PartName> for PartSelection {
    fn from(name: PartName) -> Self {
        match name {
            PartName::Both => Self::Both,
            PartName::Encoder => Self::Encoder,
            PartName::Decoder => Self::Decoder,
        }
    }
}
