//! What is held of the map between two layers (`FORMAT.md`, "Scratch").

use super::{Axis, Spatial};

/// Layers of a run at most.
pub(crate) const MOST_LAYERS: usize = 12;
/// Positions of a strip at least.
const LEAST_POSITIONS: usize = 16;
/// Positions of a strip along the axis that is cut at least.
const LEAST_ALONG: usize = 2;
/// Elements that strips must save.
pub(crate) const LEAST_SAVED: usize = 1024;

impl Spatial {
    fn is_cut_along_its_width(&self) -> bool {
        let [height, _] = &self.axes;
        (height.inputs, height.outputs) == (1, 1)
    }

    /// The axis that is cut, and the one across.
    fn cut(&self) -> [&Axis; 2] {
        let [height, width] = &self.axes;
        if self.is_cut_along_its_width() { [width, height] } else { [height, width] }
    }

    /// Positions of a strip along the axis that is cut.
    fn strip(&self) -> usize {
        let [along, across] = self.cut();
        let strip = LEAST_POSITIONS.div_ceil(across.positions()).max(LEAST_ALONG);
        let is_odd = strip * across.positions() % 2 == 1;
        (strip + usize::from(is_odd)).min(along.positions())
    }

    /// Whether a layer goes on with the map that this one gives.
    pub(crate) fn is_followed_by(&self, next: &Self) -> bool {
        let [outputs, inputs] = [
            (self.axes.map(|axis| axis.outputs), self.channels_out),
            (next.axes.map(|axis| axis.inputs), next.channels_in),
        ];
        outputs == inputs && self.is_cut_along_its_width() == next.is_cut_along_its_width()
    }

    /// Values of the window between this layer and the next.
    pub(crate) fn window(&self, next: &Self) -> usize {
        let [[front, across], [along, _]] = [self.cut(), next.cut()];
        let added = self.strip() * front.interleave;
        let advance = next.strip() * along.stride;
        let read = (next.strip() - 1) * along.stride + along.extent();
        let divides = |it: &usize| added.is_multiple_of(*it) && advance.is_multiple_of(*it);
        let common = (1..=added).rev().find(divides).unwrap_or(1);
        let is_possible = |waiting: &usize| {
            let differs = (waiting + front.crop).abs_diff(along.before);
            differs.is_multiple_of(common)
        };
        let waiting = (0..read).rev().find(is_possible).unwrap_or(0);
        let lines = (waiting + added).min(front.outputs);
        (lines * across.outputs * self.channels_out).next_multiple_of(4)
    }
}
