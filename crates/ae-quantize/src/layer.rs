//! Fits, rounds and packs one layer.

use ae_model::LayerF32;
use rayon::prelude::*;

use crate::dense::{Int8Dense, MAX_FACTOR, Row};
use crate::moments::Integers;
use crate::normal::{Factored, Work};
use crate::range::Affine;
use crate::round::{Limits, Rounded, round};
use crate::scales::Target;
use crate::tile::SIDE;
use crate::watch::Progress;
use crate::{Coarse, QuantizeError};

/// What a layer's inputs mean: `real = scale · q + offset` for the tensor, then, for channel `i`,
/// `spread[i] · real` and a constant, which the bias holds, is the value of the float network's
/// channel `order[i]`.
pub(super) struct Inputs {
    pub(super) affine: Affine,
    pub(super) spread: Vec<f64>,
    pub(super) order: Vec<usize>,
}

/// A layer ready to be written, and what its output stands for.
pub(super) struct QuantisedLayer {
    pub(super) dense: Int8Dense,
    pub(super) target: Target,
    /// Channels that lose much because of one weight, as the network counts them.
    pub(super) coarse: Vec<Coarse>,
}

/// `values` are the float network's, before the activation. Everything is counted in the integers
/// that come in, so that no unit of the network's matters.
pub(super) fn quantise_layer(
    layer: &LayerF32,
    inputs: &Inputs,
    integers: &[i8],
    values: &[f32],
    target: Target,
    progress: &mut Progress<'_, '_>,
) -> Result<QuantisedLayer, QuantizeError> {
    let integers = Integers { values: integers, inputs: layer.inputs() };
    let spread = integers.spread();
    let wanted = |sample: usize, output: usize| {
        let value = f64::from(values[sample * layer.outputs() + target.order[output]]);
        (value - target.shift[output]) / target.spread[output]
    };
    let samples = integers.samples();
    let mut mean_u = vec![0.0; layer.outputs()];
    mean_u.par_chunks_mut(SIDE).enumerate().for_each(|(tile, means)| {
        for sample in 0..samples {
            let outputs = tile * SIDE..;
            means
                .iter_mut()
                .zip(outputs)
                .for_each(|(mean, output)| *mean += wanted(sample, output));
        }
        means.iter_mut().for_each(|mean| *mean /= samples as f64);
    });
    let weight = |output: usize, input: usize| {
        let row = target.order[output] * layer.inputs();
        let weight = f64::from(layer.weights[row + inputs.order[input]]);
        weight * inputs.spread[input] * inputs.affine.scale / target.spread[output]
    };
    let centred = |sample: usize, output: usize| wanted(sample, output) - mean_u[output];
    let outputs = layer.outputs();
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
    progress.begin(Work::new(samples, layer.inputs(), outputs).round)?;
    let rounded = round(&factored, &units, &limits, progress)?;
    let coarse = (0..outputs).into_par_iter().filter_map(|output| {
        let found = Coarse::find(&factored, &spread, output, rounded[output].loss, units[output])?;
        let (channel, input) = (target.order[output], inputs.order[found.input]);
        Some(Coarse { channel, input, ..found })
    });
    let coarse = coarse.collect();
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
    let dense = Int8Dense::new(layer.inputs(), target.parameters(), &rows);
    Ok(QuantisedLayer { dense, target, coarse })
}
