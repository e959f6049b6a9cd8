//! What positions read.

use ae_import::Padding;

/// What positions read along one direction.
pub(crate) struct Window {
    pub(crate) outputs: usize,
    places: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    before: usize,
}

impl Window {
    pub(crate) fn new(
        places: usize,
        kernel: usize,
        stride: usize,
        dilation: usize,
        padding: Padding,
        direction: usize,
    ) -> Self {
        let extent = (kernel - 1) * dilation + 1;
        let (before, after) = match padding {
            Padding::Valid => (0, 0),
            Padding::Same => {
                let last = (places.div_ceil(stride) - 1) * stride;
                let padding = (last + extent).saturating_sub(places);
                (padding / 2, padding - padding / 2)
            }
            Padding::Explicit { before, after } => (before[direction], after[direction]),
        };
        let outputs = (places + before + after - extent) / stride + 1;
        Self { outputs, places, kernel, stride, dilation, before }
    }

    /// The taps of a position that lie in the map, with their places.
    pub(crate) fn inputs(&self, position: usize) -> Vec<(usize, usize)> {
        let place = |tap: usize| {
            let at = (position * self.stride + tap * self.dilation).checked_sub(self.before)?;
            (at < self.places).then_some((tap, at))
        };
        (0..self.kernel).filter_map(place).collect()
    }
}
