//! All that changes during a training.

use ae_run::{Best, Checkpoint, EpochMetrics, Moments};

use super::parameters::Parameters;

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

impl State {
    /// That of a checkpoint; `start` has the shape of its model.
    pub(super) fn of(checkpoint: Checkpoint, start: &Parameters) -> Self {
        let with = |values: Vec<Vec<f32>>| {
            let mut parameters = start.clone();
            parameters.set(values);
            parameters
        };
        let Checkpoint { weights, moments, step, metrics, best, .. } = checkpoint;
        let best = best.map(|(best, weights)| BestWeights { best, parameters: with(weights) });
        Self { parameters: with(weights), moments, step, metrics, best }
    }
}
