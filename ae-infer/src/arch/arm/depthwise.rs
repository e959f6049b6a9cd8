//! Depthwise convolutions on Arm cores with instructions for several channels at a time: the walk
//! over positions, which the cores' kernels share.
//!
//! Only taps inside the map are walked over. What a position reads outside is added in front, with the
//! biases.

use ae_core::{Axis, Int8, Layer, Spatial};

use crate::arch::Input;

/// Channels whose sums are prepared at a time: whole groups of every kernel.
const CHUNK: usize = 16;

/// Whether the channels come in whole groups, on boundaries of 4 bytes, and the kernel has no holes.
pub(super) fn takes(layer: &Layer<'_, Int8<'_>>, spatial: &Spatial, group: usize) -> bool {
    usize::from(spatial.channels_in).is_multiple_of(group)
        && spatial.height.dilation == 1
        && spatial.width.dilation == 1
        && layer.data().as_ptr().addr().is_multiple_of(4)
        && layer.arithmetic().tables().len() < 2
}

/// Taps of an axis that lie inside the map at a position.
#[derive(Clone, Copy)]
struct Inside {
    /// The first of them, and how many there are.
    tap: usize,
    count: usize,
    /// The input that the first of them reads.
    input: usize,
}

impl Inside {
    fn of(axis: &Axis, position: usize) -> Self {
        let start = position.wrapping_mul(axis.stride.into());
        let (before, kernel) = (usize::from(axis.before), usize::from(axis.kernel));
        let tap = before.saturating_sub(start);
        let input = start.saturating_sub(before);
        let left = usize::from(axis.inputs).saturating_sub(input);
        Self { tap, count: kernel.saturating_sub(tap).min(left), input }
    }
}

/// Computes a depthwise convolution that the kernel [`takes`]: `run` computes groups of `group` channels
/// of a position. Gives `false`, and computes nothing, where a length is not the layer's or `x` lies on
/// no boundary of 4 bytes.
///
/// What `run` gets holds: `weights` and `x` lie on boundaries of 4 bytes; there is at least one row and
/// one column of taps, and a group; all that the taps reach is there for all groups, and so is an entry
/// of each array, and a place for each output.
#[inline(always)]
pub(super) fn depthwise(
    layer: &Layer<'_, Int8<'_>>,
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
    group: usize,
    run: impl Fn(&mut Job),
) -> bool {
    let (x, flipped) = x.bytes();
    let channels = usize::from(spatial.channels_in);
    let taps = layer.taps();
    let weights = taps.weights();
    let Some((biases, multipliers, shifts)) = taps.parameters().block_parameters(0, channels)
    else {
        return false;
    };
    let fits = x.len() == spatial.inputs()
        && y.len() == spatial.outputs()
        && weights.len() == spatial.taps().wrapping_mul(channels)
        && x.as_ptr().addr().is_multiple_of(4);
    if !fits || !takes(layer, spatial, group) {
        return false;
    }
    let arithmetic = layer.arithmetic();
    let table = arithmetic.tables().first();
    let padding = i32::from(arithmetic.padding());
    let (kernel, across) = (usize::from(spatial.width.kernel), usize::from(spatial.width.inputs));
    let mut job = Job {
        sums: core::ptr::null(),
        weights: core::ptr::null(),
        x: core::ptr::null(),
        span: 0,
        rows: 0,
        gaps: [kernel.wrapping_mul(channels), across.wrapping_mul(channels)],
        channels,
        flipped: u32::from_le_bytes([flipped; 4]),
        multipliers: core::ptr::null(),
        shifts: core::ptr::null(),
        rounding: i32::from(arithmetic.zero_point()).wrapping_mul(2).wrapping_add(1),
        table: table.map_or(core::ptr::null(), |table| table.as_ptr().wrapping_add(128)),
        out: core::ptr::null_mut(),
        groups: 0,
        columns: 0,
        zero_point: arithmetic.zero_point().into(),
    };
    let mut outputs = y.chunks_exact_mut(channels.max(1));
    for row in 0..spatial.height.positions() {
        let down = Inside::of(&spatial.height, row);
        for column in 0..spatial.width.positions() {
            let right = Inside::of(&spatial.width, column);
            let Some(y) = outputs.next() else { return true };
            if down.count == 0 || right.count == 0 {
                continue;
            }
            let tap = down.tap.wrapping_mul(kernel).wrapping_add(right.tap);
            let place = down.input.wrapping_mul(across).wrapping_add(right.input);
            let is_whole = down.count.wrapping_mul(right.count) == spatial.taps();
            job.rows = down.count;
            job.span = right.count.wrapping_mul(channels);
            job.columns = right.count;
            for (chunk, y) in y.chunks_mut(CHUNK).enumerate() {
                let first = chunk.wrapping_mul(CHUNK);
                let mut sums = [0; CHUNK];
                for (sum, bias) in sums.iter_mut().zip(biases.get(first..).unwrap_or_default()) {
                    *sum = i32::from_le_bytes(*bias);
                }
                if !is_whole && padding != 0 {
                    add_padding(&mut sums, weights, first, spatial, [down, right], padding);
                }
                let offset = |tap: usize| tap.wrapping_mul(channels).wrapping_add(first);
                job.sums = sums.as_ptr();
                job.weights = weights.as_ptr().wrapping_add(offset(tap));
                job.x = x.as_ptr().wrapping_add(offset(place));
                job.multipliers = multipliers.as_ptr().wrapping_add(first);
                job.shifts = shifts.as_ptr().wrapping_add(first);
                job.out = y.as_mut_ptr();
                job.groups = y.len().checked_div(group).unwrap_or_default();
                run(&mut job);
            }
        }
    }
    true
}

