//! A quantised dense layer, owned.

use ae_core::{Geometry, Requant};

use crate::LayerBytes;
use crate::contract::{Int8Contract, Int8Parameters};

/// A dense layer in the int8 contract.
#[derive(Debug, Clone)]
pub(super) struct Int8Dense {
    inputs: usize,
    outputs: usize,
    parameters: Int8Parameters,
    /// The data section of the format.
    data: Vec<u8>,
}

/// One output channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) weights: Vec<i8>,
    pub(super) bias: i32,
    /// Accumulator step over output step; below [`MAX_FACTOR`].
    pub(super) factor: f64,
}

/// The factor from an accumulator step to an output step must stay below this: the multiplier has
/// 31 bits and the shift is at least 1, so `2^31 / 2^33` is out of reach.
pub(super) const MAX_FACTOR: f64 = 0.25;

impl Int8Dense {
    pub(super) fn new(inputs: usize, parameters: Int8Parameters, rows: &[Row]) -> Self {
        let mut data: Vec<u8> = Vec::with_capacity(rows.len() * (inputs + 9) + 3);
        for row in rows {
            data.extend(row.weights.iter().map(|&weight| weight as u8));
        }
        data.resize(data.len().next_multiple_of(4), 0);
        for row in rows {
            data.extend(row.bias.to_le_bytes());
        }
        let factors: Vec<(i32, u8)> =
            rows.iter().map(|row| Requant::fixed_point(row.factor)).collect();
        for (multiplier, _) in &factors {
            data.extend(multiplier.to_le_bytes());
        }
        data.extend(factors.iter().map(|(_, shift)| shift));
        Self { inputs, outputs: rows.len(), parameters, data }
    }

    pub(super) fn bytes(&self) -> LayerBytes<'_, Int8Contract> {
        LayerBytes {
            geometry: Geometry::dense(self.inputs, self.outputs),
            parameters: &self.parameters,
            data: &self.data,
        }
    }
}
