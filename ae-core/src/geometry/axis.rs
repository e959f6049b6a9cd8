//! One direction of a layer that works position by position.

use super::saturated;
use crate::error::LayerError;

/// How positions lie along the height or the width of a [`Spatial`](super::Spatial) layer.
///
/// Position `p` reads the inputs `p · stride + t · dilation − before` for `t` from 0 to
/// `kernel − 1`; those outside lie in the padding. It gives `interleave` neighbouring outputs, so
/// output `o` is number `(o + crop) % interleave` of position `(o + crop) / interleave`.
///
/// ```
/// use ae_core::Axis;
///
/// let axis = Axis::same(28, 3, 2);
/// assert_eq!((axis.outputs, axis.before, axis.positions()), (14, 0, 14));
/// assert_eq!(axis.input(0, 2), Some(2));
/// // The last position reaches one beyond the end.
/// assert_eq!(axis.input(13, 2), None);
/// // Each of 7 inputs becomes two outputs.
/// assert_eq!(Axis::transposed(7, 2, 2).outputs, 14);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Inputs along it.
    pub inputs: u16,
    /// Outputs along it.
    pub outputs: u16,
    /// Inputs that a position reads.
    pub kernel: u16,
    /// Inputs from one position to the next.
    pub stride: u16,
    /// Inputs from one that a position reads to the next.
    pub dilation: u16,
    /// Padding before the first input.
    pub before: u16,
    /// Neighbouring outputs of a position: more than one in a transposed convolution and in
    /// upsampling.
    pub interleave: u16,
    /// Outputs of the first position that are left out.
    pub crop: u16,
}

impl Axis {
    /// One input, one output: the height of a signal.
    pub const ONE: Self = Self::valid(1, 1, 1);
    /// Numbers of an axis in a blob.
    pub(crate) const NUMBERS: usize = 8;

    const fn new(inputs: u16, outputs: u16, kernel: u16, stride: u16, before: u16) -> Self {
        Self { inputs, outputs, kernel, stride, dilation: 1, before, interleave: 1, crop: 0 }
    }

    /// Positions that lie wholly in the inputs; none where the kernel is the longer.
    #[must_use]
    pub const fn valid(inputs: u16, kernel: u16, stride: u16) -> Self {
        Self::valid_dilated(inputs, kernel, stride, 1)
    }

    /// As many positions as strides in the inputs, with padding on both sides, of which the second
    /// may be one longer.
    #[must_use]
    pub const fn same(inputs: u16, kernel: u16, stride: u16) -> Self {
        Self::same_dilated(inputs, kernel, stride, 1)
    }

    /// [`valid`](Self::valid) with holes in the kernel.
    #[must_use]
    pub const fn valid_dilated(inputs: u16, kernel: u16, stride: u16, dilation: u16) -> Self {
        let mut axis = Self::new(inputs, 0, kernel, stride, 0);
        axis.dilation = dilation;
        if let Some(left) = (inputs as usize).checked_sub(axis.extent())
            && let Some(further) = left.checked_div(stride as usize)
        {
            axis.outputs = narrow(further.saturating_add(1));
        }
        axis
    }

    /// [`same`](Self::same) with holes in the kernel.
    #[must_use]
    pub const fn same_dilated(inputs: u16, kernel: u16, stride: u16, dilation: u16) -> Self {
        let mut axis = Self::new(inputs, 0, kernel, stride, 0);
        axis.dilation = dilation;
        if stride != 0 {
            axis.outputs = inputs.div_ceil(stride);
            let last = (axis.outputs as usize).saturating_sub(1).saturating_mul(stride as usize);
            let reach = last.saturating_add(axis.extent());
            axis.before = narrow(reach.saturating_sub(inputs as usize) / 2);
        }
        axis
    }

    /// The transposed convolution with `stride` outputs for each input, whose kernel is `kernel`
    /// outputs long. Its positions read `⌈kernel / stride⌉` inputs each; where `kernel` is no
    /// multiple of `stride`, weights of 0 fill them up. Outputs beyond 65,535 are left out.
    #[must_use]
    pub const fn transposed(inputs: u16, kernel: u16, stride: u16) -> Self {
        let surplus = kernel.saturating_sub(stride) / 2;
        // Of the outputs that are too many, half are left out in front: whole positions first.
        let (Some(whole), Some(crop)) = (surplus.checked_div(stride), surplus.checked_rem(stride))
        else {
            return Self::new(inputs, 0, kernel, 0, 0);
        };
        let taps = kernel.div_ceil(stride);
        let before = taps.saturating_sub(1).saturating_sub(whole);
        let outputs = narrow((inputs as usize).saturating_mul(stride as usize));
        Self { interleave: stride, crop, ..Self::new(inputs, outputs, taps, 1, before) }
    }

    /// Each input repeated `factor` times, up to 65,535 outputs.
    #[must_use]
    pub const fn repeated(inputs: u16, factor: u16) -> Self {
        let outputs = narrow((inputs as usize).saturating_mul(factor as usize));
        Self { interleave: factor, ..Self::new(inputs, outputs, 1, 1, 0) }
    }

    /// All inputs as one position.
    #[must_use]
    pub const fn whole(inputs: u16) -> Self {
        Self::new(inputs, 1, inputs, 1, 0)
    }

