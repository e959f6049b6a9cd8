//! The numbers of an int8 layer that is to be made.

use ae_core::{Layout, Rounding};
use ae_testkit::places::{self, Parameters, Places};
use ae_testkit::random::XorShift32;

use crate::values::Values;

/// How the sums of this case are rounded: those of each third one twice, where that is built.
pub(crate) fn rounding(case: usize) -> Rounding {
    let other = Rounding::ALL.last().filter(|_| case.is_multiple_of(3));
    other.copied().unwrap_or_default()
}

/// The words for a layer's order and rounding.
pub(crate) fn form(layout: Layout, rounding: Rounding) -> &'static str {
    match layout {
        _ if rounding == Rounding::Once => layout.name(),
        Layout::Rows => "rows rounded twice",
        Layout::RowPairs => "row-pairs rounded twice",
    }
}

/// What the data of a layer is filled with.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    /// `None` of a one-hot layer.
    pub(crate) layout: Option<Layout>,
    /// Inputs of each sum.
    pub(crate) inputs: usize,
    /// Sums that have weights of their own.
    pub(crate) outputs: usize,
    /// Whether the weights of all outputs for an input stand together, as in depthwise layers.
    pub(crate) is_by_tap: bool,
    pub(crate) weights: Values,
}

impl Numbers {
    /// Where they stand.
    pub(crate) fn places(self) -> Places {
        let layout = match self.layout {
            Some(Layout::Rows) => places::Layout::Rows,
            Some(Layout::RowPairs) => places::Layout::RowPairs,
            None => places::Layout::OneHot,
        };
        Places { layout, inputs: self.inputs, outputs: self.outputs }
    }

    /// Fills a layer's data.
    pub(crate) fn fill(self, data: &mut [u8], random: &mut XorShift32) -> Option<()> {
        let places = self.places();
        data.fill(0);
        for output in 0..self.outputs {
            let mut magnitude = 0;
            for input in 0..self.inputs {
                let weight = self.weights.at(input + output, -127, random);
                magnitude += i32::from(weight.unsigned_abs());
                if self.is_by_tap {
                    *data.get_mut(input * self.outputs + output)? = weight as u8;
                } else {
                    places.set_weight(data, output, input, weight)?;
                }
            }
            // The largest bias that the loader accepts with such weights, its negative, or a small
            // one.
            let largest = i32::MAX - 128 * magnitude;
            let bias = match output % 4 {
                // One-hot sums are to be close to each other, and equal ones among them.
                _ if self.layout.is_none() => [0, magnitude % 5][output % 2],
                0 => random.below(20_000) as i32 - 10_000,
                1 => largest,
                2 => -largest,
                _ => 0,
            };
            // Such that outputs of ordinary sums spread over i8, or at an end of the range; or that two
            // products of halves leave 32 bits together, and an output of the largest bias stays in i8.
            let spread = random.below(1 << 24) as i32;
            let (multiplier, shift) = match (output + self.inputs) % 7 {
                0 => (i32::MAX, 1),
                1 => (0, 22),
                2 => (i32::MAX, 22),
                3 => (1, 1),
                4 => (0x000f_ffff, 13),
                _ if self.weights == Values::Random => {
                    ((1 << 30) + spread, 8 + (self.inputs / 256) as u8)
                }
                _ => ((1 << 30) + spread, 6 + self.inputs.ilog2() as u8),
            };
            places.set_parameters(data, output, Parameters { bias, multiplier, shift })?;
        }
        Some(())
    }
}
