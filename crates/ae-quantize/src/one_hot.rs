//! A latent whose largest sum is marked: prototypes.
//!
//! Only differences between the sums of a sample count. So what all rows have in common is left out,
//! which makes the weights smaller, and all rows have one scale. Behind the layer there are as many
//! latents as it has outputs, and the layers that follow are fitted to these.

use ae_model::DenseF32;
use rayon::prelude::*;

use crate::dense::{Int8Dense, Row};
use crate::layer::Inputs;
use crate::moments::Integers;
use crate::range::Affine;

/// Quantises the layer; `integers` are what comes in, and `values` the float network's sums.
pub(super) fn quantise(
    layer: &DenseF32,
    inputs: &Inputs,
    integers: &[i8],
    values: &[f32],
) -> Int8Dense {
    let integers = Integers { values: integers, inputs: layer.inputs };
    let mean = integers.spread().mean;
    let mut rows: Vec<Vec<f64>> = layer
        .weights
        .par_chunks(layer.inputs)
        .map(|row| {
            let of_input = inputs.order.iter().zip(&inputs.spread);
            let weights =
                of_input.map(|(&at, spread)| f64::from(row[at]) * spread * inputs.affine.scale);
            weights.collect()
        })
        .collect();
    for input in 0..layer.inputs {
        let middle = middle(rows.iter().map(|row| row[input]));
        rows.iter_mut().for_each(|row| row[input] -= middle);
    }
    let samples = integers.samples() as f64;
    let mut constants = vec![0.0; layer.outputs];
    for values in values.chunks_exact(layer.outputs) {
        constants.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    constants.iter_mut().for_each(|sum| *sum /= samples);
    let common = middle(constants.iter().copied());
    constants.iter_mut().for_each(|constant| *constant -= common);

    let largest = |values: &[f64]| values.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
    let weight = rows.iter().map(|row| largest(row)).fold(0.0, f64::max);
    // Keeps the biases far inside 32 bits: a constant so large decides alone.
    let scale = (weight / f64::from(ae_core::WEIGHT_LIMIT)).max(largest(&constants) / BIAS_LIMIT);
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let rows = rows.into_par_iter().zip(constants).map(|(row, constant)| {
        let weights: Vec<i8> = row.iter().map(|weight| (weight / scale).round() as i8).collect();
        let pairs = weights.iter().zip(&mean);
        let of_mean: f64 = pairs.map(|(&weight, mean)| f64::from(weight) * mean).sum();
        Row { weights, bias: (constant / scale - of_mean).round() as i32, factor: 0.0 }
    });
    let rows: Vec<Row> = rows.collect();
    Int8Dense::one_hot(layer.inputs, &rows)
}

/// 2²⁸, a quarter of which no sum of products with [the widest input](crate::MAX_WIDTH) reaches.
const BIAS_LIMIT: f64 = (1_u32 << 28) as f64;

/// Half way from the least value to the largest.
fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let (least, most) =
        values.fold((f64::MAX, f64::MIN), |(least, most), it| (least.min(it), most.max(it)));
    (least + most) / 2.0
}

/// What the outputs stand for: 0 to 1.
pub(super) fn outgoing() -> Affine {
    Affine::over(0.0, 1.0)
}

/// Every output that there can be, one after the other, of so many latent values.
pub(super) fn all<V: Copy>(count: usize, cold: V, hot: V) -> Vec<V> {
    let mut values = vec![cold; count * count];
    values.iter_mut().step_by(count + 1).for_each(|value| *value = hot);
    values
}

/// `(scale, offset)` of each latent value, as the format stores them.
pub(super) fn latent_map(count: usize) -> Vec<u8> {
    let Affine { scale, offset } = outgoing();
    [scale, offset].map(|value| (value as f32).to_le_bytes()).concat().repeat(count)
}
