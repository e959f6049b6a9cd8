//! The gradient of a batch: all its shards, forward and back.

use ae_data::Images;
use ae_run::Loss;
use burn::tensor::TensorData;

use super::batch_norm::Sums;
use super::noise::Noise;
use super::output::Errors;
use super::parameters::slice;
use super::pass::{Backward, Forward};
use super::tie::{self, Pair};
use super::training_model::TrainingModel;
use super::variational::Variational;
use super::workers::Workers;

/// The gradient of one shard, and its share of the loss.
pub(super) struct ShardGradient {
    /// Sums over the shard's pixels, not scaled.
    pub(super) errors: Errors,
    /// Kullback-Leibler divergence, summed over the shard's images; 0 where no latents are drawn.
    pub(super) divergence: f64,
    /// For each layer the gradient at the weights, `[inputs, outputs]`.
    pub(super) weights: Vec<TensorData>,
    /// For each layer the gradient at the bias.
    pub(super) biases: Vec<Vec<f32>>,
    /// For each tensor that training alone has.
    pub(super) auxiliary: Vec<Vec<f32>>,
}

impl ShardGradient {
    /// All gradients, in the order of [`TrainingModel::to_vecs`].
    pub(super) fn slices(&self) -> Vec<&[f32]> {
        let pairs = self.weights.iter().zip(&self.biases);
        let of_network = pairs.flat_map(|(weight, bias)| [slice(weight), bias]);
        of_network.chain(self.auxiliary.iter().map(Vec::as_slice)).collect()
    }
}

/// What a step makes small.
pub(super) struct Objective<'a> {
    pub(super) loss: Loss,
    /// The loss's sum over pixels counts so often.
    pub(super) scale: f32,
    /// What is added to the pixels that the network sees.
    pub(super) noise: Option<Noise>,
    /// The size of each latent value counts so often beside the loss.
    pub(super) latent_pull: f32,
    /// How latents are drawn.
    pub(super) variational: Option<Variational>,
    /// Layers that share their weights.
    pub(super) tied: &'a [Pair],
}

/// The gradient of a batch.
pub(super) struct BatchGradient {
    pub(super) shards: Vec<ShardGradient>,
    /// For each normalised layer the sums over its values in the whole batch, each its own partner.
    pub(super) statistics: Vec<Sums>,
}

/// One shard between two stops.
#[expect(clippy::large_enum_variant, reason = "there are as few as shards")]
enum Pass<'a> {
    Start(&'a [u32]),
    There(Forward<'a>),
    Back(Backward<'a>),
    Done(ShardGradient),
}

/// The gradient of the objective over images of the given indices, a slice for each shard.
pub(super) fn gradient<'a>(
    model: &'a TrainingModel,
    images: &Images,
    shards: &[&'a [u32]],
    objective: &'a Objective<'a>,
    workers: &Workers,
) -> BatchGradient {
    let mut passes: Vec<Pass<'a>> = shards.iter().map(|indices| Pass::Start(indices)).collect();
    let mut stops: Vec<Sums> = Vec::new();
    loop {
        let batch = stops.last();
        let advance = |pass: Pass<'a>| pass.advance(model, images, objective, batch);
        let (gone_on, stopped): (Vec<_>, Vec<_>) = workers.map(passes, advance).into_iter().unzip();
        passes = gone_on;
        // All shards stop at the same layers.
        match Sums::total(stopped.into_iter().flatten()) {
            Some(total) => stops.push(total),
            None => break,
        }
    }
    // A normalised layer stops a pass on the way there, and then on the way back.
    stops.truncate(stops.len() / 2);
    let done = passes.into_iter().filter_map(|pass| match pass {
        Pass::Done(gradient) => Some(gradient),
        _ => None,
    });
    BatchGradient { shards: done.collect(), statistics: stops }
}

impl<'a> Pass<'a> {
    /// Goes on to the next stop, and gives the shard's sums there; or to the end. `batch` are the sums
    /// of all shards at the stop before.
    fn advance(
        self,
        model: &'a TrainingModel,
        images: &Images,
        objective: &'a Objective<'a>,
        batch: Option<&Sums>,
    ) -> (Self, Option<Sums>) {
        let (mut back, batch) = match self {
            Pass::Start(indices) => {
                let TrainingModel { network, auxiliary } = model;
                let Objective { noise, variational, .. } = objective;
                let (noise, variational) = (noise.as_ref(), variational.as_ref());
                let forward = Forward::new(network, auxiliary, images, indices, noise, variational);
                return Pass::There(forward).advance(model, images, objective, None);
            }
            Pass::There(mut forward) => match forward.advance(batch) {
                Some(sums) => return (Pass::There(forward), Some(sums)),
                None => (Backward::new(forward, images, objective), None),
            },
            Pass::Back(back) => (back, batch),
            Pass::Done(_) => return (self, None),
        };
        match back.advance(batch) {
            Some(sums) => (Pass::Back(back), Some(sums)),
            None => {
                let mut gradient = back.finish();
                tie::add(&mut gradient.weights, objective.tied);
                (Pass::Done(gradient), None)
            }
        }
    }
}

#[cfg(test)]
mod tests;
