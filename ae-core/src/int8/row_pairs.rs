//! The layout `RowPairs`: blocks of four outputs, two of them in each 16-bit lane.

use super::{Parameters, Weights, check_channel};
use crate::error::LayerError;
use crate::geometry::row_pairs::{self, PARAMETERS, QUAD, block_len};

/// The data of a layer in this layout: a block after the other, each for four outputs.
///
/// A block is, for every four inputs, 16 bytes of weights: eight lanes of 16 bits, little-endian.
/// Lanes 0–3 hold outputs 0 and 1 of the block for the four inputs in order, lanes 4–7 outputs 2
/// and 3. A lane is `256 · odd + even`, of the weights of the odd and the even output. Behind the
/// weights stand the four biases (i32), the four multipliers (i32) and the four shifts (u8).
/// Inputs and outputs that the layer does not have are zero throughout.
#[derive(Debug, Clone, Copy)]
pub struct RowPairs<'a> {
    inputs: usize,
    outputs: usize,
    data: &'a [u8],
}

impl<'a> RowPairs<'a> {
    /// Outputs of a block.
    pub const BLOCK: usize = row_pairs::BLOCK;

    /// Bytes of the data of a layer; more than there can be where these are too many for a `usize`.
    #[must_use]
    pub const fn data_len(inputs: usize, outputs: usize) -> usize {
        outputs.div_ceil(Self::BLOCK).saturating_mul(block_len(inputs))
    }

    pub(super) fn new(inputs: usize, outputs: usize, data: &'a [u8]) -> Self {
        Self { inputs, outputs, data }
    }

    /// Weights and parameters of the block that holds an output.
    fn block(&self, output: usize) -> (&'a [[u8; QUAD]], &'a [u8]) {
        let len = block_len(self.inputs);
        let start = (output / Self::BLOCK).saturating_mul(len);
        let block = self.data.get(start..).unwrap_or_default();
        let weights_len = len.saturating_sub(PARAMETERS);
        let (weights, rest) = block.split_at_checked(weights_len).unwrap_or_default();
        (weights.as_chunks().0, rest)
    }

    /// A weight, which may be one of those that only fill a block.
    pub(super) fn at(&self, output: usize, input: usize) -> i8 {
        let quad = self.block(output).0.get(input / 4).unwrap_or(&[0; QUAD]);
        let lane = (output % Self::BLOCK / 2).saturating_mul(4).saturating_add(input % 4);
        let lane = quad.as_chunks().0.get(lane).copied().unwrap_or_default();
        let [even, odd] = unpack(i16::from_le_bytes(lane));
        if output.is_multiple_of(2) { even } else { odd }
    }

    pub(super) fn parameters(&self, output: usize) -> Parameters {
        let words = self.block(output).1.as_chunks().0;
        let place = output % Self::BLOCK;
        let number = |at: usize| i32::from_le_bytes(words.get(at).copied().unwrap_or_default());
        let shifts = words.get(8).unwrap_or(&[0; 4]);
        Parameters {
            bias: number(place),
            multiplier: number(place.saturating_add(4)),
            shift: shifts.get(place).copied().unwrap_or_default(),
        }
    }

    /// Whether every channel can be run on any input, and those that only fill a block are zero.
    #[inline(never)]
    pub(super) fn check(inputs: usize, outputs: usize, data: &'a [u8]) -> Result<(), LayerError> {
        let pairs = Self::new(inputs, outputs, data);
        let padded_outputs = outputs.div_ceil(Self::BLOCK).saturating_mul(Self::BLOCK);
        let mut magnitudes = [0; 2];
        (0..padded_outputs).try_for_each(|channel| {
            if channel.is_multiple_of(2) {
                pairs.magnitudes(channel, &mut magnitudes)?;
            }
            let [even, odd] = magnitudes;
            pairs.check_output(channel, if channel.is_multiple_of(2) { even } else { odd })
        })
    }

    fn check_output(&self, channel: usize, magnitude: u32) -> Result<(), LayerError> {
        let parameters = self.parameters(channel);
        if channel < self.outputs {
            check_channel(channel, magnitude, &parameters)
        } else if parameters == Parameters::NONE {
            Ok(())
        } else {
            Err(LayerError::PaddingNotZero)
        }
    }

