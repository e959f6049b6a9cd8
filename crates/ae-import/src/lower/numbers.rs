//! The numbers of a layer in another order.

use crate::Numbers;

/// Where each number of the new layer stands in the old one.
pub(super) struct Arrangement<'f> {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The old weight of a row and a column; none where it is 0.
    pub(super) weight: &'f dyn Fn(usize, usize) -> Option<usize>,
    /// The old bias, and scale, of a row.
    pub(super) row: &'f dyn Fn(usize) -> usize,
}

impl Numbers {
    /// Weights and biases.
    pub(crate) fn counts(&self) -> (usize, usize) {
        match self {
            Self::Real { weights, bias } => (weights.len(), bias.len()),
            Self::Integers { weights, bias, .. } => (weights.len(), bias.len()),
        }
    }

    /// The numbers in another order, with one scale or one for each row.
    pub(super) fn arranged(&self, to: &Arrangement<'_>) -> Self {
        match self {
            Self::Real { weights, bias } => {
                Self::Real { weights: to.weights(weights), bias: to.of_rows(bias) }
            }
            Self::Integers { weights, scales, bias } => Self::Integers {
                weights: to.weights(weights),
                scales: match scales[..] {
                    [one] => vec![one],
                    _ => to.of_rows(scales),
                },
                bias: to.of_rows(bias),
            },
        }
    }
}

impl Arrangement<'_> {
    fn weights<T: Copy + Default>(&self, old: &[T]) -> Vec<T> {
        let at = |row, column| (self.weight)(row, column).and_then(|at| old.get(at).copied());
        let mut new = Vec::with_capacity(self.rows.saturating_mul(self.columns));
        for row in 0..self.rows {
            new.extend((0..self.columns).map(|column| at(row, column).unwrap_or_default()));
        }
        new
    }

    fn of_rows<T: Copy + Default>(&self, old: &[T]) -> Vec<T> {
        (0..self.rows).map(|row| old.get((self.row)(row)).copied().unwrap_or_default()).collect()
    }
}
