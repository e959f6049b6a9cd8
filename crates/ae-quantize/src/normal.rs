//! The normal equations of a layer: the weights that give the outputs wanted, and the factor with
//! which they are rounded.
//!
//! With `H` the second moments of the inputs, `C` the mean products of inputs and outputs, `W` the
//! weights before and a damping λ, the fitted weights solve `(H + λ) w = C + λ W`: ridge regression
//! towards `W`. `H + λ = UᵀU` is factored once, tile by tile, and the right-hand side goes through
//! the same elimination as further columns of the matrix. Back substitution then gives the fitted
//! weights, and with rounding the integers (`round`).

use rayon::prelude::*;

use crate::QuantizeError;
use crate::moments::{Integers, Spread};
use crate::tile::{Rows, SIDE, factor, solve, solve_transposed, subtract, transpose};
use crate::watch::Progress;

/// Share of the mean diagonal added to the diagonal, so that an input that never varied is no
/// singularity.
const DAMPING: f64 = 0.01;

/// The equations after elimination.
pub(super) struct Factored {
    /// The input at each place: those that vary least come first.
    order: Vec<usize>,
    /// Row by row from the diagonal on. The diagonal's tiles are U's, the others transposed.
    upper: Vec<Vec<Rows<f64>>>,
    /// The right-hand side, inputs × outputs.
    wanted: Vec<Vec<Rows<f64>>>,
    /// Fitted weights, inputs × outputs.
    fitted: Vec<Vec<Rows<f64>>>,
    damping: f64,
}

/// Products in the work on a layer of so many inputs and outputs.
pub(super) struct Work {
    pub(super) moments: f64,
    pub(super) products: f64,
    pub(super) factor: f64,
    pub(super) round: f64,
}

impl Work {
    pub(super) fn new(samples: usize, inputs: usize, outputs: usize) -> Self {
        let (s, n, m) = (samples as f64, inputs as f64, outputs as f64);
        Self {
            // In f32, twice as many at a time.
            moments: s * n * n / 4.0,
            products: s * n * m,
            factor: n * n * n / 6.0 + n * n * m,
            round: n * n * m / 2.0 * crate::round::SHARES.len() as f64,
        }
    }

    pub(super) fn total(&self) -> f64 {
        self.moments + self.products + self.factor + self.round
    }
}

