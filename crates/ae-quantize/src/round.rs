//! Rounds weights so that the error of one column is made good by the columns not yet rounded.
//!
//! Source: Frantar et al., "GPTQ", arXiv 2210.17323. For a row `w` and inputs with second-moment
//! matrix `H` the loss is `(w − ŵ) H (w − ŵ)ᵀ`. With `H⁻¹ = UᵀU`, `U` upper triangular, column `i`
//! is rounded, its error divided by `U_ii`, and the remaining columns `j` lose error `· U_ij`; the
//! loss is the sum of the squared quotients. Columns are taken in order of falling `H_ii`.

use nalgebra::{Cholesky, DMatrix};

/// `H` made ready for rounding rows.
pub(super) struct ColumnOrder {
    order: Vec<usize>,
    /// Row-major upper triangle in the order above.
    upper: Vec<f64>,
}

/// Share of the mean diagonal added to the diagonal, so that an input that never varied is no
/// singularity.
const DAMPING: f64 = 0.01;

/// Weight scales tried for a row, as shares of the scale that fits its largest weight.
const SHARES: [f64; 9] = [1.0, 0.96, 0.92, 0.88, 0.84, 0.8, 0.74, 0.68, 0.6];

impl ColumnOrder {
    /// Of a second-moment matrix `h`, inputs × inputs.
    pub(super) fn new(h: &DMatrix<f64>) -> Self {
        let n = h.nrows();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| h[(b, b)].total_cmp(&h[(a, a)]).then(a.cmp(&b)));
        let damped = damped(h);
        // With the order reversed, Cholesky's lower factor L gives H = R·Rᵀ, R upper triangular;
        // then H⁻¹ = UᵀU with U = R⁻¹, which is L⁻¹ reversed again.
        let reversed = |i: usize| order[n - 1 - i];
        let lower =
            factor(DMatrix::from_fn(n, n, |i, j| damped[(reversed(i), reversed(j))])).unpack();
        let inverse = lower
            .solve_lower_triangular(&DMatrix::identity(n, n))
            .expect("Cholesky's factor has no zero on its diagonal");
        let upper = (0..n * n).map(|k| inverse[(n - 1 - k / n, n - 1 - k % n)]).collect();
        Self { order, upper }
    }

    /// The integer weights of a row and their scale, at least `min_scale`.
    pub(super) fn round(&self, row: &[f64], min_scale: f64) -> (Vec<i8>, f64) {
        let limit = f64::from(ae_core::WEIGHT_LIMIT);
        let largest = row.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
        let fitting = largest / limit;
        let mut best = (vec![0; row.len()], f64::INFINITY, min_scale);
        for share in SHARES {
            let scale = (fitting * share).max(min_scale);
            let (weights, loss) = self.round_at(row, scale, best.1);
            if loss < best.1 {
                best = (weights, loss, scale);
            }
            if scale == min_scale {
                break;
            }
        }
        (best.0, best.2)
    }

    /// The weights at this scale and their loss; gives up once the loss exceeds `bound`.
    fn round_at(&self, row: &[f64], scale: f64, bound: f64) -> (Vec<i8>, f64) {
        let n = self.order.len();
        let limit = f64::from(ae_core::WEIGHT_LIMIT);
        let mut left: Vec<f64> = self.order.iter().map(|&column| row[column]).collect();
        let mut weights = vec![0; n];
        let mut loss = 0.0;
        for i in 0..n {
            let upper = &self.upper[i * n..(i + 1) * n];
            let rounded = (left[i] / scale).round().clamp(-limit, limit);
            weights[self.order[i]] = rounded as i8;
            let error = (left[i] - rounded * scale) / upper[i];
            loss += error * error;
            if loss > bound {
                break;
            }
            for (left, upper) in left[i + 1..].iter_mut().zip(&upper[i + 1..]) {
                *left -= error * upper;
            }
        }
        (weights, loss)
    }
}

/// `h` with [`DAMPING`] on its diagonal.
pub(super) fn damped(h: &DMatrix<f64>) -> DMatrix<f64> {
    let n = h.nrows();
    let mean = h.diagonal().sum() / n.max(1) as f64;
    let damping = (DAMPING * mean).max(1e-12);
    let mut damped = h.clone();
    for i in 0..n {
        damped[(i, i)] += damping;
    }
    damped
}

/// Cholesky's factor of a matrix that damping has made positive definite.
pub(super) fn factor(matrix: DMatrix<f64>) -> Cholesky<f64, nalgebra::Dyn> {
    Cholesky::new(matrix).expect("a damped second-moment matrix is positive definite")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(h: &DMatrix<f64>, row: &[f64], weights: &[i8], scale: f64) -> f64 {
        let error = DMatrix::from_fn(1, row.len(), |_, i| row[i] - f64::from(weights[i]) * scale);
        (&error * h * error.transpose())[(0, 0)]
    }

    #[test]
    fn without_correlation_it_rounds_to_nearest() {
        let h = DMatrix::identity(4, 4);
        let row = [0.3, -1.27, 0.014, 0.635];
        let (weights, _) = ColumnOrder::new(&h).round_at(&row, 0.01, f64::INFINITY);
        assert_eq!(weights, [30, -127, 1, 64]);
    }

    #[test]
    fn with_correlation_it_loses_less_than_rounding_to_nearest() {
        // Inputs that share most of their variance, as neighbouring pixels do.
        let n = 40;
        let h = DMatrix::from_fn(n, n, |i, j| if i == j { 1.0 } else { 0.9 });
        let order = ColumnOrder::new(&h);
        let scale = 0.25;
        let (mut spread, mut plain) = (0.0, 0.0);
        for seed in 1..=20 {
            let row: Vec<f64> =
                (0..n).map(|i| ((i * i * seed % 23) as f64 - 11.0) / 11.0).collect();
            let (weights, _) = order.round_at(&row, scale, f64::INFINITY);
            let nearest: Vec<i8> = row.iter().map(|w| (w / scale).round() as i8).collect();
            spread += loss(&h, &row, &weights, scale);
            plain += loss(&h, &row, &nearest, scale);
        }
        assert!(spread < 0.5 * plain, "{spread} against {plain}");
    }

    #[test]
    fn inputs_that_never_vary_and_weights_that_are_zero_are_no_trouble() {
        let order = ColumnOrder::new(&DMatrix::zeros(3, 3));
        assert_eq!(order.round(&[0.0; 3], 1e-9), (vec![0, 0, 0], 1e-9));
        let (weights, scale) = order.round(&[1.0, -0.5, 0.25], 1e-9);
        assert!((f64::from(weights[0]) * scale - 1.0).abs() < 0.05);
    }
}
