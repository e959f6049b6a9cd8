//! Adam, in one pass over weights, moments and gradients.
//!
//! Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015,
//! algorithm 1.

use ae_run::{Moments, Recipe};

use super::training_model::TrainingModel;
use super::workers::Workers;

/// Numbers that one call updates; small enough that a layer is shared by all
/// threads.
const PIECE: usize = 32_768;

/// Numbers whose gradients are summed at a time, in the fastest memory.
const BLOCK: usize = 256;

/// Before the first step, for each tensor of the training.
pub(super) fn start_moments(model: &TrainingModel, recipe: &Recipe) -> Vec<Moments> {
    let tensors = model.to_vecs().into_iter();
    let start = |values: Vec<f32>| Moments {
        first: vec![0.0; values.len()],
        second: vec![0.0; values.len()],
        average: if recipe.weight_average.is_some() { values } else { Vec::new() },
    };
    tensors.map(start).collect()
}

/// The constants of one step.
#[derive(Clone, Copy)]
struct Step {
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    /// Learning rate over the first moment's correction.
    rate: f32,
    /// One over the root of the second moment's correction.
    root_correction: f32,
    /// How far the average moves to the new weights.
    average: f32,
}

impl Step {
    fn new(recipe: &Recipe, step: u64, learning_rate: f64) -> Self {
        let exponent = i32::try_from(step + 1).unwrap_or(i32::MAX);
        let correction = |beta: f64| 1.0 - beta.powi(exponent);
        // Early on the average would remember the initial weights for long;
        // so it starts as a mean of few.
        let seen = step as f64;
        let decay = recipe.weight_average.unwrap_or(0.0);
        let decay = decay.min((1.0 + seen) / (10.0 + seen));
        Self {
            beta1: recipe.beta1 as f32,
            beta2: recipe.beta2 as f32,
            epsilon: recipe.epsilon as f32,
            rate: (learning_rate / correction(recipe.beta1)) as f32,
            root_correction: (1.0 / correction(recipe.beta2).sqrt()) as f32,
            average: (1.0 - decay) as f32,
        }
    }
}

/// A piece of one tensor with all that belongs to it.
struct Piece<'a> {
    weights: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    average: &'a mut [f32],
    /// One slice a shard.
    gradients: Vec<&'a [f32]>,
}

/// Moves the weights by one step, counted from 0. `shards` holds for each
/// shard its gradients in the order of [`TrainingModel::to_vecs`]; they are added
/// in the order given.
pub(super) fn update(
    recipe: &Recipe,
    step: u64,
    learning_rate: f64,
    model: &mut TrainingModel,
    moments: &mut [Moments],
    shards: &[Vec<&[f32]>],
    workers: &Workers,
) {
    let constants = Step::new(recipe, step, learning_rate);
    model.update(|tensors| {
        let mut pieces = Vec::new();
        for (index, (weights, moments)) in tensors.into_iter().zip(moments).enumerate() {
            let averages = moments.average.chunks_mut(PIECE);
            let mut averages = averages.map(Some).chain(std::iter::repeat_with(|| None));
            let parts = weights
                .chunks_mut(PIECE)
                .zip(moments.first.chunks_mut(PIECE))
                .zip(moments.second.chunks_mut(PIECE));
            for (part, ((weights, first), second)) in parts.enumerate() {
                let from = part * PIECE;
                let range = from..from + weights.len();
                pieces.push(Piece {
                    gradients: shards.iter().map(|shard| &shard[index][range.clone()]).collect(),
                    weights,
                    first,
                    second,
                    average: averages.next().flatten().unwrap_or_default(),
                });
            }
        }
        workers.map(pieces, |piece| update_piece(constants, piece));
    });
}

fn update_piece(step: Step, piece: Piece<'_>) {
    let blocks = piece
        .weights
        .chunks_mut(BLOCK)
        .zip(piece.first.chunks_mut(BLOCK))
        .zip(piece.second.chunks_mut(BLOCK));
    let mut averages = piece.average.chunks_mut(BLOCK);
    let mut sum = [0.0; BLOCK];
    for (index, ((weights, first), second)) in blocks.enumerate() {
        let from = index * BLOCK;
        let sum = &mut sum[..weights.len()];
        for (shard, gradients) in piece.gradients.iter().enumerate() {
            let gradients = &gradients[from..from + sum.len()];
            if shard == 0 {
                sum.copy_from_slice(gradients);
            } else {
                sum.iter_mut().zip(gradients).for_each(|(sum, value)| *sum += value);
            }
        }
        let moments = first.iter_mut().zip(second.iter_mut());
        for ((weight, (first, second)), &gradient) in weights.iter_mut().zip(moments).zip(&*sum) {
            *first = flushed(step.beta1 * *first + (1.0 - step.beta1) * gradient);
            *second = flushed(step.beta2 * *second + (1.0 - step.beta2) * gradient * gradient);
            let root = second.sqrt() * step.root_correction + step.epsilon;
            *weight -= step.rate * *first / root;
        }
        if let Some(averages) = averages.next() {
            for (average, weight) in averages.iter_mut().zip(&*weights) {
                *average += step.average * (*weight - *average);
            }
        }
    }
}

