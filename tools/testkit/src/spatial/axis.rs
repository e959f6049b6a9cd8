//! One direction of a layer that works position by position (`FORMAT.md`, "Spatial layers").

/// The eight numbers of a direction, in the order in which they stand in a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Inputs along it.
    pub inputs: usize,
    /// Outputs along it.
    pub outputs: usize,
    /// Taps.
    pub kernel: usize,
    /// Inputs from a position to the next.
    pub stride: usize,
    /// Inputs from a tap to the next.
    pub dilation: usize,
    /// Padding before the first input.
    pub before: usize,
    /// Outputs of a position.
    pub interleave: usize,
    /// Outputs of the first position that are left out.
    pub crop: usize,
}

impl Axis {
    /// The names of the numbers.
    pub const NAMES: [&str; 8] =
        ["inputs", "outputs", "kernel", "stride", "dilation", "before", "interleave", "crop"];

    /// A position for each input, which it reads alone.
    #[must_use]
    pub fn of(inputs: usize) -> Self {
        Self {
            inputs,
            outputs: inputs,
            kernel: 1,
            stride: 1,
            dilation: 1,
            before: 0,
            interleave: 1,
            crop: 0,
        }
    }

    /// Of its [names](Self::NAMES).
    #[must_use]
    pub fn from_numbers(numbers: [u16; 8]) -> Self {
        let [inputs, outputs, kernel, stride, dilation, before, interleave, crop] =
            numbers.map(usize::from);
        Self { inputs, outputs, kernel, stride, dilation, before, interleave, crop }
    }

    /// As they stand in a blob.
    #[must_use]
    pub fn numbers(&self) -> [u16; 8] {
        let Self { inputs, outputs, kernel, stride, dilation, before, interleave, crop } = *self;
        [inputs, outputs, kernel, stride, dilation, before, interleave, crop]
            .map(|number| number as u16)
    }

    /// Inputs from the first tap to the last, both counted.
    #[must_use]
    pub fn extent(&self) -> usize {
        (self.kernel - 1) * self.dilation + 1
    }

    /// Positions.
    #[must_use]
    pub fn positions(&self) -> usize {
        (self.outputs + self.crop).div_ceil(self.interleave)
    }

    /// The position that an output belongs to, and which of its outputs it is.
    #[must_use]
    pub fn position(&self, output: usize) -> (usize, usize) {
        ((output + self.crop) / self.interleave, (output + self.crop) % self.interleave)
    }

    /// The input that a tap reads; none in the padding.
    #[must_use]
    pub fn input(&self, position: usize, tap: usize) -> Option<usize> {
        let input = (position * self.stride + tap * self.dilation).checked_sub(self.before)?;
        (input < self.inputs).then_some(input)
    }

    /// Whether the numbers follow the rules of the format.
    #[must_use]
    pub fn follows_the_rules(&self) -> bool {
        let Self { inputs, outputs, kernel, stride, dilation, before, interleave, crop } = *self;
        let least = [inputs, outputs, kernel, stride, dilation, interleave].into_iter().min();
        least != Some(0)
            && before < self.extent()
            && crop < interleave
            && (self.positions() - 1) * stride < inputs + before
    }
}
