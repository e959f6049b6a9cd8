//! A quantised layer, owned.

use ae_core::{Geometry, Requant, Rounding};

use crate::LayerBytes;
use crate::contract::{Int8Contract, Int8Parameters};

/// A layer in the int8 contract.
#[derive(Debug, Clone)]
pub struct Int8Layer {
    geometry: Geometry,
    parameters: Int8Parameters,
    /// The data section of the format.
    data: Vec<u8>,
}

/// One output of a position.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What multiplies the values that the position reads; −127 to 127.
    pub weights: Vec<i8>,
    /// What the sum starts from.
    pub bias: i32,
    /// Accumulator step over output step.
    pub factor: FixedFactor,
}

/// A factor as the format has it: `multiplier / 2^(32 + shift)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedFactor {
    /// 0 to 2³¹ − 1.
    pub multiplier: i32,
    /// 1 to 22.
    pub shift: u8,
}

impl FixedFactor {
    /// The nearest to a factor from 0, which is below [`MAX_FACTOR`].
    #[must_use]
    pub fn nearest(factor: f64) -> Self {
        let (multiplier, shift) = Requant::fixed_point(factor);
        Self { multiplier, shift }
    }
}

/// The factor from an accumulator step to an output step must stay below this: the multiplier has
/// 31 bits and the shift is at least 1, so `2^31 / 2^33` is out of reach.
pub const MAX_FACTOR: f64 = 0.25;

impl Int8Layer {
    /// A dense layer or a convolution, with a row for each output of a position.
    #[must_use]
    pub fn of_rows(geometry: Geometry, parameters: Int8Parameters, rows: &[Row]) -> Self {
        let weights = rows.iter().flat_map(|row| row.weights.iter().map(|&weight| weight as u8));
        Self { geometry, parameters, data: data(weights, rows) }
    }

    /// A depthwise convolution: a row holds the taps of a channel.
    #[must_use]
    pub fn of_taps(geometry: Geometry, parameters: Int8Parameters, rows: &[Row]) -> Self {
        let taps = geometry.weights_as_dense().inputs;
        let weights = (0..taps).flat_map(|tap| rows.iter().map(move |row| row.weights[tap] as u8));
        Self { geometry, parameters, data: data(weights, rows) }
    }

    /// A layer without weights, with tables or without. A mean that rounds twice rounds halves away from
    /// zero.
    #[must_use]
    pub fn passing(geometry: Geometry, rounding: Rounding, tables: Vec<u8>) -> Self {
        let parameters =
            Int8Parameters::Requantised { rounding, zero_point: 0, padding: 0, tables };
        Self { geometry, parameters, data: Vec::new() }
    }

    /// The layer as it is written.
    #[must_use]
    pub fn bytes(&self) -> LayerBytes<'_, Int8Contract> {
        LayerBytes { geometry: self.geometry, parameters: &self.parameters, data: &self.data }
    }
}

/// The weights in their order, and what else there is for each row.
fn data(weights: impl Iterator<Item = u8>, rows: &[Row]) -> Vec<u8> {
    let mut data: Vec<u8> = weights.collect();
    data.resize(data.len().next_multiple_of(4), 0);
    for row in rows {
        data.extend(row.bias.to_le_bytes());
    }
    for row in rows {
        data.extend(row.factor.multiplier.to_le_bytes());
    }
    data.extend(rows.iter().map(|row| row.factor.shift));
    data
}