/// Zero in place of numbers that no longer matter. Without it the moments of
/// weights without a gradient (of pixels that are always black, of units that
/// are never on) fade into subnormal numbers, on which processors are slow.
#[inline(always)]
fn flushed(value: f32) -> f32 {
    if value.abs() < 1e-36 { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use ae_core::{Activation, Geometry};
    use ae_model::LayerF32;
    use burn::nn::LinearConfig;
    use burn::optim::{AdamConfig, GradientsParams};
    use burn::tensor::{Device, Tensor, TensorData};

    use super::super::layer::Layer;
    use super::super::parameters::{Parameters, slice};
    use super::*;

    fn model(weights: Vec<f32>, rows: usize, columns: usize) -> TrainingModel {
        let layer = LayerF32 {
            geometry: Geometry::dense(rows, columns),
            weights: vec![0.0; weights.len()],
            bias: vec![0.0; columns],
            activation: Activation::Identity,
        };
        let mut model =
            TrainingModel::from(Parameters { layers: vec![Layer::new(&layer)], encoder: 0 });
        model.set(vec![weights, vec![0.0; columns]]);
        model
    }

    /// A gradient that differs by step and place, from 1e-7 to 1.
    fn gradient(step: usize, count: usize) -> Vec<f32> {
        let value = |i: usize| {
            let sign = if (i + step).is_multiple_of(3) { -1.0 } else { 1.0 };
            sign * 10f32.powi(-((i % 8) as i32)) * (1.0 + step as f32)
        };
        (0..count).map(value).collect()
    }

    #[test]
    fn steps_are_those_of_burns_adam() {
        let device = Device::default().autodiff();
        let mut linear = LinearConfig::new(24, 2).with_bias(false).init(&device);
        let start = linear.weight.val().into_data();
        let mut model = model(slice(&start).to_vec(), 24, 2);
        let recipe = Recipe { epsilon: 1e-5, ..Recipe::default() };
        let mut moments = start_moments(&model, &recipe);
        let mut burns =
            AdamConfig::new().with_beta_1(0.9).with_beta_2(0.999).with_epsilon(1e-5).init();
        for step in 0..12 {
            let values = gradient(step, 48);
            // The loss Σ g·w has the gradient g.
            let g = Tensor::<2>::from_data(TensorData::new(values.clone(), [24, 2]), &device);
            let gradients = (linear.weight.val() * g).sum().backward();
            let gradients = GradientsParams::from_grads(gradients, &linear);
            linear = burns.step(1e-2, linear, gradients);

            // Two shards whose sum is the gradient.
            let half: Vec<f32> = values.iter().map(|value| value * 0.5).collect();
            let shard = vec![&half[..], &[0.0, 0.0]];
            let shards = [shard.clone(), shard];
            let workers = Workers::new(2);
            update(&recipe, step as u64, 1e-2, &mut model, &mut moments, &shards, &workers);
            let expected = linear.weight.val().into_data();
            for (found, expected) in model.to_vecs()[0].iter().zip(slice(&expected)) {
                assert!((found - expected).abs() < 1e-6, "{found} against {expected}");
            }
        }
    }

    #[test]
    fn pieces_of_a_long_tensor_are_all_updated_on_any_number_of_threads() {
        let count = 2 * PIECE + BLOCK + 3;
        let recipe = Recipe { weight_average: Some(0.5), ..Recipe::default() };
        let run = |threads| {
            let mut model = model(vec![1.0; count], 1, count);
            let mut moments = start_moments(&model, &recipe);
            let values = gradient(0, count);
            let shards = [vec![&values[..], &values]];
            let workers = Workers::new(threads);
            update(&recipe, 0, 0.25, &mut model, &mut moments, &shards, &workers);
            (model.to_vecs(), moments)
        };
        let (weights, moments) = run(1);
        // The first step of Adam goes the whole rate against the sign.
        let expected = gradient(0, count);
        for (weight, gradient) in weights[0].iter().zip(expected) {
            let step = if gradient > 0.0 { -0.25 } else { 0.25 };
            assert!((weight - 1.0 - step).abs() < 0.03, "{weight} {gradient}");
        }
        // At the first step the average goes nine tenths of the way.
        let last = count - 1;
        let way = (moments[0].average[last] - 1.0) / (weights[0][last] - 1.0);
        assert!((way - 0.9).abs() < 1e-5, "{way}");
        assert_eq!(run(2), (weights, moments));
    }

    #[test]
    fn moments_without_a_gradient_fade_to_zero_and_are_never_subnormal() {
        let recipe = Recipe::default();
        let mut model = model(vec![1.0], 1, 1);
        let mut moments = start_moments(&model, &recipe);
        let workers = Workers::new(1);
        for step in 0..1000 {
            let gradient = if step == 0 { [1e-3] } else { [0.0] };
            let shards = [vec![&gradient[..], &[0.0]]];
            update(&recipe, step, 1e-3, &mut model, &mut moments, &shards, &workers);
            assert!(!moments[0].first[0].is_subnormal(), "step {step}");
        }
        assert_eq!(moments[0].first[0], 0.0);
        assert!(moments[0].second[0] > 0.0);
    }
}
