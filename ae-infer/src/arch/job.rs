//! What kernels get of layers over maps that keep their channels apart: a run of positions at a time.

use ae_core::Spatial;

use crate::arch::Input;
use crate::spatial::runs::{Run, Runs};

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
    /// Rows of taps in the map, and taps of each.
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
}

/// Numbers of the channels of a chunk: what their sums start from, which is the bias and all products of
/// which no byte of the map is part; the multipliers; the constants; the shifts.
///
/// Bytes of pixels are multiplied as they are, so their −128 is part of what sums start from.
pub(crate) type Parameters = [[i32; CHUNK]; 4];

/// Shows all positions of a layer in order, for its first channels: `run` gets a job for each run.
/// Nothing is shown where a length is not the layer's.
#[inline(always)]
pub(crate) fn runs(
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
    first: usize,
    count: usize,
    mut run: impl FnMut(Job, &Run),
) {
    let (x, flipped) = x.bytes();
    let channels = usize::from(spatial.channels_in);
    let Spatial { height, width, .. } = spatial;
    let line = channels.wrapping_mul(width.inputs.into());
    if x.len() != spatial.inputs()
        || y.len() != spatial.outputs()
        || first.saturating_add(count) > channels
    {
        return;
    }
    for found in Runs::new(spatial) {
        let row = found.down.place.wrapping_mul(line);
        let place = row.wrapping_add(found.right.place.wrapping_mul(channels));
        let job = Job {
            weights: core::ptr::null(),
            x: x.as_ptr().wrapping_add(place.wrapping_add(first)),
            y: y.as_mut_ptr().wrapping_add(found.first.wrapping_mul(channels).wrapping_add(first)),
            count,
            positions: found.positions,
            rows: found.down.count,
            columns: found.right.count,
            channels,
            tap: channels.wrapping_mul(width.dilation.into()),
            gaps: [
                channels.wrapping_mul(width.kernel.into()),
                line.wrapping_mul(height.dilation.into()),
            ],
            step: channels.wrapping_mul(width.stride.into()),
            flipped: flipped.into(),
            parameters: core::ptr::null(),
            zero_point: 0,
        };
        run(job, &found);
    }
}