    /// Inputs from the first to the last that a position reads, both counted.
    #[must_use]
    pub const fn extent(&self) -> usize {
        (self.kernel as usize)
            .saturating_sub(1)
            .saturating_mul(self.dilation as usize)
            .saturating_add(1)
    }

    /// Positions.
    #[must_use]
    pub const fn positions(&self) -> usize {
        match self.interleave {
            0 => 0,
            1 => self.outputs as usize,
            more => {
                (self.outputs as usize).saturating_add(self.crop as usize).div_ceil(more as usize)
            }
        }
    }

    /// The input that tap `tap` of a position reads; `None` in the padding.
    #[must_use]
    pub const fn input(&self, position: usize, tap: usize) -> Option<usize> {
        let at = position.saturating_mul(self.stride as usize);
        let at = at.saturating_add(tap.saturating_mul(self.dilation as usize));
        match at.checked_sub(self.before as usize) {
            Some(input) if input < self.inputs as usize => Some(input),
            _ => None,
        }
    }

    /// Whether some position reads what is not there.
    #[must_use]
    pub const fn is_padded(&self) -> bool {
        let last = self.positions().saturating_sub(1).saturating_mul(self.stride as usize);
        let reach = last.saturating_add(self.extent());
        self.before > 0 || reach > self.inputs as usize
    }

    pub(crate) const fn from_numbers(numbers: &[[u8; 2]; Self::NUMBERS]) -> Self {
        let [inputs, outputs, kernel, stride, dilation, before, interleave, crop] = *numbers;
        Self {
            inputs: u16::from_le_bytes(inputs),
            outputs: u16::from_le_bytes(outputs),
            kernel: u16::from_le_bytes(kernel),
            stride: u16::from_le_bytes(stride),
            dilation: u16::from_le_bytes(dilation),
            before: u16::from_le_bytes(before),
            interleave: u16::from_le_bytes(interleave),
            crop: u16::from_le_bytes(crop),
        }
    }

    pub(crate) const fn numbers(&self) -> [u16; Self::NUMBERS] {
        let Self { inputs, outputs, kernel, stride, dilation, before, interleave, crop } = *self;
        [inputs, outputs, kernel, stride, dilation, before, interleave, crop]
    }

    /// Whether every number is one that there can be, and every position reaches into the inputs: it
    /// begins before they end, and ends behind their beginning. With a dilation of 1 it reads one.
    pub(super) const fn check(&self, axis: Direction) -> Result<(), LayerError> {
        use AxisField::{
            Crop, Dilation, Inputs, Interleave, Kernel, LastPosition, Outputs, Padding, Stride,
        };
        const MOST: usize = u16::MAX as usize;
        let Self { inputs, outputs, kernel, stride, dilation, before, interleave, crop } = *self;
        // The last position begins before the inputs end.
        let last = self.positions().saturating_sub(1).saturating_mul(stride as usize);
        let end = (inputs as usize).saturating_add(before as usize);
        let (field, least, most, found) = if inputs == 0 {
            (Inputs, 1, MOST, 0)
        } else if outputs == 0 {
            (Outputs, 1, MOST, 0)
        } else if kernel == 0 {
            (Kernel, 1, MOST, 0)
        } else if stride == 0 {
            (Stride, 1, MOST, 0)
        } else if dilation == 0 {
            (Dilation, 1, MOST, 0)
        } else if before as usize >= self.extent() {
            (Padding, 0, self.extent().saturating_sub(1), before as usize)
        } else if interleave == 0 {
            (Interleave, 1, MOST, 0)
        } else if crop >= interleave {
            (Crop, 0, (interleave as usize).saturating_sub(1), crop as usize)
        } else if last >= end {
            (LastPosition, 0, end.saturating_sub(1), last)
        } else {
            return Ok(());
        };
        let (most, found) = (saturated(most), saturated(found));
        Err(LayerError::Axis { axis, field, least, most, found })
    }
}

/// One of the two directions of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the top to the bottom.
    Height,
    /// From the left to the right.
    Width,
}

impl Direction {
    /// The name as it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Height => "height",
            Self::Width => "width",
        }
    }
}

/// What can be out of bounds in an [`Axis`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisField {
    /// [`Axis::inputs`].
    Inputs,
    /// [`Axis::outputs`].
    Outputs,
    /// [`Axis::kernel`].
    Kernel,
    /// [`Axis::stride`].
    Stride,
    /// [`Axis::dilation`].
    Dilation,
    /// [`Axis::before`].
    Padding,
    /// [`Axis::interleave`].
    Interleave,
    /// [`Axis::crop`].
    Crop,
    /// Where the last position begins, which is before the inputs end.
    LastPosition,
}

impl AxisField {
    /// The name as it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inputs => "inputs",
            Self::Outputs => "outputs",
            Self::Kernel => "kernel",
            Self::Stride => "stride",
            Self::Dilation => "dilation",
            Self::Padding => "padding",
            Self::Interleave => "interleave",
            Self::Crop => "crop",
            Self::LastPosition => "last position",
        }
    }
}

const fn narrow(number: usize) -> u16 {
    if number > u16::MAX as usize { u16::MAX } else { number as u16 }
}

#[cfg(test)]
mod tests;
