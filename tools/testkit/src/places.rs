//! Where the numbers of an int8 layer stand in its data (`FORMAT.md`, "Layer data").

/// The order of an int8 layer's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Output after output.
    Rows,
    /// Blocks of four outputs, with weights in lanes of 16 bits.
    RowPairs,
    /// Tap after tap, of a depthwise convolution: its inputs are taps, its outputs channels.
    Taps,
    /// That of [`Layout::Rows`], of a layer whose largest sum is marked.
    OneHot,
}

impl Layout {
    /// Its number in a blob, where a depthwise convolution is in rows.
    #[must_use]
    pub fn number(self) -> usize {
        match self {
            Self::Rows | Self::Taps => 0,
            Self::RowPairs => 1,
            Self::OneHot => 2,
        }
    }
}

/// What an output channel has beside its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parameters {
    /// What the sum starts from.
    pub bias: i32,
    /// Not negative.
    pub multiplier: i32,
    /// 1 to 22.
    pub shift: u8,
}

/// Where the numbers of a layer of some shape stand. Outputs and inputs beyond the shape, up to
/// the next multiple of four, have places too in [`Layout::RowPairs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The order.
    pub layout: Layout,
    /// Values that go in.
    pub inputs: usize,
    /// Values that come out.
    pub outputs: usize,
}

