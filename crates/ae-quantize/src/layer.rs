//! Fits, rounds and packs one layer.

use ae_model::DenseF32;
use rayon::prelude::*;

use crate::QuantizeError;
use crate::dense::{Int8Dense, MAX_FACTOR, Row};
use crate::moments::Integers;
use crate::normal::{Factored, Work};
use crate::range::Affine;
use crate::round::{Limits, Rounded, round};
use crate::scales::Target;
use crate::watch::Progress;

/// What a layer's inputs mean: `real = scale · q + offset` for the tensor, then, for channel `i`,
/// `spread[i] · real` and a constant, which the bias holds, is the value of the float network's
/// channel `order[i]`.
pub(super) struct Inputs {
    pub(super) affine: Affine,
    pub(super) spread: Vec<f64>,
    pub(super) order: Vec<usize>,
}

/// `values` are the float network's, before the activation. Everything is counted in the integers
/// that come in, so that no unit of the network's matters.
pub(super) fn quantise_layer(
    layer: &DenseF32,
    inputs: &Inputs,
    integers: &[i8],
    values: &[f32],
    target: Target,
    progress: &mut Progress<'_, '_>,
) -> Result<(Int8Dense, Target), QuantizeError> {
    let integers = Integers { values: integers, inputs: layer.inputs };
    let spread = integers.spread();
    let wanted = |sample: usize, output: usize| {
        let value = f64::from(values[sample * layer.outputs + target.order[output]]);
        (value - target.shift[output]) / target.spread[output]
    };
    let samples = integers.samples();
    let mean_u: Vec<f64> = (0..layer.outputs)
        .into_par_iter()
        .map(|output| {
            (0..samples).map(|sample| wanted(sample, output)).sum::<f64>() / samples as f64
        })
        .collect();
    let weight = |output: usize, input: usize| {
        let row = target.order[output] * layer.inputs;
        let weight = f64::from(layer.weights[row + inputs.order[input]]);
        weight * inputs.spread[input] * inputs.affine.scale / target.spread[output]
    };
    let centred = |sample: usize, output: usize| wanted(sample, output) - mean_u[output];
    let outputs = layer.outputs;
    let factored = Factored::new(integers, &spread, outputs, weight, centred, progress)?;

    // An input that never varies is a constant, which the bias holds: its weight sets no scale.
    let largest: Vec<f64> = (0..outputs)
        .into_par_iter()
        .map(|output| {
            let weights = factored.fitted_of_inputs(output);
            let varying = weights.filter(|&(input, _)| spread.variance[input] > 0.0);
            varying.fold(0.0, |largest, (_, weight)| weight.abs().max(largest))
        })
        .collect();
    // An output step must not be finer than the requantisation can tell apart.
    let limit = f64::from(ae_core::WEIGHT_LIMIT);
    let steps: Vec<f64> = largest.iter().map(|it| it / limit / (0.99 * MAX_FACTOR)).collect();
    let (target, units) = target.no_finer_than(&steps);

    // What of the output's offset the zero point does not hold is the bias's.
    let offset = target.range.offset + target.range.scale * f64::from(target.zero_point);
    let constants: Vec<f64> =
        mean_u.iter().zip(&units).map(|(mean, unit)| mean / unit - offset).collect();
    let limits: Vec<Limits> = (0..outputs)
        .map(|output| Limits {
            fitting: largest[output] / units[output] / limit,
            // Keeps the bias, counted in accumulator steps, far inside 32 bits, and the factor in
            // reach of a shift.
            least: (constants[output].abs() / 2_f64.powi(28))
                .max(target.range.scale / 2_f64.powi(36)),
        })
        .collect();
    progress.begin(Work::new(samples, layer.inputs, outputs).round)?;
    let rounded = round(&factored, &units, &limits, progress)?;
    let rows: Vec<Row> = rounded
        .into_iter()
        .zip(constants)
        .map(|(Rounded { weights, scale, .. }, constant)| {
            let pairs = weights.iter().zip(&spread.mean);
            let mean: f64 = pairs.map(|(&weight, mean)| f64::from(weight) * mean).sum();
            let bias = (constant / scale - mean).round() as i32;
            Row { weights, bias, factor: scale / target.range.scale }
        })
        .collect();
    let quantised = Int8Dense::new(layer.inputs, target.parameters(), &rows);
    Ok((quantised, target))
}
