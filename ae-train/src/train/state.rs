//! All that changes during a training.

use serde::{Deserialize, Serialize};

use super::EpochMetrics;
use super::adam::Moments;
use super::parameters::Parameters;

/// The epoch that reconstructs the held-out images best.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The epoch, from 1.
    pub epoch: u32,
    /// Mean squared error of the held-out images' reconstructions.
    pub held_out_mse: f64,
}

/// [`Best`] with its weights.
#[derive(Clone)]
pub(super) struct BestWeights {
    pub(super) best: Best,
    pub(super) parameters: Parameters,
}

/// All that changes during a training.
#[derive(Clone)]
pub(super) struct State {
    pub(super) parameters: Parameters,
    pub(super) moments: Vec<Moments>,
    /// Steps done in the whole training.
    pub(super) step: u64,
    pub(super) metrics: Vec<EpochMetrics>,
    pub(super) best: Option<BestWeights>,
}
