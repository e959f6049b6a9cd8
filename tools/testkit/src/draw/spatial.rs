//! Layers that work position by position, of any sizes that the format allows.

use crate::random::SplitMix64;
use crate::spatial::{Axis, Kind, Spatial};

/// Most outputs that are drawn along a direction.
const MOST_OUTPUTS: usize = 9;
/// Most values of a map.
const MOST_VALUES: usize = 600;

/// How the positions of a direction lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    /// Wholly in the inputs.
    Valid,
    /// As many as strides in the inputs.
    Same,
    /// As they are drawn.
    Any,
}

impl Axis {
    /// Any numbers that the format allows for `inputs`; the kernel may be longer than they are.
    #[must_use]
    pub fn any(kind: Kind, inputs: usize, random: &mut SplitMix64) -> Self {
        Self::any_up_to(MOST_OUTPUTS, kind, inputs, random)
    }

    /// The same with so many outputs, where there is a choice.
    pub(super) fn any_up_to(
        most: usize,
        kind: Kind,
        inputs: usize,
        random: &mut SplitMix64,
    ) -> Self {
        if kind == Kind::Upsampling {
            return Self::with_outputs(Self::of(inputs), most, kind, random);
        }
        let kernel = random.one_of(&[1, 2, 3, 3, 4, 5, 1 + inputs]);
        let stride = random.one_of(&[1, 1, 2, 2, 3]);
        let dilation = if kind.is_pool() { 1 } else { random.one_of(&[1, 1, 2, 3]) };
        let axis = Self { kernel, stride, dilation, ..Self::of(inputs) };
        let padding = random.one_of(&[Padding::Valid, Padding::Same, Padding::Any, Padding::Any]);
        match padding {
            Padding::Valid if axis.extent() <= inputs => {
                Self { outputs: (inputs - axis.extent()) / stride + 1, ..axis }
            }
            Padding::Same => {
                let outputs = inputs.div_ceil(stride);
                let reach = (outputs - 1) * stride + axis.extent();
                let before = reach.saturating_sub(inputs) / 2;
                Self { outputs, before, ..axis }
            }
            _ => {
                let before = random.below(axis.extent().min(8));
                Self::with_outputs(Self { before, ..axis }, most, kind, random)
            }
        }
    }

    /// As many outputs as there may be, or fewer; interleaved where the kind may be.
    fn with_outputs(self, most: usize, kind: Kind, random: &mut SplitMix64) -> Self {
        let interleave = if kind.may_interleave() { random.one_of(&[1, 2, 2, 3]) } else { 1 };
        let crop = random.below(interleave);
        // The last position begins before the inputs end.
        let positions = (self.inputs + self.before - 1) / self.stride + 1;
        let most = (positions * interleave - crop).min(most);
        let outputs = if random.below(2) == 0 { most } else { 1 + random.below(most) };
        Self { outputs, interleave, crop, ..self }
    }
}

impl Spatial {
    /// A layer of a kind over a map of so many values, which is of any height, width and channels.
    ///
    /// # Panics
    /// If `inputs` is 0.
    #[must_use]
    pub fn any(kind: Kind, inputs: usize, random: &mut SplitMix64) -> Self {
        loop {
            let height = any_divisor(inputs, random);
            let width = any_divisor(inputs / height, random);
            let channels_in = inputs / height / width;
            let keeps_channels = kind != Kind::Convolution;
            let channels_out = if keeps_channels { channels_in } else { 1 + random.below(6) };
            let axes = [height, width].map(|inputs| Axis::any(kind, inputs, random));
            let spatial = Self { kind, channels_in, channels_out, axes };
            // Of one value a layer of every kind makes few.
            if spatial.outputs() <= MOST_VALUES && spatial.follows_the_rules() {
                return spatial;
            }
        }
    }
}

/// One of the numbers that divide `number`.
fn any_divisor(number: usize, random: &mut SplitMix64) -> usize {
    let divisors: Vec<usize> =
        (1..=number).filter(|divisor| number.is_multiple_of(*divisor)).collect();
    random.one_of(&divisors)
}
