//! What positions read of the map, for kinds that keep their channels apart: a rectangle of places.
//!
//! Positions that read no padding follow each other in a row. They differ in nothing but the place where
//! their rectangle begins, and so are shown together.

use core::ops::Range;

use ae_core::{Axis, Spatial};

/// Taps of an axis that lie in the map at a position.
#[derive(Clone, Copy)]
pub(crate) struct Inside {
    /// The first of them, and how many there are.
    pub(crate) tap: usize,
    pub(crate) count: usize,
    /// The place that the first of them reads.
    pub(crate) place: usize,
}

impl Inside {
    /// Of a position that reads nothing of the map.
    pub(crate) const NONE: Self = Self { tap: 0, count: 0, place: 0 };

    /// Whether a tap lies in the map.
    pub(crate) fn has(&self, tap: usize) -> bool {
        tap.wrapping_sub(self.tap) < self.count
    }

    fn of(axis: &Axis, position: usize) -> Self {
        let before = usize::from(axis.before);
        let map = before..before.wrapping_add(axis.inputs.into());
        let mut at = position.wrapping_mul(axis.stride.into());
        let mut inside = Self::NONE;
        for tap in 0..usize::from(axis.kernel) {
            if map.contains(&at) {
                if inside.count == 0 {
                    (inside.tap, inside.place) = (tap, at.wrapping_sub(before));
                }
                inside.count = inside.count.wrapping_add(1);
            }
            at = at.wrapping_add(axis.dilation.into());
        }
        inside
    }
}

/// The positions of an axis that read no padding.
fn whole(axis: &Axis) -> Range<usize> {
    let (before, stride) = (usize::from(axis.before), usize::from(axis.stride.max(1)));
    let last = before.wrapping_add(axis.inputs.into()).checked_sub(axis.extent());
    let end = last.map_or(0, |last| (last / stride).wrapping_add(1));
    before.div_ceil(stride)..end.min(axis.positions())
}

/// Neighbouring positions of a row that read the same taps: one, or some that read no padding.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// The number of the first position.
    pub(crate) first: usize,
    pub(crate) positions: usize,
    /// The taps in the map, and the places that the first position's read.
    pub(crate) down: Inside,
    pub(crate) right: Inside,
}

impl Run {
    /// The taps in the map, of all that there are in two directions.
    pub(crate) fn taps(&self) -> usize {
        self.down.count.wrapping_mul(self.right.count)
    }
}

/// All positions of a layer in order, some at a time.
pub(crate) struct Runs<'s> {
    spatial: &'s Spatial,
    /// The columns of positions that read no padding beside the map.
    whole: Range<usize>,
    row: usize,
    column: usize,
    first: usize,
}

impl<'s> Runs<'s> {
    #[inline(never)]
    pub(crate) fn new(spatial: &'s Spatial) -> Self {
        Self { spatial, whole: whole(&spatial.width), row: 0, column: 0, first: 0 }
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    #[inline(never)]
    fn next(&mut self) -> Option<Run> {
        let Spatial { height, width, .. } = self.spatial;
        if self.column == width.positions() {
            (self.row, self.column) = (self.row.wrapping_add(1), 0);
        }
        if self.row >= height.positions() {
            return None;
        }
        let (first, column) = (self.first, self.column);
        let together = if column == self.whole.start { self.whole.len() } else { 1 };
        let positions = together.max(1);
        self.column = column.wrapping_add(positions);
        self.first = first.wrapping_add(positions);
        let (down, right) = (Inside::of(height, self.row), Inside::of(width, column));
        Some(Run { first, positions, down, right })
    }
}
