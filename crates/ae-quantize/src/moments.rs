//! What the calibration samples say of a layer's inputs: means, second moments, and their products
//! with the outputs that are wanted.
//!
//! Inputs are integers from −128 to 127, so the sums of their products are integers too. In f32,
//! every sum over [`EXACT`] samples is below 2²⁴ and exact; sums of those are exact in f64. No order
//! of adding and no instruction set changes them.

use rayon::prelude::*;

use crate::QuantizeError;
use crate::tile::{Rows, SIDE, add, add_f32, zeros};
use crate::watch::Progress;

/// Samples that are taken at a time; 2²⁴ / 128² would be the most.
const EXACT: usize = 512;
const _: () = assert!(EXACT * 128 * 128 <= 1 << 24);

/// Samples whose rows are multiplied at a time, so that they stay near the processor.
const NEAR: usize = 128;

/// Rows of tiles between two looks at the watch.
const BATCH: usize = 16;

/// The integers that come in, sample after sample.
#[derive(Clone, Copy)]
pub(super) struct Integers<'x> {
    pub(super) values: &'x [i8],
    pub(super) inputs: usize,
}

/// Mean and variance of each input.
pub(super) struct Spread {
    pub(super) sums: Vec<i64>,
    pub(super) mean: Vec<f64>,
    pub(super) variance: Vec<f64>,
}

