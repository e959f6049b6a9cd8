//! Convolution: a product of what positions read with the weights.

use ae_core::Spatial;

use super::super::product::{Matrix, multiply};
use super::places::{Fields, Interleave};

/// Values that are gathered at a time: they stay in the second cache. The number is part of the
/// result, since gradients are summed piece by piece.
const PIECE: usize = 1 << 16;

/// A convolution without its numbers. Its weights are `[field, columns]`.
#[derive(Debug)]
pub(super) struct Convolution {
    fields: Fields,
    interleave: Option<Interleave>,
    /// Values that a position reads.
    field: usize,
    /// Values that a position gives.
    columns: usize,
    positions: usize,
    inputs: usize,
}

impl Convolution {
    pub(super) fn new(spatial: &Spatial) -> Self {
        Self {
            fields: Fields::new(spatial),
            interleave: Interleave::new(spatial),
            field: spatial.field(),
            columns: spatial.columns(),
            positions: spatial.positions(),
            inputs: spatial.inputs(),
        }
    }

    /// The sums of all samples, without the bias.
    pub(super) fn forward(&self, inputs: &[f32], weights: &[f32]) -> Vec<f32> {
        let samples = inputs.len() / self.inputs;
        let mut sums = vec![0.0; samples * self.positions * self.columns];
        let weights = Matrix::new(weights, self.columns);
        if self.fields.is_input {
            multiply(Matrix::new(inputs, self.field), weights, &mut sums, false);
        } else {
            let rows = self.rows();
            let mut gathered = self.room(samples);
            for (piece, sums) in sums.chunks_mut(rows * self.columns).enumerate() {
                let gathered = &mut gathered[..sums.len() / self.columns * self.field];
                self.fields.gather(inputs, piece * rows, gathered);
                multiply(Matrix::new(gathered, self.field), weights, sums, false);
            }
        }
        match &self.interleave {
            Some(interleave) => interleave.outputs(&sums),
            None => sums,
        }
    }

    /// The gradient at the weights, and if wanted at the inputs, of that at the sums.
    pub(super) fn backward(
        &self,
        inputs: &[f32],
        weights: &[f32],
        at_sums: &[f32],
        wants_inputs: bool,
    ) -> (Vec<f32>, Option<Vec<f32>>) {
        let samples = inputs.len() / self.inputs;
        let of_positions;
        let at_sums = match &self.interleave {
            Some(interleave) => {
                of_positions = interleave.values(at_sums);
                &of_positions
            }
            None => at_sums,
        };
        let mut at_weights = vec![0.0; weights.len()];
        let mut at_inputs = wants_inputs.then(|| vec![0.0; inputs.len()]);
        let weights = Matrix::new(weights, self.columns).transposed();
        if self.fields.is_input {
            let at_sums = Matrix::new(at_sums, self.columns);
            let inputs = Matrix::new(inputs, self.field).transposed();
            multiply(inputs, at_sums, &mut at_weights, false);
            if let Some(at_inputs) = &mut at_inputs {
                multiply(at_sums, weights, at_inputs, false);
            }
            return (at_weights, at_inputs);
        }
        let rows = self.rows();
        let mut gathered = self.room(samples);
        for (piece, at_sums) in at_sums.chunks(rows * self.columns).enumerate() {
            let gathered = &mut gathered[..at_sums.len() / self.columns * self.field];
            let at_sums = Matrix::new(at_sums, self.columns);
            self.fields.gather(inputs, piece * rows, gathered);
            let read = Matrix::new(gathered, self.field).transposed();
            multiply(read, at_sums, &mut at_weights, piece > 0);
            if let Some(at_inputs) = &mut at_inputs {
                multiply(at_sums, weights, gathered, false);
                self.fields.scatter(gathered, piece * rows, at_inputs);
            }
        }
        (at_weights, at_inputs)
    }

    /// The bias of each output of a sample.
    pub(super) fn bias_of_outputs(&self, bias: &[f32]) -> Vec<f32> {
        let of_positions = bias.repeat(self.positions);
        match &self.interleave {
            Some(interleave) => interleave.outputs(&of_positions),
            None => of_positions,
        }
    }

    /// The gradient at the bias, of that at each output's.
    pub(super) fn at_bias(&self, at_outputs: &[f32]) -> Vec<f32> {
        match &self.interleave {
            Some(interleave) => super::sum_columns(&interleave.values(at_outputs), self.columns),
            None => super::sum_columns(at_outputs, self.columns),
        }
    }

    /// Positions that are gathered at a time, if there are as many.
    fn rows(&self) -> usize {
        (PIECE / self.field).max(1)
    }

    fn room(&self, samples: usize) -> Vec<f32> {
        vec![0.0; self.rows().min(samples * self.positions) * self.field]
    }
}
