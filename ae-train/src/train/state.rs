//! All that changes during a training.

use ae_run::{Best, Checkpoint, EpochMetrics, Moments};

use super::parameters::Parameters;
use super::training_model::TrainingModel;

/// [`Best`] with the network that came out.
#[derive(Clone)]
pub(super) struct BestWeights {
    pub(super) best: Best,
    pub(super) parameters: Parameters,
}

/// All that changes during a training.
#[derive(Clone)]
pub(super) struct State {
    pub(super) model: TrainingModel,
    pub(super) moments: Vec<Moments>,
    /// Steps done in the whole training.
    pub(super) step: u64,
    pub(super) metrics: Vec<EpochMetrics>,
    pub(super) best: Option<BestWeights>,
}

impl State {
    /// That of a checkpoint; `start` has the shape of its model.
    pub(super) fn of(checkpoint: Checkpoint, start: TrainingModel) -> Self {
        let with = |mut model: TrainingModel, values| {
            model.set(values);
            model
        };
        let Checkpoint { weights, moments, step, metrics, best, .. } = checkpoint;
        let best = best.map(|(best, weights)| BestWeights {
            best,
            parameters: with(start.network.clone().into(), weights).network,
        });
        Self { model: with(start, weights), moments, step, metrics, best }
    }
}
