//! The int8 contract: 64-bit sums, requantised by one division.

use ae_core::{Int8, Layer, Layout};

/// Where the numbers of a layer stand in its data.
struct Places {
    layout: Layout,
    inputs: usize,
    outputs: usize,
}

impl Places {
    /// The weight of an output for an input.
    fn weight(&self, data: &[u8], output: usize, input: usize) -> i64 {
        match self.layout {
            Layout::Rows => i64::from(data[output * self.inputs + input] as i8),
            Layout::RowPairs => {
                let lane = self.block(output) + input / 4 * 16 + output % 4 / 2 * 8 + input % 4 * 2;
                let lane = i16::from_le_bytes([data[lane], data[lane + 1]]);
                let even = i64::from(lane as i8);
                if output.is_multiple_of(2) { even } else { (i64::from(lane) - even) / 256 }
            }
        }
    }

    /// Bias, multiplier and shift of an output.
    fn parameters(&self, data: &[u8], output: usize) -> (i64, i64, u32) {
        let number = |at: usize| {
            let bytes = [data[at], data[at + 1], data[at + 2], data[at + 3]];
            i64::from(i32::from_le_bytes(bytes))
        };
        match self.layout {
            Layout::Rows => {
                let biases = (self.inputs * self.outputs).next_multiple_of(4);
                let place = biases + 4 * output;
                let shift = data[biases + 8 * self.outputs + output];
                (number(place), number(place + 4 * self.outputs), shift.into())
            }
            Layout::RowPairs => {
                let biases = self.block(output) + 16 * self.inputs.div_ceil(4);
                let place = biases + output % 4 * 4;
                (number(place), number(place + 16), data[biases + 32 + output % 4].into())
            }
        }
    }

    /// Whether all that only fills places is zero.
    fn is_filled_with_zeros(&self, data: &[u8]) -> bool {
        let (inputs, outputs) = (self.inputs, self.outputs);
        match self.layout {
            Layout::Rows => {
                let weights = inputs * outputs;
                data[weights..weights.next_multiple_of(4)].iter().all(|&byte| byte == 0)
            }
            Layout::RowPairs => {
                let all_inputs = inputs.next_multiple_of(4);
                let mut outputs_of_blocks = 0..outputs.next_multiple_of(4);
                outputs_of_blocks.all(|output| {
                    let first = if output < outputs { inputs } else { 0 };
                    let is_there = output < outputs;
                    (first..all_inputs).all(|input| self.weight(data, output, input) == 0)
                        && (is_there || self.parameters(data, output) == (0, 0, 0))
                })
            }
        }
    }

    fn block(&self, output: usize) -> usize {
        output / 4 * (16 * self.inputs.div_ceil(4) + 36)
    }
}

/// A layer's outputs as bytes for the integers `x`.
///
/// # Panics
/// If the layer breaks a rule of the format that makes it safe to compute.
pub fn layer(layer: &Layer<'_, Int8<'_>>, x: &[i64], y: &mut Vec<u8>) {
    let places = Places {
        layout: layer.arithmetic().layout(),
        inputs: layer.inputs(),
        outputs: layer.outputs(),
    };
    assert_eq!(x.len(), places.inputs, "values that go in");
    assert!(places.is_filled_with_zeros(layer.data()), "bytes that only fill places");
    let (data, tables) = (layer.data(), layer.arithmetic().tables());
    let zero_point = i64::from(layer.arithmetic().zero_point());
    y.clear();
    for output in 0..places.outputs {
        let (bias, multiplier, shift) = places.parameters(data, output);
        assert!(multiplier >= 0 && (1..=22).contains(&shift), "requantisation of {output}");
        let (mut sum, mut most) = (bias, bias.abs());
        for (input, x) in x.iter().enumerate() {
            let weight = places.weight(data, output, input);
            assert!((-127..=127).contains(&weight), "a weight of {output}");
            sum += weight * x;
            most += 128 * weight.abs();
        }
        assert!(most <= i64::from(i32::MAX), "the sum of {output} may overflow");
        let value = requantise(sum, multiplier, shift) + zero_point;
        let value = value.clamp(-128, 127);
        y.push(match tables.len() {
            0 => value as u8,
            // Each table but the last serves as many outputs.
            count => tables[output / places.outputs.div_ceil(count)][(value + 128) as usize],
        });
    }
}

/// `⌊sum · multiplier / 2^(32 + shift) + 1/2⌋`. The product is below 2^62.
fn requantise(sum: i64, multiplier: i64, shift: u32) -> i64 {
    let divisor = 1_i64 << (32 + shift);
    (sum * multiplier + divisor / 2).div_euclid(divisor)
}
