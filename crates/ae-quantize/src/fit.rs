//! Refits a layer to the inputs it will really get.

use nalgebra::DMatrix;

use super::round::{damped, factor};

/// A layer's weights, refitted, and what rounding them needs to know of the inputs.
pub(super) struct Fitted {
    /// Outputs × inputs.
    pub(super) weights: DMatrix<f64>,
    /// Second moments of the centred inputs, inputs × inputs.
    pub(super) moments: DMatrix<f64>,
    /// Mean of each input.
    pub(super) mean_x: Vec<f64>,
    /// Mean of each wanted output. The bias is `mean_u − weights · mean_x`, whatever the weights
    /// become, so that no mean is shifted.
    pub(super) mean_u: Vec<f64>,
}

impl Fitted {
    /// The weights nearest to `weights` with which the inputs `x` (samples × inputs) give the
    /// outputs `u` (samples × outputs): ridge regression of the difference,
    /// `W + (C − W·H)·(H + λ)⁻¹` with `H = xᵀx/n` and `C = uᵀx/n`, both centred.
    pub(super) fn new(weights: &DMatrix<f64>, mut x: DMatrix<f64>, mut u: DMatrix<f64>) -> Self {
        let samples = x.nrows() as f64;
        let mean_x = centre(&mut x);
        let mean_u = centre(&mut u);
        let moments = x.tr_mul(&x) / samples;
        let cross = u.tr_mul(&x) / samples;
        let missing = cross - weights * &moments;
        let change = factor(damped(&moments)).solve(&missing.transpose());
        Self { weights: weights + change.transpose(), moments, mean_x, mean_u }
    }

    /// With output `j` counted in units that are `by[j]` times as large.
    pub(super) fn divide_outputs(&mut self, by: &[f64]) {
        for (mut row, by) in self.weights.row_iter_mut().zip(by) {
            row /= *by;
        }
        for (mean, by) in self.mean_u.iter_mut().zip(by) {
            *mean /= by;
        }
    }
}

/// Takes the mean off each column and gives the means.
fn centre(matrix: &mut DMatrix<f64>) -> Vec<f64> {
    let samples = matrix.nrows() as f64;
    let columns = matrix.column_iter_mut().map(|mut column| {
        let mean = column.sum() / samples;
        column.add_scalar_mut(-mean);
        mean
    });
    columns.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_inputs_leave_the_weights_alone() {
        let x = DMatrix::from_fn(50, 3, |s, i| ((s * (i + 3) * 7) % 11) as f64 / 11.0);
        let weights = DMatrix::from_row_slice(2, 3, &[1.0, -2.0, 0.5, 0.0, 3.0, -1.0]);
        let u = &x * weights.transpose();
        let fitted = Fitted::new(&weights, x, u);
        assert!((&fitted.weights - &weights).norm() < 1e-9);
    }

    #[test]
    fn an_input_that_came_too_small_gets_a_larger_weight() {
        let x = DMatrix::from_fn(200, 1, |s, _| (s % 20) as f64 / 20.0);
        let u = x.clone() * 2.0;
        let weights = DMatrix::from_element(1, 1, 2.0);
        let fitted = Fitted::new(&weights, x * 0.9, u);
        assert!((fitted.weights[(0, 0)] - 2.0 / 0.9).abs() < 0.01, "{}", fitted.weights);
    }
}