impl Factored {
    /// `weight(output, input)` are the weights before, `wanted(sample, output)` the centred outputs.
    pub(super) fn new(
        integers: Integers<'_>,
        spread: &Spread,
        outputs: usize,
        weight: impl Fn(usize, usize) -> f64 + Sync,
        wanted: impl Fn(usize, usize) -> f64 + Sync,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Self, QuantizeError> {
        let inputs = integers.inputs;
        let work = Work::new(integers.samples(), inputs, outputs);
        let mut order: Vec<usize> = (0..inputs).collect();
        let variance = &spread.variance;
        order.sort_by(|&a, &b| variance[a].total_cmp(&variance[b]).then(b.cmp(&a)));

        progress.begin(work.moments)?;
        let mut upper = integers.moments(&order, spread, progress)?;
        let mean = variance.iter().sum::<f64>() / inputs.max(1) as f64;
        let damping = if mean > 0.0 { DAMPING * mean } else { 1.0 };
        for (place, row) in
            upper.iter_mut().flat_map(|row| row[0].iter_mut().enumerate()).enumerate()
        {
            let (within, row) = row;
            row[within] += if place < inputs { damping } else { 1.0 };
        }
        progress.begin(work.products)?;
        let mut side = integers.products(&order, outputs, wanted, progress)?;
        side.par_iter_mut().enumerate().for_each(|(row, tiles)| {
            let places = order.iter().skip(row * SIDE).take(SIDE);
            for (within, &input) in places.enumerate() {
                for (output, tile) in (0..outputs).step_by(SIDE).zip(tiles.iter_mut()) {
                    for (value, output) in tile[within].iter_mut().zip(output..outputs) {
                        *value += damping * weight(output, input);
                    }
                }
            }
        });
        progress.begin(work.factor)?;
        let rows = upper.len();
        upper.iter_mut().zip(&mut side).for_each(|(upper, side)| upper.append(side));
        eliminate(&mut upper, progress)?;
        let wanted: Vec<_> =
            upper.iter_mut().enumerate().map(|(row, tiles)| tiles.split_off(rows - row)).collect();
        upper
            .par_iter_mut()
            .for_each(|row| row.iter_mut().skip(1).for_each(|tile| transpose(tile)));
        let mut factored = Self { order, upper, wanted, fitted: Vec::new(), damping };
        factored.fitted = factored.substituted();
        Ok(factored)
    }

    /// The fitted weights.
    fn substituted(&self) -> Vec<Vec<Rows<f64>>> {
        let across = self.wanted.first().map_or(0, Vec::len);
        let columns = (0..across).into_par_iter().map(|column| {
            let mut found: Vec<Rows<f64>> = vec![Vec::new(); self.tiles()];
            for row in (0..self.tiles()).rev() {
                let mut left = self.wanted[row][column].clone();
                for (below, found) in found.iter().enumerate().skip(row + 1) {
                    subtract(&mut left, self.transposed(row, below), found);
                }
                solve(self.diagonal(row), &mut left, |_, _, _| {});
                found[row] = left;
            }
            found
        });
        columns.collect()
    }

    pub(super) fn inputs(&self) -> usize {
        self.order.len()
    }

    pub(super) fn tiles(&self) -> usize {
        self.upper.len()
    }

    pub(super) fn damping(&self) -> f64 {
        self.damping
    }

    pub(super) fn diagonal(&self, row: usize) -> &[[f64; SIDE]] {
        &self.upper[row][0]
    }

    pub(super) fn transposed(&self, row: usize, column: usize) -> &[[f64; SIDE]] {
        &self.upper[row][column - row]
    }

    /// The right-hand side of an output, in a row of tiles.
    pub(super) fn wanted(&self, row: usize, output: usize) -> impl Iterator<Item = f64> {
        self.wanted[row][output / SIDE].iter().map(move |values| values[output % SIDE])
    }

    /// The fitted weights of an output, in the equations' order.
    pub(super) fn fitted(&self, output: usize) -> impl Iterator<Item = f64> {
        let tiles = self.fitted[output / SIDE].iter().flatten();
        tiles.map(move |values| values[output % SIDE]).take(self.inputs())
    }

    /// The fitted weights of an output with their inputs.
    pub(super) fn fitted_of_inputs(&self, output: usize) -> impl Iterator<Item = (usize, f64)> {
        self.order.iter().copied().zip(self.fitted(output))
    }

    /// Values in the equations' order, input after input.
    pub(super) fn in_order<T: Copy + Default>(&self, values: &[T]) -> Vec<T> {
        let mut found = vec![T::default(); self.inputs()];
        for (&input, &value) in self.order.iter().zip(values) {
            found[input] = value;
        }
        found
    }
}

/// Cholesky's elimination of the rows of a symmetric matrix from its diagonal on, and of what stands
/// to the right of it.
fn eliminate(
    rows: &mut [Vec<Rows<f64>>],
    progress: &mut Progress<'_, '_>,
) -> Result<(), QuantizeError> {
    let count = rows.len();
    let work = |row: usize| (row * (rows[0].len() - row)) as f64;
    let shares: Vec<f64> = (0..count).map(work).collect();
    let total = shares.iter().sum::<f64>().max(1.0);
    let mut done = 0.0;
    for (row, work) in shares.into_iter().enumerate() {
        progress.at(done / total)?;
        done += work;
        let (above, rest) = rows.split_at_mut(row);
        let tiles = &mut rest[0];
        tiles.par_iter_mut().enumerate().for_each(|(column, tile)| {
            for (index, above) in above.iter().enumerate() {
                let (a, b) = (row - index, row - index + column);
                subtract(tile, &above[a], &above[b]);
            }
        });
        let (diagonal, tiles) = tiles.split_first_mut().expect("a row has its diagonal");
        factor(diagonal);
        tiles.par_iter_mut().for_each(|tile| solve_transposed(diagonal, tile));
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{sample, unwatched};

    /// The equations of a layer that shall give `wanted`, by sample and output.
    pub(crate) fn factored(
        integers: Integers<'_>,
        outputs: usize,
        weight: impl Fn(usize, usize) -> f64 + Sync,
        wanted: impl Fn(usize, usize) -> f64 + Sync,
    ) -> Factored {
        let mut watch = unwatched;
        let progress = &mut Progress::new(&mut watch, 1.0);
        Factored::new(integers, &integers.spread(), outputs, weight, wanted, progress).unwrap()
    }

    /// What a layer of these weights gives, less its mean.
    pub(crate) fn output<'x>(
        integers: Integers<'x>,
        weight: impl Fn(usize, usize) -> f64 + 'x,
    ) -> impl Fn(usize, usize) -> f64 + 'x {
        let mean = integers.spread().mean;
        move |sample, output| {
            let values = &integers.values[sample * integers.inputs..][..integers.inputs];
            let terms = values.iter().zip(&mean).enumerate();
            terms.map(|(input, (&q, mean))| weight(output, input) * (f64::from(q) - mean)).sum()
        }
    }

    fn weight(output: usize, input: usize) -> f64 {
        ((output * 13 + input * 7) % 19) as f64 / 9.0 - 1.0
    }

    fn fitted(factored: &Factored, output: usize) -> Vec<f64> {
        factored.in_order(&factored.fitted(output).collect::<Vec<_>>())
    }

    #[test]
    fn inputs_as_they_should_be_leave_the_weights_alone() {
        for inputs in [1, 3, SIDE, SIDE + 1, 150] {
            let values = sample::integers(300, inputs, 3);
            let integers = Integers { values: &values, inputs };
            let factored = factored(integers, SIDE + 2, weight, output(integers, weight));
            for output in [0, SIDE - 1, SIDE + 1] {
                let pairs = fitted(&factored, output).into_iter().enumerate();
                let worst = pairs.fold(0.0_f64, |worst, (input, found)| {
                    worst.max((found - weight(output, input)).abs())
                });
                assert!(worst < 1e-9, "{inputs} inputs: {worst}");
            }
        }
    }

    #[test]
    fn an_input_that_came_too_small_gets_a_larger_weight() {
        let values = sample::integers(300, 2, 4);
        let integers = Integers { values: &values, inputs: 2 };
        // The first input came at half its size.
        let wanted = output(integers, |_, input| if input == 0 { 2.0 } else { -1.0 });
        let factored =
            factored(integers, 1, |_, input| if input == 0 { 1.0 } else { -1.0 }, wanted);
        let found = fitted(&factored, 0);
        assert!((found[0] - 2.0).abs() < 0.1 && (found[1] + 1.0).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn an_input_that_never_varies_keeps_its_weight() {
        let mut values = sample::integers(300, 3, 5);
        values.chunks_exact_mut(3).for_each(|sample| sample[1] = 7);
        let integers = Integers { values: &values, inputs: 3 };
        let factored = factored(integers, 1, |_, _| 0.5, output(integers, |_, _| 0.75));
        let found = fitted(&factored, 0);
        assert!((found[1] - 0.5).abs() < 1e-12 && (found[0] - 0.75).abs() < 0.02, "{found:?}");
    }
}