impl Places {
    /// Bytes of the data.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self.layout {
            Layout::Rows | Layout::Taps | Layout::OneHot => {
                self.behind_weights() + 9 * self.outputs
            }
            Layout::RowPairs => self.outputs.div_ceil(4) * self.block_bytes(),
        }
    }

    /// The weight of an output for an input. In row pairs it may lie beyond an i8, which is against
    /// the rules.
    #[must_use]
    pub fn weight(self, data: &[u8], output: usize, input: usize) -> Option<i16> {
        match self.layout {
            Layout::Rows | Layout::Taps | Layout::OneHot => {
                Some((*data.get(self.weight_at(output, input))? as i8).into())
            }
            Layout::RowPairs => {
                let [even, odd] = self.lane(data, output, input)?;
                Some(if output.is_multiple_of(2) { even } else { odd })
            }
        }
    }

    /// Writes the weight of an output for an input, and leaves all others as they are.
    #[must_use]
    pub fn set_weight(
        self,
        data: &mut [u8],
        output: usize,
        input: usize,
        weight: i8,
    ) -> Option<()> {
        match self.layout {
            Layout::Rows | Layout::Taps | Layout::OneHot => {
                *data.get_mut(self.weight_at(output, input))? = weight as u8
            }
            Layout::RowPairs => {
                let [even, odd] = self.lane(data, output, input)?;
                let is_even = output.is_multiple_of(2);
                let [even, odd] =
                    if is_even { [weight.into(), odd] } else { [even, weight.into()] };
                let lane = data.get_mut(self.lane_at(output, input)..)?.first_chunk_mut()?;
                *lane = (256 * odd + even).to_le_bytes();
            }
        }
        Some(())
    }

    /// Bias, multiplier and shift of an output.
    #[must_use]
    pub fn parameters(self, data: &[u8], output: usize) -> Option<Parameters> {
        let [bias, multiplier, shift] = self.parameters_at(output);
        let number = |at: usize| Some(i32::from_le_bytes(*data.get(at..)?.first_chunk()?));
        Some(Parameters {
            bias: number(bias)?,
            multiplier: number(multiplier)?,
            shift: *data.get(shift)?,
        })
    }

    /// Writes bias, multiplier and shift of an output.
    #[must_use]
    pub fn set_parameters(self, data: &mut [u8], output: usize, value: Parameters) -> Option<()> {
        let [bias, multiplier, shift] = self.parameters_at(output);
        *data.get_mut(bias..)?.first_chunk_mut()? = value.bias.to_le_bytes();
        *data.get_mut(multiplier..)?.first_chunk_mut()? = value.multiplier.to_le_bytes();
        *data.get_mut(shift)? = value.shift;
        Some(())
    }

    /// Whether everything is zero that is no number of the layer, as it must be.
    #[must_use]
    pub fn has_zeros_elsewhere(self, data: &[u8]) -> bool {
        let Self { inputs, outputs, .. } = self;
        match self.layout {
            Layout::Rows | Layout::Taps | Layout::OneHot => {
                let padding = data.get(inputs * outputs..self.behind_weights());
                padding.is_some_and(|bytes| bytes.iter().all(|&byte| byte == 0))
            }
            Layout::RowPairs => (0..outputs.next_multiple_of(4)).all(|output| {
                let is_there = output < outputs;
                let mut beyond = if is_there { inputs } else { 0 }..inputs.next_multiple_of(4);
                beyond.all(|input| self.weight(data, output, input) == Some(0))
                    && (is_there || self.parameters(data, output) == Some(Parameters::default()))
            }),
        }
    }

    /// The byte of a weight.
    fn weight_at(self, output: usize, input: usize) -> usize {
        if self.layout == Layout::Taps {
            input * self.outputs + output
        } else {
            output * self.inputs + input
        }
    }

    /// Weights of the even and the odd output of a pair.
    fn lane(self, data: &[u8], output: usize, input: usize) -> Option<[i16; 2]> {
        let lane = *data.get(self.lane_at(output, input)..)?.first_chunk()?;
        let lane = i32::from(i16::from_le_bytes(lane));
        let even = i32::from(lane as i8);
        Some([even as i16, ((lane - even) / 256) as i16])
    }

    /// Lanes 0 to 3 are those of the first pair for four inputs, 4 to 7 those of the second.
    fn lane_at(self, output: usize, input: usize) -> usize {
        output / 4 * self.block_bytes() + input / 4 * 16 + output % 4 / 2 * 8 + input % 4 * 2
    }

    /// Of bias, multiplier and shift.
    fn parameters_at(self, output: usize) -> [usize; 3] {
        match self.layout {
            Layout::Rows | Layout::Taps | Layout::OneHot => {
                let biases = self.behind_weights();
                let multipliers = biases + 4 * self.outputs;
                let shifts = multipliers + 4 * self.outputs;
                [biases + 4 * output, multipliers + 4 * output, shifts + output]
            }
            Layout::RowPairs => {
                let biases = output / 4 * self.block_bytes() + 16 * self.inputs.div_ceil(4);
                let place = output % 4;
                [biases + 4 * place, biases + 16 + 4 * place, biases + 32 + place]
            }
        }
    }

    /// Where the biases of rows begin.
    fn behind_weights(self) -> usize {
        (self.inputs * self.outputs).next_multiple_of(4)
    }

    fn block_bytes(self) -> usize {
        16 * self.inputs.div_ceil(4) + 16 + 16 + 4
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, Parameters, Places};

    /// Every number can be written and read, and no two share a place.
    #[test]
    fn every_number_has_a_place_of_its_own() {
        for layout in [Layout::Rows, Layout::Taps, Layout::RowPairs] {
            for (inputs, outputs) in [(1, 1), (3, 5), (4, 4), (9, 6)] {
                let places = Places { layout, inputs, outputs };
                let mut data = vec![0; places.bytes()];
                let weight = |output: usize, input: usize| {
                    ((output * inputs + input) as i32 * 89 % 255 - 127) as i8
                };
                let parameters = |output: usize| Parameters {
                    bias: -1 - output as i32,
                    multiplier: i32::MAX - output as i32,
                    shift: 1 + output as u8,
                };
                for output in 0..outputs {
                    for input in 0..inputs {
                        let value = weight(output, input);
                        places.set_weight(&mut data, output, input, value).unwrap();
                    }
                    places.set_parameters(&mut data, output, parameters(output)).unwrap();
                }
                for output in 0..outputs {
                    for input in 0..inputs {
                        let found = places.weight(&data, output, input);
                        assert_eq!(found, Some(weight(output, input).into()), "{places:?}");
                    }
                    assert_eq!(places.parameters(&data, output), Some(parameters(output)));
                }
                assert!(places.has_zeros_elsewhere(&data), "{places:?}");
            }
        }
    }

    #[test]
    fn bytes_are_those_of_the_document() {
        // The first layer of its example: 3 outputs of 4 inputs.
        let places = Places { layout: Layout::Rows, inputs: 4, outputs: 3 };
        assert_eq!(places.bytes(), 39);
        assert_eq!(places.parameters_at(2), [0x84 - 0x70, 0x90 - 0x70, 0x96 - 0x70]);
        // Two blocks of two times 16 bytes of weights and 36 of parameters.
        let places = Places { layout: Layout::RowPairs, inputs: 5, outputs: 5 };
        assert_eq!(places.bytes(), 2 * (2 * 16 + 36));
        // 256 · b + a, with a borrow.
        let mut data = vec![0; places.bytes()];
        places.set_weight(&mut data, 1, 0, 3).unwrap();
        places.set_weight(&mut data, 0, 0, -1).unwrap();
        assert_eq!(data[..2], (256 * 3 - 1_i16).to_le_bytes());
    }

    #[test]
    fn what_stands_elsewhere_is_found() {
        for layout in [Layout::Rows, Layout::RowPairs] {
            let places = Places { layout, inputs: 3, outputs: 3 };
            let mut found = 0;
            for at in 0..places.bytes() {
                let mut data = vec![0; places.bytes()];
                data[at] = 1;
                found += usize::from(!places.has_zeros_elsewhere(&data));
            }
            // Rows have 3 bytes behind 9 weights. Row pairs have those of the fourth output, 8 of
            // lanes and 9 of parameters, less what it shares; and the fourth input of a lane each.
            let beyond = if layout == Layout::Rows { 3 } else { 2 + 2 + 3 + 9 };
            assert_eq!(found, beyond, "{layout:?}");
        }
    }
}
