//! From the loss back to all that it depends on.

use ae_data::Images;
use burn::tensor::TensorData;

use super::forward::{Forward, Trail};
use crate::train::batch_norm::Sums;
use crate::train::elementwise::{multiply_and_sum_columns, sum_columns};
use crate::train::gradient::{Objective, ShardGradient};
use crate::train::layer::Kept;
use crate::train::output::{Errors, loss_gradient};
use crate::train::parameters::{Parameters, slice, slice_mut};
use crate::train::training_model::Auxiliary;
use crate::train::variational::Sampled;

/// A shard on its way back.
pub(in crate::train) struct Backward<'a> {
    network: &'a Parameters,
    auxiliary: &'a Auxiliary,
    objective: &'a Objective<'a>,
    /// As far as the way back has not come to it.
    trail: Trail,
    /// The gradient at what the layer at hand makes of its sums, before its activation.
    at_sums: TensorData,
    /// Its sums over samples.
    at_outputs: Vec<f32>,
    /// Of the layer of log-variances what it keeps, and the gradient at its sums.
    at_log_variances: Option<(Kept, TensorData)>,
    errors: Errors,
    divergence: f64,
    /// What has been found, from the last layer on.
    weights: Vec<TensorData>,
    biases: Vec<Vec<f32>>,
    scales: Vec<Vec<f32>>,
    /// At weights and bias of the layer of log-variances.
    of_log_variance: Vec<Vec<f32>>,
}

impl<'a> Backward<'a> {
    /// A shard that has come to the logits, compared with its images.
    pub(in crate::train) fn new(
        forward: Forward<'a>,
        images: &Images,
        objective: &'a Objective<'a>,
    ) -> Self {
        let Forward { network, auxiliary, indices, values: mut logits, trail, .. } = forward;
        let features = images.features();
        let bias = network.layers[network.layers.len() - 1].bias_of_outputs(features);
        let mut errors = Errors::default();
        let rows = slice_mut(&mut logits).chunks_exact_mut(features);
        for (row, &index) in rows.zip(indices) {
            let pixels = images.image(index as usize);
            errors.add(loss_gradient(objective.loss, row, &bias, pixels, objective.scale));
        }
        Self {
            network,
            auxiliary,
            objective,
            at_outputs: sum_columns(slice(&logits), features),
            at_sums: logits,
            at_log_variances: None,
            errors,
            divergence: trail.sampled.as_ref().map_or(0.0, Sampled::divergence),
            trail,
            weights: Vec::with_capacity(network.layers.len()),
            biases: Vec::with_capacity(network.layers.len()),
            scales: Vec::new(),
            of_log_variance: Vec::new(),
        }
    }

    /// Goes on to the first layer. Stops at a normalised layer with sums over the gradient, with
    /// the normalised values as partners; `batch` are those of the stop before, over all shards.
    pub(in crate::train) fn advance(&mut self, mut batch: Option<&Sums>) -> Option<Sums> {
        while let Some(index) = self.trail.kept.len().checked_sub(1) {
            let normalised = self.trail.normalised.get(index).and_then(Option::as_ref);
            if let (Some(norm), Some(normalised)) = (self.auxiliary.norm(index), normalised) {
                let Some(batch) = batch.take() else {
                    let sums = normalised.sums(slice(&self.at_sums));
                    self.scales.push(sums.at_scale());
                    return Some(sums);
                };
                norm.backward(normalised, slice_mut(&mut self.at_sums), batch);
            }
            self.pass(index);
        }
        None
    }

    /// From the gradient at a layer's sums to that before the activation in front of it.
    fn pass(&mut self, index: usize) {
        let layer = &self.network.layers[index];
        let at_outputs = std::mem::take(&mut self.at_outputs);
        self.biases.push(layer.at_bias(at_outputs));
        let at_sums = std::mem::replace(&mut self.at_sums, TensorData::new(Vec::<f32>::new(), [0]));
        let Some(kept) = self.trail.kept.pop() else { return };
        let gradients = layer.backward(kept, at_sums, index > 0);
        self.weights.push(gradients.weights);
        let mut before = gradients.inputs;
        if index + 1 == self.network.encoder {
            self.pass_log_variance(before.as_mut());
        }
        let Some(mut before) = before else { return };
        let width = before.shape()[1];
        let values = slice_mut(&mut before);
        if index == self.network.encoder {
            self.leave_decoder(values);
        }
        self.at_outputs = match &self.trail.derivatives[index - 1] {
            Some(derivatives) => multiply_and_sum_columns(values, derivatives, width),
            None => sum_columns(values, width),
        };
        self.at_sums = before;
    }

    /// From the gradient at what the decoder got to that at what the encoder gave.
    fn leave_decoder(&mut self, at_latents: &mut [f32]) {
        if let (Some(sampled), Some(variational)) =
            (self.trail.sampled.take(), &self.objective.variational)
        {
            self.at_log_variances = Some(sampled.backward(at_latents, variational));
        }
        if self.objective.latent_pull > 0.0 {
            pull(at_latents, &self.trail.latents, self.objective.latent_pull);
        }
    }

    /// Adds the gradient by way of the log-variances to that at what goes into their layer.
    fn pass_log_variance(&mut self, before: Option<&mut TensorData>) {
        let Some(layer) = &self.auxiliary.log_variance else { return };
        let Some((kept, at_sums)) = self.at_log_variances.take() else { return };
        let width = at_sums.shape()[1];
        let bias = layer.at_bias(sum_columns(slice(&at_sums), width));
        let gradients = layer.backward(kept, at_sums, before.is_some());
        self.of_log_variance = vec![slice(&gradients.weights).to_vec(), bias];
        if let (Some(before), Some(more)) = (before, gradients.inputs) {
            let sums = slice_mut(before).iter_mut().zip(slice(&more));
            sums.for_each(|(sum, value)| *sum += value);
        }
    }

    /// All gradients, once there is no layer left.
    pub(in crate::train) fn finish(mut self) -> ShardGradient {
        self.weights.reverse();
        self.biases.reverse();
        let still = |scale: Vec<f32>| {
            let zeros = vec![0.0; scale.len()];
            [scale, zeros.clone(), zeros]
        };
        // Running statistics have no gradient: they move with the batches.
        let of_norms = self.scales.into_iter().rev().flat_map(still);
        ShardGradient {
            errors: self.errors,
            divergence: self.divergence,
            weights: self.weights,
            biases: self.biases,
            auxiliary: of_norms.chain(self.of_log_variance).collect(),
        }
    }
}

/// Adds the gradient of the latent values' sizes. That of zero is zero.
fn pull(gradients: &mut [f32], latents: &[f32], strength: f32) {
    for (gradient, &latent) in gradients.iter_mut().zip(latents) {
        if latent != 0.0 {
            *gradient += strength * latent.signum();
        }
    }
}
