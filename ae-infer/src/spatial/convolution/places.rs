//! Where positions of a convolution read and write.

use core::ops::Range;

use ae_core::{Axis, Spatial};

use crate::spatial::inside::{Inside, whole};

/// The layer with all positions in one row, where each reads one place, and they do so one after the other:
/// its rows follow each other in both maps. Any other layer as it is.
pub(super) fn in_one_row(spatial: &Spatial) -> Spatial {
    let Spatial { height, width, .. } = spatial;
    let is_plain = |axis: &Axis| (axis.kernel, axis.stride, axis.interleave) == (1, 1, 1);
    let places = usize::from(height.outputs).wrapping_mul(width.outputs.into());
    match u16::try_from(places) {
        Ok(places) if is_plain(height) && is_plain(width) && width.inputs == width.outputs => {
            let width = Axis { inputs: places, outputs: places, ..*width };
            Spatial { height: Axis::ONE, width, ..*spatial }
        }
        _ => *spatial,
    }
}

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
        let inside = Inside::of(height, row);
        let x = inside.place.wrapping_mul(width.inputs.into()).wrapping_mul((*channels_in).into());
        let (phases, crop) = (usize::from(height.interleave), usize::from(height.crop));
        let first_row = row.wrapping_mul(phases);
        let is_whole = first_row >= crop
            && first_row.wrapping_add(phases).wrapping_sub(crop) <= usize::from(height.outputs);
        let row = first_row.wrapping_sub(crop);
        let y = row.wrapping_mul(width.outputs.into()).wrapping_mul((*channels_out).into());
        Self { taps: [inside.tap, inside.count], x, row, y, is_whole }
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

/// The columns of positions that read inside the map alone, taps side by side; and perhaps some behind the
/// last position, of which an axis has no more than outputs.
pub(super) fn read(width: &Axis) -> Range<usize> {
    if width.dilation == 1 { whole(width) } else { 0..0 }
}

/// The columns of positions that write inside the map alone.
#[inline(never)]
pub(super) fn written(width: &Axis) -> Range<usize> {
    let (across, crop) = (usize::from(width.interleave.max(1)), usize::from(width.crop));
    let end = usize::from(width.outputs).wrapping_add(crop).checked_div(across);
    crop.div_ceil(across)..end.unwrap_or_default()
}
