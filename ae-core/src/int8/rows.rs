//! The layout `Rows`: output after output.

use super::{Parameters, Weights, check_channel};
use crate::error::LayerError;
use crate::geometry::Geometry;

/// Biases, multipliers and shifts.
type BlockParameters<'a> = (&'a [[u8; 4]], &'a [[u8; 4]], &'a [u8]);

/// The data of a layer in this layout: the weights, row after row, a byte each; zeros up to a
/// multiple of 4 bytes; the biases (i32); the multipliers (i32); the shifts (u8). Numbers are
/// little-endian.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    inputs: usize,
    weights: &'a [u8],
    padding: &'a [u8],
    biases: &'a [[u8; 4]],
    multipliers: &'a [[u8; 4]],
    shifts: &'a [u8],
}

impl<'a> Rows<'a> {
    pub(super) fn new(inputs: usize, outputs: usize, data: &'a [u8]) -> Self {
        let weights_len = weights_len(inputs, outputs);
        let padding_len = weights_len.wrapping_neg() % 4;
        let channel_bytes = outputs.saturating_mul(4);
        let (weights, rest) = split(data, weights_len);
        let (padding, rest) = split(rest, padding_len);
        let (biases, rest) = split(rest, channel_bytes);
        let (multipliers, shifts) = split(rest, channel_bytes);
        let (biases, multipliers) = (biases.as_chunks().0, multipliers.as_chunks().0);
        Self { inputs, weights, padding, biases, multipliers, shifts }
    }

    /// The weights of `count` outputs from `first` on, row after row, each byte an i8; `None`
    /// if the layer has fewer.
    #[must_use]
    pub fn block(&self, first: usize, count: usize) -> Option<&'a [u8]> {
        let rest = self.weights.get(self.inputs.checked_mul(first)?..)?;
        rest.get(..self.inputs.checked_mul(count)?)
    }

    /// The weights of one output, each byte an i8; none where there is no such output.
    #[must_use]
    pub fn row(&self, output: usize) -> &'a [u8] {
        self.block(output, 1).unwrap_or_default()
    }

    /// The biases, multipliers and shifts of `count` outputs from `first` on, the numbers as
    /// little-endian i32; `None` if the layer has fewer.
    #[must_use]
    pub fn block_parameters(&self, first: usize, count: usize) -> Option<BlockParameters<'a>> {
        let end = first.checked_add(count)?;
        let (biases, multipliers) =
            (self.biases.get(first..end)?, self.multipliers.get(first..end)?);
        Some((biases, multipliers, self.shifts.get(first..end)?))
    }

    pub(super) fn parameters(&self, output: usize) -> Parameters {
        let number = |numbers: &[[u8; 4]]| numbers.get(output).copied().unwrap_or_default();
        Parameters {
            bias: i32::from_le_bytes(number(self.biases)),
            multiplier: i32::from_le_bytes(number(self.multipliers)),
            shift: self.shifts.get(output).copied().unwrap_or_default(),
        }
    }

    /// The numbers of every output.
    pub(super) fn all_parameters(&self) -> impl Iterator<Item = Parameters> + use<'a> {
        let numbers = self.biases.iter().zip(self.multipliers).zip(self.shifts);
        numbers.map(|((bias, multiplier), &shift)| Parameters {
            bias: i32::from_le_bytes(*bias),
            multiplier: i32::from_le_bytes(*multiplier),
            shift,
        })
    }

    /// Whether every channel can be run on any input.
    #[inline(never)]
    pub(super) fn check(inputs: usize, outputs: usize, data: &'a [u8]) -> Result<(), LayerError> {
        let rows = Self::new(inputs, outputs, data);
        rows.check_padding()?;
        (0..outputs).try_for_each(|channel| {
            check_channel(channel, rows.magnitude(channel)?, &rows.parameters(channel))
        })
    }

    /// That what stands between the weights and the biases is zero.
    pub(super) fn check_padding(&self) -> Result<(), LayerError> {
        if self.padding.iter().any(|&byte| byte != 0) {
            return Err(LayerError::PaddingNotZero);
        }
        Ok(())
    }

    /// `Σ |weight|` of an output.
    fn magnitude(&self, output: usize) -> Result<u32, LayerError> {
        let mut magnitude = 0_u32;
        for &weight in self.row(output) {
            let weight = weight as i8;
            if weight == i8::MIN {
                return Err(LayerError::WeightRange { channel: output });
            }
            // At most 127 · MAX_WIDTH, far below 2^32.
            magnitude = magnitude.wrapping_add(u32::from(weight.unsigned_abs()));
        }
        Ok(magnitude)
    }

    /// Fills `data`, which is zero and of the right length.
    pub(super) fn fill(data: &mut [u8], inputs: usize, outputs: usize, from: &Weights<'_>) {
        let weights_len = weights_len(inputs, outputs);
        let Some((weights, parameters)) =
            data.split_at_mut_checked(weights_len.saturating_add(weights_len.wrapping_neg() % 4))
        else {
            return;
        };
        for (output, row) in weights.chunks_exact_mut(inputs.max(1)).take(outputs).enumerate() {
            for (byte, weight) in row.iter_mut().zip(from.row(inputs, output)) {
                *byte = weight as u8;
            }
        }
        let channel_bytes = outputs.saturating_mul(4);
        let (biases, rest) = parameters.split_at_mut_checked(channel_bytes).unwrap_or_default();
        let (multipliers, shifts) = rest.split_at_mut_checked(channel_bytes).unwrap_or_default();
        let (biases, multipliers) = (biases.as_chunks_mut().0, multipliers.as_chunks_mut().0);
        let places = biases.iter_mut().zip(multipliers).zip(shifts).enumerate();
        for (output, ((bias, multiplier), shift)) in places {
            let parameters = from.parameters(output);
            *bias = parameters.bias.to_le_bytes();
            *multiplier = parameters.multiplier.to_le_bytes();
            *shift = parameters.shift;
        }
    }
}

/// Bytes of the weights.
fn weights_len(inputs: usize, outputs: usize) -> usize {
    usize::try_from(Geometry::dense(inputs, outputs).weights()).unwrap_or(usize::MAX)
}

/// Both sides of `at`; the loader has checked that `bytes` reaches so far.
fn split(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}
