//! What positions read of the map along an axis, for kinds that keep their channels apart.

use core::ops::Range;

use ae_core::Axis;

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
    pub(crate) fn of(axis: &Axis, position: usize) -> Self {
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
pub(crate) fn whole(axis: &Axis) -> Range<usize> {
    let (before, stride) = (usize::from(axis.before), usize::from(axis.stride.max(1)));
    let last = before.wrapping_add(axis.inputs.into()).checked_sub(axis.extent());
    let last = last.and_then(|last| last.checked_div(stride));
    let end = last.map_or(0, |last| last.wrapping_add(1));
    before.div_ceil(stride)..end.min(axis.outputs.into())
}
