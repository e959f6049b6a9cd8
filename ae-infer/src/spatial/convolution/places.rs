//! Where positions of a convolution read and write.

use core::ops::Range;

use ae_core::{Axis, Spatial};

/// What the positions of a row share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// The first row of taps in the map, and how many there are.
    pub(super) taps: [usize; 2],
    /// The first value of the map's row that they read first.
    pub(super) x: usize,
    /// The row of outputs that they write first, and its first value; wrapped around where it is cropped.
    pub(super) row: usize,
    pub(super) y: usize,
    /// Whether all that they write lies in the map, but for its columns.
    pub(super) is_whole: bool,
}

impl Line {
    /// No product here is over `MAX_WIDTH`, but where it is of a cropped row.
    #[inline(never)]
    pub(super) fn new(spatial: &Spatial, row: usize) -> Self {
        let Spatial { height, width, channels_in, channels_out, .. } = spatial;
        let is_inside = |tap: &usize| height.input(row, *tap).is_some();
        let kernel = usize::from(height.kernel);
        let first = (0..kernel).find(is_inside).unwrap_or(kernel);
        let count = (first..kernel).take_while(is_inside).count();
        let x = height.input(row, first).unwrap_or_default();
        let x = x.wrapping_mul(width.inputs.into()).wrapping_mul((*channels_in).into());
        let (phases, crop) = (usize::from(height.interleave), usize::from(height.crop));
        let first_row = row.wrapping_mul(phases);
        let is_whole = first_row >= crop
            && first_row.wrapping_add(phases).wrapping_sub(crop) <= usize::from(height.outputs);
        let row = first_row.wrapping_sub(crop);
        let y = row.wrapping_mul(width.outputs.into()).wrapping_mul((*channels_out).into());
        Self { taps: [first, count], x, row, y, is_whole }
    }
}

/// The column that a position's first tap reads; wrapped around where it lies in the padding.
pub(super) fn first_read(width: &Axis, column: usize) -> usize {
    column.wrapping_mul(width.stride.into()).wrapping_sub(width.before.into())
}

/// The column of outputs that a position writes first; wrapped around where it is cropped.
pub(super) fn first_written(width: &Axis, column: usize) -> usize {
    column.wrapping_mul(width.interleave.into()).wrapping_sub(width.crop.into())
}

/// Whether a row of taps lies in the map, side by side.
pub(super) fn reads_inside(width: &Axis, column: usize) -> bool {
    // A column in front of the map is wrapped around, and so behind the last.
    usize::from(width.inputs)
        .checked_sub(width.kernel.into())
        .is_some_and(|last| width.dilation == 1 && first_read(width, column) <= last)
}

/// Whether a row of outputs lies in the map.
pub(super) fn writes_inside(width: &Axis, column: usize) -> bool {
    usize::from(width.outputs)
        .checked_sub(width.interleave.into())
        .is_some_and(|last| first_written(width, column) <= last)
}

/// The columns of positions that read inside the map alone, taps side by side.
#[inline(never)]
pub(super) fn read(width: &Axis) -> Range<usize> {
    stretch(width.positions(), |column| reads_inside(width, column))
}

/// The columns of positions that write inside the map alone.
#[inline(never)]
pub(super) fn written(width: &Axis) -> Range<usize> {
    stretch(width.positions(), |column| writes_inside(width, column))
}

/// Those of `all` columns for which `is_inside` holds, which are neighbours. It is no pointer to a function,
/// so that a call graph shows what is called.
#[inline(always)]
fn stretch(all: usize, is_inside: impl Fn(usize) -> bool) -> Range<usize> {
    // From both ends, as most columns lie between them.
    let first = (0..all).find(|column| is_inside(*column)).unwrap_or(all);
    let last = (first..all).rev().find(|column| is_inside(*column));
    first..last.map_or(first, |last| last.wrapping_add(1))
}
