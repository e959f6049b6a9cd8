//! What kernels get of layers over maps that keep their channels apart: a run of positions at a time.

use core::ops::Range;

use ae_core::{Rounding, Spatial};

use crate::arch::Input;
use crate::spatial::inside::{Inside, whole};

/// Channels whose parameters are prepared at a time: whole groups of every kernel.
pub(crate) const CHUNK: usize = 16;

/// Positions of a row that read the same taps, and some of their channels. Assembly knows the fields by
/// their offsets.
///
/// Whoever makes one sees to it that `x` and `weights` are there for all channels of all taps of all
/// positions, `y` for all channels of all positions, and an entry of each array of the parameters for
/// each channel.
#[repr(C)]
pub(crate) struct Job {
    /// Of the first channel: the weight of the first tap in the map, and the value that it reads.
    pub(crate) weights: *const u8,
    pub(crate) x: *const u8,
    /// Where its first output goes.
    pub(crate) y: *mut u8,
    /// Of the first channel, in [`Parameters`]; null in a pool.
    pub(crate) parameters: *const i32,
    /// Channels to compute, and positions, at least 1 each.
    pub(crate) count: usize,
    pub(crate) positions: usize,
    /// Rows of taps in the map, and taps of each, at least 1 of both.
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Bytes from a row of weights to the next, and from what they read to what the next do.
    pub(crate) gaps: [usize; 2],
    /// Bytes from a place to the next, and from what a position reads to what the next does.
    pub(crate) channels: usize,
    pub(crate) step: usize,
    /// Bytes from what a tap reads to what the next does.
    pub(crate) tap: usize,
    /// The bits by which a byte of `x` differs from its integer's: 0 or 0x80.
    pub(crate) flipped: u32,
    /// Of the requantised outputs.
    pub(crate) zero_point: i32,
    pub(crate) rounding: Rounding,
}

impl Job {
    /// Leaves out so many of the channels, the first ones.
    #[inline(always)]
    pub(crate) fn skip(&mut self, channels: usize) {
        self.count = self.count.wrapping_sub(channels);
        self.weights = self.weights.wrapping_add(channels);
        self.x = self.x.wrapping_add(channels);
        self.y = self.y.wrapping_add(channels);
        self.parameters = self.parameters.wrapping_add(channels);
    }
}

/// Numbers of the channels of a chunk: what their sums start from, which is the bias and all products of
/// which no byte of the map is part; the multipliers; the constants; the shifts.
///
/// Bytes of pixels are multiplied as they are, so their −128 is part of what sums start from.
pub(crate) type Parameters = [[i32; CHUNK]; 4];

/// The channels in whole groups of so many, which are a power of two.
pub(crate) const fn in_groups(channels: usize, group: usize) -> usize {
    channels & group.wrapping_neg()
}

/// Does something as often as is told, which is at least once: so the loop has no second form for nothing.
#[inline(always)]
pub(crate) fn times(count: usize, mut act: impl FnMut()) {
    let mut left = count;
    loop {
        act();
        left = left.wrapping_sub(1);
        if left == 0 {
            break;
        }
    }
}

/// The positions of a layer, some at a time: those of some columns in all rows, then the next. So most jobs
/// read the taps of the one before.
///
/// Positions that read no padding follow each other in a row. They differ in nothing but the place where
/// what they read begins, and so have one job.
pub(crate) struct Jobs<'a> {
    spatial: &'a Spatial,
    x: &'a [u8],
    y: &'a mut [u8],
    /// The first of the channels, and how many there are.
    first: usize,
    count: usize,
    /// The columns of positions that read no padding beside the map.
    whole: Range<usize>,
    row: usize,
    column: usize,
    /// The taps of the positions of this column.
    right: Inside,
    job: Job,
}

impl<'a> Jobs<'a> {
    /// Jobs for `count` channels from the first on; `None` where a length is not the layer's.
    #[inline(never)]
    pub(crate) fn new(
        spatial: &'a Spatial,
        x: Input<'a>,
        y: &'a mut [u8],
        [first, count]: [usize; 2],
    ) -> Option<Self> {
        let (x, flipped) = x.bytes();
        let channels = usize::from(spatial.channels_in);
        let Spatial { height, width, .. } = spatial;
        let fits = x.len() == spatial.inputs()
            && y.len() == spatial.outputs()
            && spatial.channels_out == spatial.channels_in
            && first.saturating_add(count) <= channels;
        let line = channels.wrapping_mul(width.inputs.into());
        let job = Job {
            weights: core::ptr::null(),
            x: core::ptr::null(),
            y: core::ptr::null_mut(),
            parameters: core::ptr::null(),
            count,
            positions: 0,
            rows: 0,
            columns: 0,
            gaps: [
                channels.wrapping_mul(width.kernel.into()),
                line.wrapping_mul(height.dilation.into()),
            ],
            channels,
            step: channels.wrapping_mul(width.stride.into()),
            tap: channels.wrapping_mul(width.dilation.into()),
            flipped: flipped.into(),
            zero_point: 0,
            rounding: Rounding::Once,
        };
        let (whole, right) = (whole(width), Inside::of(width, 0));
        fits.then_some(Self { spatial, x, y, first, count, whole, row: 0, column: 0, right, job })
    }

    /// The next job, and the taps of its positions that lie in the map, in the height and in the width.
    #[inline(never)]
    pub(crate) fn next(&mut self) -> Option<(&mut Job, [Inside; 2])> {
        let Spatial { height, width, .. } = self.spatial;
        let Job { channels, .. } = self.job;
        // Kinds that keep their channels apart give one output a position.
        let columns = usize::from(width.outputs);
        if self.row == usize::from(height.outputs) {
            (self.row, self.column) = (0, self.column.wrapping_add(self.job.positions));
            self.right = Inside::of(width, self.column);
        }
        if self.column >= columns {
            return None;
        }
        let (down, right) = (Inside::of(height, self.row), self.right);
        let position = self.row.wrapping_mul(columns).wrapping_add(self.column);
        let place = down.place.wrapping_mul(width.inputs.into()).wrapping_add(right.place);
        let at = |place: usize| place.wrapping_mul(channels).wrapping_add(self.first);
        self.job.x = self.x.as_ptr().wrapping_add(at(place));
        self.job.y = self.y.as_mut_ptr().wrapping_add(at(position));
        self.job.count = self.count;
        let together = if self.column == self.whole.start { self.whole.len() } else { 1 };
        self.job.positions = together.max(1);
        (self.job.rows, self.job.columns) = (down.count, right.count);
        self.row = self.row.wrapping_add(1);
        Some((&mut self.job, [down, right]))
    }
}