    /// `Σ |weight|` of an even output and of the next, which may be such as only fill the last
    /// block.
    #[inline(never)]
    fn magnitudes(&self, even: usize, magnitudes: &mut [u32; 2]) -> Result<(), LayerError> {
        let first = (even % Self::BLOCK).wrapping_mul(2);
        let (mut evens, mut odds) = (0_u32, 0_u32);
        let mut last: &[[u8; 2]] = &[];
        // A pass over all weights of a model: it asks no more of a lane than it must.
        for quad in self.block(even).0 {
            last = quad.as_chunks().0.get(first..).unwrap_or_default();
            for lane in last.iter().take(4) {
                let [even_width, odd_width] = widths(*lane);
                if (even_width | odd_width) > 127 {
                    let place = usize::from(even_width <= 127);
                    return Err(LayerError::WeightRange { channel: even.wrapping_add(place) });
                }
                evens = evens.wrapping_add(even_width);
                odds = odds.wrapping_add(odd_width);
            }
        }
        *magnitudes = [evens, odds];
        // Inputs that there are not fill the last quad alone.
        let used = (self.inputs.wrapping_sub(1) % 4).wrapping_add(1);
        let is_idle = |output: usize, magnitude: u32| output < self.outputs || magnitude == 0;
        if last.iter().take(4).skip(used).all(|lane| *lane == [0; 2])
            && is_idle(even, evens)
            && is_idle(even.wrapping_add(1), odds)
        {
            Ok(())
        } else {
            Err(LayerError::PaddingNotZero)
        }
    }

    /// Fills `data`, which is zero and of the right length.
    pub(super) fn fill(data: &mut [u8], inputs: usize, outputs: usize, from: &Weights<'_>) {
        let len = block_len(inputs);
        for output in 0..outputs {
            let start = (output / Self::BLOCK).saturating_mul(len);
            let block = data.get_mut(start..).unwrap_or_default();
            let Some((weights, words)) = block.split_at_mut_checked(len.saturating_sub(PARAMETERS))
            else {
                return;
            };
            let place = output % Self::BLOCK;
            let unit = if output.is_multiple_of(2) { 1 } else { 256 };
            let quads = weights.as_chunks_mut::<QUAD>().0;
            let lanes = quads.iter_mut().flat_map(|quad| {
                let pair = (place / 2).saturating_mul(QUAD / 2);
                quad.get_mut(pair..).unwrap_or_default().as_chunks_mut().0.iter_mut().take(4)
            });
            for (lane, weight) in lanes.zip(from.row(inputs, output)) {
                // Two weights of at most 127 in magnitude fit a lane: 256 · 127 + 127 < 2^15.
                let value =
                    i16::from_le_bytes(*lane).wrapping_add(i16::from(weight).wrapping_mul(unit));
                *lane = value.to_le_bytes();
            }
            let Parameters { bias, multiplier, shift } = from.parameters(output);
            let words = words.as_chunks_mut::<4>().0;
            for (at, value) in [(0, bias), (4, multiplier)] {
                if let Some(word) = words.get_mut(place.saturating_add(at)) {
                    *word = value.to_le_bytes();
                }
            }
            if let Some(byte) = words.get_mut(8).and_then(|shifts| shifts.get_mut(place)) {
                *byte = shift;
            }
        }
    }
}

/// The weights of a lane: of the even output and of the odd one.
///
/// The difference is a multiple of 256. Where it is beyond i8, the loader refuses the lane: the
/// odd weight comes out as −128.
fn unpack(lane: i16) -> [i8; 2] {
    let even = lane as i8;
    let odd = i32::from(lane).wrapping_sub(i32::from(even)) >> 8;
    [even, i8::try_from(odd).unwrap_or(i8::MIN)]
}

/// The magnitudes of a lane's weights, and 128 or more for one that the loader refuses.
fn widths(lane: [u8; 2]) -> [u32; 2] {
    let lane = i32::from(i16::from_le_bytes(lane));
    let even = i32::from(lane as i8);
    [even.unsigned_abs(), (lane.wrapping_sub(even) >> 8).unsigned_abs()]
}

#[cfg(test)]
mod tests {
    use super::{unpack, widths};

    #[test]
    fn every_lane_of_two_weights_is_unpacked_and_no_other_gives_weights() {
        let mut lanes = 0;
        for lane in i16::MIN..=i16::MAX {
            let [even, odd] = unpack(lane);
            let refused = [even, odd].map(|weight| weight == i8::MIN);
            assert_eq!(widths(lane.to_le_bytes()).map(|width| width > 127), refused);
            if even != i8::MIN && odd != i8::MIN {
                let magnitudes = [even, odd].map(|weight| u32::from(weight.unsigned_abs()));
                assert_eq!(widths(lane.to_le_bytes()), magnitudes);
                assert_eq!(256 * i32::from(odd) + i32::from(even), i32::from(lane));
                lanes += 1;
            }
        }
        assert_eq!(lanes, 255 * 255);
    }
}