impl Integers<'_> {
    pub(super) fn samples(&self) -> usize {
        self.values.len() / self.inputs
    }

    pub(super) fn spread(&self) -> Spread {
        let zero = || (vec![0_i64; self.inputs], vec![0_i64; self.inputs]);
        let (sums, squares) = self
            .values
            .par_chunks(self.inputs * EXACT)
            .fold(zero, |mut totals, samples| {
                for sample in samples.chunks_exact(self.inputs) {
                    for ((sum, square), &q) in totals.0.iter_mut().zip(&mut totals.1).zip(sample) {
                        *sum += i64::from(q);
                        *square += i64::from(q) * i64::from(q);
                    }
                }
                totals
            })
            .reduce(zero, |mut a, b| {
                a.0.iter_mut().zip(b.0).for_each(|(a, b)| *a += b);
                a.1.iter_mut().zip(b.1).for_each(|(a, b)| *a += b);
                a
            });
        let samples = self.samples() as f64;
        let mean = sums.iter().map(|&sum| sum as f64 / samples).collect();
        let pairs = sums.iter().zip(&squares);
        let variance =
            pairs.map(|(&sum, &square)| covariance(square as f64, sum, sum, samples)).collect();
        Spread { sums, mean, variance }
    }

    /// Some samples, as columns of tiles: those of the inputs in this order, 64 a tile.
    fn columns<T: From<i8> + crate::tile::Number>(
        &self,
        samples: &std::ops::Range<usize>,
        order: &[usize],
    ) -> Vec<Rows<T>> {
        let of_tile = |inputs: &[usize]| {
            let mut rows = zeros(samples.len());
            for (row, sample) in rows.iter_mut().zip(samples.clone()) {
                let values = &self.values[sample * self.inputs..][..self.inputs];
                for (value, &input) in row.iter_mut().zip(inputs) {
                    *value = T::from(values[input]);
                }
            }
            rows
        };
        order.par_chunks(SIDE).map(of_tile).collect()
    }

    /// Second moments of the centred inputs in this order. Row `i` of the tiles has those from
    /// column `i` on.
    pub(super) fn moments(
        &self,
        order: &[usize],
        spread: &Spread,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Vec<Vec<Rows<f64>>>, QuantizeError> {
        let tiles = order.len().div_ceil(SIDE);
        let mut rows: Vec<Vec<Rows<f64>>> =
            (0..tiles).map(|row| vec![zeros(SIDE); tiles - row]).collect();
        let samples = self.samples();
        for first in (0..samples).step_by(EXACT) {
            let chunk = first..samples.min(first + EXACT);
            let columns: Vec<Rows<f32>> = self.columns(&chunk, order);
            for (batch, rows) in rows.chunks_mut(BATCH).enumerate() {
                let done = (batch * BATCH) as f64 / tiles as f64;
                let within = chunk.len() as f64 * (1.0 - (1.0 - done).powi(2));
                progress.at((first as f64 + within) / samples as f64)?;
                rows.par_iter_mut().enumerate().for_each(|(row, tiles)| {
                    let row = batch * BATCH + row;
                    tiles.par_iter_mut().zip(&columns[row..]).for_each(|(tile, b)| {
                        let mut sums = zeros::<f32>(SIDE);
                        for (a, b) in columns[row].chunks(NEAR).zip(b.chunks(NEAR)) {
                            add_f32(&mut sums, a, b);
                        }
                        for (tile, sums) in tile.iter_mut().flatten().zip(sums.iter().flatten()) {
                            *tile += f64::from(*sums);
                        }
                    });
                });
            }
        }
        let count = samples as f64;
        let sum = |place: usize| order.get(place).map_or(0, |&input| spread.sums[input]);
        rows.par_iter_mut().enumerate().for_each(|(row, tiles)| {
            for (column, tile) in tiles.iter_mut().enumerate() {
                for (i, values) in tile.iter_mut().enumerate() {
                    for (j, value) in values.iter_mut().enumerate() {
                        let (a, b) = (sum(row * SIDE + i), sum((row + column) * SIDE + j));
                        *value = covariance(*value, a, b, count);
                    }
                }
            }
        });
        Ok(rows)
    }

    /// The mean product of each input in this order with each centred output that is `wanted`, by
    /// sample and output, as tiles of inputs × outputs.
    pub(super) fn products(
        &self,
        order: &[usize],
        outputs: usize,
        wanted: impl Fn(usize, usize) -> f64 + Sync,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Vec<Vec<Rows<f64>>>, QuantizeError> {
        let (tiles, across) = (order.len().div_ceil(SIDE), outputs.div_ceil(SIDE));
        let mut rows = vec![vec![zeros(SIDE); across]; tiles];
        let samples = self.samples();
        for first in (0..samples).step_by(NEAR) {
            progress.at(first as f64 / samples as f64)?;
            let chunk = first..samples.min(first + NEAR);
            let columns: Vec<Rows<f64>> = self.columns(&chunk, order);
            let targets: Vec<Rows<f64>> = (0..across)
                .into_par_iter()
                .map(|tile| {
                    let mut rows = zeros(chunk.len());
                    for (row, sample) in rows.iter_mut().zip(chunk.clone()) {
                        for (value, output) in row.iter_mut().zip(tile * SIDE..outputs) {
                            *value = wanted(sample, output);
                        }
                    }
                    rows
                })
                .collect();
            rows.par_iter_mut().zip(&columns).for_each(|(row, a)| {
                row.par_iter_mut().zip(&targets).for_each(|(tile, b)| add(tile, a, b));
            });
        }
        let count = samples as f64;
        rows.iter_mut().flatten().flatten().flatten().for_each(|value| *value /= count);
        Ok(rows)
    }
}

/// Of the sum of the products of two inputs, and the sums of both: integers below 2⁵³, so the one
/// division alone rounds.
fn covariance(products: f64, a: i64, b: i64, samples: f64) -> f64 {
    (products * samples - (a * b) as f64) / (samples * samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample, unwatched};

    const INPUTS: usize = 2 * SIDE + 5;
    const SAMPLES: usize = 2 * EXACT + 3;

    /// Not the order of the inputs.
    fn order() -> Vec<usize> {
        (0..INPUTS).map(|place| (place * 7) % INPUTS).collect()
    }

    #[test]
    fn means_and_variances_are_those_of_the_samples() {
        let values = [-128, 127, 5, -128, 127, 5, -128, -128, 5];
        let spread = Integers { values: &values, inputs: 3 }.spread();
        assert_eq!(spread.mean, [-128.0, 42.0, 5.0]);
        assert_eq!(spread.variance, [0.0, 255.0 * 255.0 * 2.0 / 9.0, 0.0]);
    }

    #[test]
    fn moments_are_exact_whatever_the_order_of_the_inputs() {
        let mut values = sample::integers(SAMPLES, INPUTS, 1);
        // The largest sums that there are.
        values.chunks_exact_mut(INPUTS).for_each(|sample| sample[..2].fill(-128));
        let integers = Integers { values: &values, inputs: INPUTS };
        let order = order();
        let mut watch = unwatched;
        let mut progress = Progress::new(&mut watch, 1.0);
        let rows = integers.moments(&order, &integers.spread(), &mut progress).unwrap();
        for (i, &a) in order.iter().enumerate() {
            for (j, &b) in order.iter().enumerate().skip(i) {
                let found = rows[i / SIDE][j / SIDE - i / SIDE][i % SIDE][j % SIDE];
                let expected = sample::covariance(integers, a, b);
                assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{a}, {b}");
            }
        }
    }

    #[test]
    fn products_with_the_outputs_are_means_over_the_samples() {
        let (values, outputs, order) = (sample::integers(SAMPLES, INPUTS, 2), SIDE + 3, order());
        let integers = Integers { values: &values, inputs: INPUTS };
        let wanted = |sample: usize, output: usize| ((sample * 31 + output * 17) % 23) as f64;
        let mut watch = unwatched;
        let mut progress = Progress::new(&mut watch, 1.0);
        let rows = integers.products(&order, outputs, wanted, &mut progress).unwrap();
        for (place, &input) in order.iter().enumerate() {
            for output in [0, 1, SIDE, outputs - 1] {
                let terms = (0..SAMPLES).map(|sample| {
                    f64::from(values[sample * INPUTS + input]) * wanted(sample, output)
                });
                let expected = terms.sum::<f64>() / SAMPLES as f64;
                let found = rows[place / SIDE][output / SIDE][place % SIDE][output % SIDE];
                assert!((found - expected).abs() < 1e-9, "{input}, {output}");
            }
        }
    }
}
