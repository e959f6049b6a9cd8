//! Strips of a map: some positions of a layer, computed from the lines that they read alone.

use super::{Axis, Direction, Spatial};

/// Positions that a strip has at least, and along the cut, unless the map has fewer: so many that
/// preparing a strip is little beside computing it.
const LEAST: usize = 16;
const LEAST_ALONG: usize = 2;

/// Some neighbouring positions of a layer, and all of those across.
///
/// A map is cut into *lines*: its rows, or its columns where it is one high. A line's values lie side
/// by side, and so do lines.
///
/// ```
/// use ae_core::{Axis, Spatial, SpatialKind, Strip};
///
/// let axis = Axis::same(28, 3, 1);
/// let layer = Spatial {
///     kind: SpatialKind::Convolution,
///     channels_in: 8,
///     channels_out: 1,
///     height: axis,
///     width: axis,
/// };
/// assert_eq!((layer.line_in(), layer.line_out()), (28 * 8, 28));
/// // Two rows of 28 positions. The first strip reads padding above the map, the next one does not.
/// let Strip { reads, writes, .. } = layer.strip(0);
/// assert_eq!((reads, writes), ([0, 3], [0, 2]));
/// let Strip { spatial, reads, writes, next, next_reads } = layer.strip(2);
/// assert_eq!((reads, writes), ([1, 5], [2, 4]));
/// assert_eq!((next, next_reads), (4, [3, 7]));
/// assert_eq!((spatial.height.inputs, spatial.height.outputs, spatial.height.before), (4, 2, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strip {
    /// The layer that has these positions alone, and reads these lines alone.
    pub spatial: Spatial,
    /// The first line that is read, and the one behind the last.
    pub reads: [usize; 2],
    /// The first line that is written, and the one behind the last.
    pub writes: [usize; 2],
    /// The first position of the strip behind it.
    pub next: usize,
    /// The lines that the strip behind it reads; none behind the last one.
    pub next_reads: [usize; 2],
}

impl Spatial {
    /// The direction in which positions are divided into strips: from the top to the bottom, unless
    /// the map is one high before and behind the layer.
    #[must_use]
    pub const fn cut(&self) -> Direction {
        if self.height.inputs == 1 && self.height.outputs == 1 {
            Direction::Width
        } else {
            Direction::Height
        }
    }

    /// The axis along which strips follow each other, and the one across.
    const fn axes(&self) -> [&Axis; 2] {
        match self.cut() {
            Direction::Height => [&self.height, &self.width],
            Direction::Width => [&self.width, &self.height],
        }
    }

    /// Values of a line of the map that comes in.
    #[must_use]
    pub const fn line_in(&self) -> usize {
        let [_, across] = self.axes();
        (across.inputs as usize).saturating_mul(self.channels_in as usize)
    }

    /// Values of a line of the map that goes out.
    #[must_use]
    pub const fn line_out(&self) -> usize {
        let [_, across] = self.axes();
        (across.outputs as usize).saturating_mul(self.channels_out as usize)
    }

    /// Lines of the map that goes out.
    #[must_use]
    pub const fn lines_out(&self) -> usize {
        let [along, _] = self.axes();
        along.outputs as usize
    }

    /// Outputs along of the first position that are left out.
    pub(super) const fn crop_along(&self) -> u16 {
        let [along, _] = self.axes();
        along.crop
    }

    /// Positions along of a strip, but of the last one, which may have fewer.
    const fn step(&self) -> usize {
        let [along, across] = self.axes();
        let (all, abreast) = (along.positions(), across.positions());
        let step = if abreast == 0 { LEAST } else { LEAST.div_ceil(abreast) };
        let step = if step < LEAST_ALONG { LEAST_ALONG } else { step };
        // Kernels take positions in pairs, and of an odd number one is left over.
        let step = step.saturating_add(step & abreast & 1);
        smaller(step, all)
    }

    /// Most lines of the map in front that are held while they are too few for a strip.
    ///
    /// With padding counted as lines, whatever is held differs from the padding before the first line,
    /// less the `crop` of the layer in front, which gives `added` lines at a time, by what both layers go on by at a time.
    pub(super) const fn most_waiting(&self, added: u16, crop: u16) -> usize {
        let [along, _] = self.axes();
        let step = self.step();
        let further = step.saturating_sub(1).saturating_mul(along.stride as usize);
        let most = further.saturating_add(along.extent()).saturating_sub(1);
        let (advance, added) = (step.saturating_mul(along.stride as usize), added as usize);
        let common = common_divisor(advance, added);
        // `most` less what it has too much to be `before − crop` and a multiple of the divisor.
        let surplus = most
            .saturating_add(crop as usize)
            .saturating_add(added.saturating_mul(along.before as usize))
            .saturating_sub(along.before as usize);
        match surplus.checked_rem(common) {
            Some(surplus) => most.saturating_sub(surplus),
            None => most,
        }
    }

    /// Most lines that a strip writes.
    pub(super) const fn most_written(&self) -> usize {
        let [along, _] = self.axes();
        self.step().saturating_mul(along.interleave as usize)
    }

    /// The strip from a position along on. Behind the last one there is a strip without lines.
    #[must_use]
    #[inline(always)]
    pub const fn strip(&self, position: usize) -> Strip {
        let ([along, _], step) = (self.axes(), self.step());
        let all = along.positions();
        let next = smaller(position.saturating_add(step), all);
        let behind = smaller(next.saturating_add(step), all);
        let (reads, writes) = (along.inputs_of(position, next), along.outputs_of(position, next));
        let (begin, phase) = (
            position.saturating_mul(along.stride as usize),
            position.saturating_mul(along.interleave as usize),
        );
        let axis = Axis {
            inputs: length(reads),
            outputs: length(writes),
            // No more than they were.
            before: (along.before as usize).saturating_sub(begin) as u16,
            crop: (along.crop as usize).saturating_sub(phase) as u16,
            ..*along
        };
        let mut spatial = *self;
        match self.cut() {
            Direction::Height => spatial.height = axis,
            Direction::Width => spatial.width = axis,
        }
        Strip { spatial, reads, writes, next, next_reads: along.inputs_of(next, behind) }
    }
}

impl Axis {
    /// The inputs that some positions reach; behind the last one there are none.
    #[inline(always)]
    const fn inputs_of(&self, first: usize, end: usize) -> [usize; 2] {
        let (all, stride) = (self.inputs as usize, self.stride as usize);
        if first >= end {
            return [all, all];
        }
        let before = self.before as usize;
        let reach = end.saturating_sub(1).saturating_mul(stride).saturating_add(self.extent());
        let from = first.saturating_mul(stride).saturating_sub(before);
        [smaller(from, all), smaller(reach.saturating_sub(before), all)]
    }

    /// The outputs that some positions give.
    #[inline(always)]
    const fn outputs_of(&self, first: usize, end: usize) -> [usize; 2] {
        let (all, interleave) = (self.outputs as usize, self.interleave as usize);
        let crop = self.crop as usize;
        let from = first.saturating_mul(interleave).saturating_sub(crop);
        let to = end.saturating_mul(interleave).saturating_sub(crop);
        [smaller(from, all), smaller(to, all)]
    }
}

const fn smaller(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn common_divisor(mut a: usize, mut b: usize) -> usize {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}

/// Inputs or outputs of an axis, which are no more than its own.
const fn length([from, to]: [usize; 2]) -> u16 {
    to.saturating_sub(from) as u16
}

#[cfg(test)]
mod tests;
