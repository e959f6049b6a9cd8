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
    /// Whether these are the taps of another position too.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (self.tap, self.count) == (other.tap, other.count)
    }

    /// Whether a tap lies in the map.
    pub(crate) fn has(&self, tap: usize) -> bool {
        tap.wrapping_sub(self.tap) < self.count
    }

    #[inline(never)]
    fn of(axis: &Axis, position: usize) -> Self {
        let before = usize::from(axis.before);
        let map = before..before.wrapping_add(axis.inputs.into());
        let mut at = position.wrapping_mul(axis.stride.into());
        let mut inside = Self { tap: 0, count: 0, place: 0 };
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
#[inline(never)]
fn whole(axis: &Axis) -> Range<usize> {
    let (before, stride) = (usize::from(axis.before), usize::from(axis.stride.max(1)));
    let last = before.wrapping_add(axis.inputs.into()).checked_sub(axis.extent());
    let last = last.and_then(|last| last.checked_div(stride));
    let end = last.map_or(0, |last| last.wrapping_add(1));
    before.div_ceil(stride)..end.min(axis.outputs.into())
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

/// Shows all positions of a layer, some at a time: those of some columns in all rows, then the next. So
/// most runs read the same taps as the one before.
#[inline(always)]
pub(crate) fn runs(spatial: &Spatial, mut show: impl FnMut(&Run)) {
    let Spatial { height, width, .. } = spatial;
    // Kinds that keep their channels apart give one output a position.
    let (rows, columns) = (usize::from(height.outputs), usize::from(width.outputs));
    let whole = whole(width);
    let mut column = 0_usize;
    while column < columns {
        let together = if column == whole.start { whole.len() } else { 1 };
        let positions = together.max(1);
        let right = Inside::of(width, column);
        let mut first = column;
        for row in 0..rows {
            show(&Run { first, positions, down: Inside::of(height, row), right });
            first = first.wrapping_add(columns);
        }
        column = column.wrapping_add(positions);
    }
}