/// Adds what the taps outside the map read to the sums of the channels from `first` on.
#[inline(never)]
fn add_padding(
    sums: &mut [i32; CHUNK],
    weights: &[u8],
    first: usize,
    spatial: &Spatial,
    [down, right]: [Inside; 2],
    padding: i32,
) {
    let channels = usize::from(spatial.channels_in).max(1);
    let (height, width) = (usize::from(spatial.height.kernel), usize::from(spatial.width.kernel));
    let mut taps = weights.chunks_exact(channels);
    for row in 0..height {
        for column in 0..width {
            let is_inside = row.wrapping_sub(down.tap) < down.count
                && column.wrapping_sub(right.tap) < right.count;
            let Some(tap) = taps.next().and_then(|tap| tap.get(first..)).filter(|_| !is_inside)
            else {
                continue;
            };
            for (sum, &weight) in sums.iter_mut().zip(tap) {
                *sum = sum.wrapping_add(i32::from(weight as i8).wrapping_mul(padding));
            }
        }
    }
}

/// What the assembly works on; it knows the fields by their offsets.
#[repr(C)]
pub(super) struct Job {
    /// What the next group's sums start from.
    pub(super) sums: *const i32,
    /// The next group's weights and values of the first tap inside.
    pub(super) weights: *const u8,
    pub(super) x: *const u8,
    /// Bytes from the first tap of a row to behind the last; rows of taps.
    pub(super) span: usize,
    pub(super) rows: usize,
    /// Bytes from a row of weights and of values to the next.
    pub(super) gaps: [usize; 2],
    /// Bytes from a tap to the next.
    pub(super) channels: usize,
    pub(super) flipped: u32,
    pub(super) multipliers: *const [u8; 4],
    pub(super) shifts: *const u8,
    /// `2 · zero_point + 1`; see [`dsp`](super::dsp).
    pub(super) rounding: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    pub(super) table: *const u8,
    pub(super) out: *mut u8,
    /// Groups to compute, at least 1.
    pub(super) groups: usize,
    /// Taps of a row.
    pub(super) columns: usize,
    /// Of the requantised output.
    pub(super) zero_point: i32,
}
