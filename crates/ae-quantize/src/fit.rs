//! Fits and rounds rows of weights that have the same inputs.

use rayon::prelude::*;

use crate::columns::Columns;
use crate::moments::{Integers, Spread};
use crate::normal::{Factored, Work};
use crate::packed::{FixedFactor, Row};
use crate::range::Affine;
use crate::round::{Limits, Rounded, round};
use crate::tile::SIDE;
use crate::watch::Progress;
use crate::{Coarse, QuantizeError};

/// Weights of some rows, fitted to their samples and not yet rounded. Everything is counted in the
/// integers that come in, and each row's output in its own unit `u`, so that no unit of the
/// network's matters.
pub(super) struct Fit {
    samples: usize,
    spread: Spread,
    factored: Factored,
    /// The mean of each row.
    mean: Vec<f64>,
    /// The largest weight of each row.
    largest: Vec<f64>,
}

impl Fit {
    /// `weight(row, input)` are the weights before, `wanted(sample, row)` the outputs.
    pub(super) fn new(
        columns: &Columns<'_>,
        inputs: usize,
        rows: usize,
        weight: impl Fn(usize, usize) -> f64 + Sync,
        wanted: impl Fn(usize, usize) -> f64 + Sync,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Self, QuantizeError> {
        let integers = Integers { values: &columns.integers, inputs };
        let spread = integers.spread();
        let samples = integers.samples();
        let mut mean = vec![0.0; rows];
        mean.par_chunks_mut(SIDE).enumerate().for_each(|(tile, means)| {
            for sample in 0..samples {
                let rows = tile * SIDE..;
                means.iter_mut().zip(rows).for_each(|(mean, row)| *mean += wanted(sample, row));
            }
            means.iter_mut().for_each(|mean| *mean /= samples as f64);
        });
        let centred = |sample: usize, row: usize| wanted(sample, row) - mean[row];
        let factored = Factored::new(integers, &spread, rows, weight, centred, progress)?;
        // An input that never varies is a constant, which the bias holds: its weight sets no scale.
        let largest: Vec<f64> = (0..rows)
            .into_par_iter()
            .map(|row| {
                let weights = factored.fitted_of_inputs(row);
                let varying = weights.filter(|&(input, _)| spread.variance[input] > 0.0);
                varying.fold(0.0, |largest, (_, weight)| weight.abs().max(largest))
            })
            .collect();
        Ok(Self { samples, spread, factored, mean, largest })
    }

    /// The largest weight of each row.
    pub(super) fn largest(&self) -> &[f64] {
        &self.largest
    }

    /// The rows in integers, where each row's unit was widened by `units`, the output has the
    /// affine map `range`, and the zero point is added behind the weights. Those that lose much are
    /// told, as they are counted here.
    pub(super) fn rows(
        &self,
        units: &[f64],
        range: Affine,
        zero_point: i8,
        progress: &mut Progress<'_, '_>,
    ) -> Result<(Vec<Row>, Vec<Coarse>), QuantizeError> {
        let limit = f64::from(ae_core::WEIGHT_LIMIT);
        let rows = self.mean.len();
        // What of the output's offset the zero point does not hold is the bias's.
        let offset = range.offset + range.scale * f64::from(zero_point);
        let constants: Vec<f64> =
            self.mean.iter().zip(units).map(|(mean, unit)| mean / unit - offset).collect();
        let limits: Vec<Limits> = (0..rows)
            .map(|row| Limits {
                fitting: self.largest[row] / units[row] / limit,
                // Keeps the bias, counted in accumulator steps, far inside 32 bits, and the factor
                // in reach of a shift.
                least: (constants[row].abs() / 2_f64.powi(28)).max(range.scale / 2_f64.powi(36)),
            })
            .collect();
        let inputs = self.factored.inputs();
        progress.begin(Work::new(self.samples, inputs, rows).round)?;
        let rounded = round(&self.factored, units, &limits, progress)?;
        let coarse = (0..rows).into_par_iter().filter_map(|row| {
            Coarse::find(&self.factored, &self.spread, row, rounded[row].loss, units[row])
        });
        let coarse = coarse.collect();
        let rows = rounded.into_iter().zip(constants).map(|(rounded, constant)| {
            let Rounded { weights, scale, .. } = rounded;
            let pairs = weights.iter().zip(&self.spread.mean);
            let mean: f64 = pairs.map(|(&weight, mean)| f64::from(weight) * mean).sum();
            let bias = (constant / scale - mean).round() as i32;
            Row { weights, bias, factor: FixedFactor::nearest(scale / range.scale) }
        });
        Ok((rows.collect(), coarse))
    }
}
