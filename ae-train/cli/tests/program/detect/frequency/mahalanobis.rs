//! The Mahalanobis distance from some windows, as plain as can be: what detectors are compared with.

/// A mean, and the Cholesky factor of a covariance.
#[derive(Debug, Clone)]
pub(super) struct Mahalanobis {
    mean: Vec<f64>,
    /// Row after row of a lower triangle.
    factor: Vec<Vec<f64>>,
}

/// This share of the mean variance is added to each, so that what never varies has a finite weight.
const RIDGE: f64 = 1e-3;

impl Mahalanobis {
    /// Of windows of `width` values each.
    ///
    /// # Panics
    /// There are no windows, or values that are not finite.
    #[must_use]
    pub(super) fn fit(windows: &[f64], width: usize) -> Self {
        let count = (windows.len() / width) as f64;
        let mut mean = vec![0.0; width];
        for window in windows.chunks(width) {
            mean.iter_mut().zip(window).for_each(|(sum, value)| *sum += value / count);
        }
        let mut covariance = vec![vec![0.0; width]; width];
        for window in windows.chunks(width) {
            let centred: Vec<f64> =
                window.iter().zip(&mean).map(|(value, mean)| value - mean).collect();
            for (row, of_row) in covariance.iter_mut().enumerate() {
                let pairs = of_row[..=row].iter_mut().zip(&centred);
                pairs.for_each(|(sum, value)| *sum += centred[row] * value / count);
            }
        }
        let trace: f64 = (0..width).map(|at| covariance[at][at]).sum();
        let ridge = (RIDGE * trace / width as f64).max(f64::MIN_POSITIVE);
        (0..width).for_each(|at| covariance[at][at] += ridge);
        let mut factor: Vec<Vec<f64>> = Vec::with_capacity(width);
        for row in 0..width {
            let mut of_row = covariance[row][..=row].to_vec();
            for at in 0..row {
                let known: f64 = (0..at).map(|k| of_row[k] * factor[at][k]).sum();
                of_row[at] = (of_row[at] - known) / factor[at][at];
            }
            let known: f64 = of_row[..row].iter().map(|it| it * it).sum();
            of_row[row] = (of_row[row] - known).sqrt();
            assert!(of_row[row] > 0.0, "finite values");
            factor.push(of_row);
        }
        Self { mean, factor }
    }

    /// The squared distance of a window.
    #[must_use]
    pub(super) fn distance(&self, window: &[f64]) -> f64 {
        let mut solved: Vec<f64> = Vec::with_capacity(window.len());
        for ((row, value), mean) in self.factor.iter().zip(window).zip(&self.mean) {
            let known: f64 = row.iter().zip(&solved).map(|(factor, known)| factor * known).sum();
            solved.push((value - mean - known) / row[solved.len()]);
        }
        solved.iter().map(|it| it * it).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Mahalanobis;

    #[test]
    fn distances_by_hand() {
        // Means 0 and 10, variances 4 and 1, no covariance.
        let fitted = Mahalanobis::fit(&[2.0, 11.0, -2.0, 11.0, 2.0, 9.0, -2.0, 9.0], 2);
        let of = |window: [f64; 2]| fitted.distance(&window);
        assert!((of([4.0, 10.0]) - 4.0).abs() < 0.01, "{}", of([4.0, 10.0]));
        assert!((of([0.0, 13.0]) - 9.0).abs() < 0.1, "{}", of([0.0, 13.0]));
        // What usually goes together weighs less than what does not.
        let fitted = Mahalanobis::fit(&[1.0, 1.0, -1.0, -1.0, 1.1, 0.9, -1.1, -0.9], 2);
        assert!(fitted.distance(&[1.0, -1.0]) > 50.0 * fitted.distance(&[1.0, 1.0]));
    }
}
