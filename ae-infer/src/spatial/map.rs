//! Where in a map positions read and write: stretches of neighbours, clipped to the map.

use ae_core::{Axis, Spatial};

/// Neighbouring values, of which some may lie beside the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Values in front of the map.
    pub(super) before: usize,
    /// The first value in the map.
    pub(super) from: usize,
    /// Values in the map.
    pub(super) inside: usize,
    /// Values behind the map.
    pub(super) behind: usize,
}

impl Stretch {
    /// `count` neighbours, the first of which is number `at − before` of a map of `len`.
    pub(super) fn clipped(at: usize, before: usize, count: usize, len: usize) -> Self {
        let skipped = before.saturating_sub(at).min(count);
        let from = at.saturating_add(skipped).saturating_sub(before);
        let left = count.saturating_sub(skipped);
        let inside = len.saturating_sub(from).min(left);
        Self { before: skipped, from, inside, behind: left.saturating_sub(inside) }
    }

    /// The same in units of which each place has `unit`, in a line of the map that begins at `start`.
    pub(super) fn scaled(self, unit: usize, start: usize) -> Self {
        Self {
            before: self.before.wrapping_mul(unit),
            from: start.wrapping_add(self.from).wrapping_mul(unit),
            inside: self.inside.wrapping_mul(unit),
            behind: self.behind.wrapping_mul(unit),
        }
    }
}

/// Shows what a position of a convolution reads, in the order of its weights. `from` is an index into
/// all values of the map.
#[inline(always)]
pub(super) fn gather(spatial: &Spatial, [row, column]: [usize; 2], mut show: impl FnMut(Stretch)) {
    let (height, width) = (&spatial.height, &spatial.width);
    let channels = usize::from(spatial.channels_in);
    let (kernel, inputs) = (usize::from(width.kernel), usize::from(width.inputs));
    // Without holes a row of the kernel is one stretch. No product here is over `MAX_WIDTH`.
    let (stretches, taps) = if width.dilation == 1 { (1, kernel) } else { (kernel, 1) };
    for tap in 0..usize::from(height.kernel) {
        let Some(row) = height.input(row, tap) else {
            let before = kernel.wrapping_mul(channels);
            show(Stretch { before, from: 0, inside: 0, behind: 0 });
            continue;
        };
        let start = row.wrapping_mul(inputs);
        let mut at = column.wrapping_mul(width.stride.into());
        for _ in 0..stretches {
            let stretch = Stretch::clipped(at, width.before.into(), taps, inputs);
            show(stretch.scaled(channels, start));
            at = at.wrapping_add(width.dilation.into());
        }
    }
}

/// Shows where the outputs of a position of a convolution go, in the order of its rows of weights:
/// `before` and `behind` are left out, and `from` is an index into all outputs.
#[inline(always)]
pub(super) fn scatter(spatial: &Spatial, [row, column]: [usize; 2], mut show: impl FnMut(Stretch)) {
    let (height, width) = (&spatial.height, &spatial.width);
    let channels = usize::from(spatial.channels_out);
    let phases = usize::from(height.interleave);
    let outputs = usize::from(width.outputs);
    let rows = Stretch::clipped(
        row.wrapping_mul(phases),
        height.crop.into(),
        phases,
        height.outputs.into(),
    );
    let columns = Stretch::clipped(
        column.wrapping_mul(width.interleave.into()),
        width.crop.into(),
        width.interleave.into(),
        outputs,
    );
    let line = usize::from(width.interleave).wrapping_mul(channels);
    let left_out =
        |rows: usize| Stretch { before: rows.wrapping_mul(line), from: 0, inside: 0, behind: 0 };
    show(left_out(rows.before));
    for row in 0..rows.inside {
        let row = rows.from.wrapping_add(row);
        show(columns.scaled(channels, row.wrapping_mul(outputs)));
    }
}

/// Channels of a place of the map that are computed side by side.
pub(super) const CHUNK: usize = 8;

/// For each tap of a position in order, the index of the first value that it reads; `None` in the
/// padding.
#[inline(always)]
pub(crate) fn taps(
    spatial: &Spatial,
    [row, column]: [usize; 2],
) -> impl Iterator<Item = Option<usize>> + use<> {
    let Spatial { height, width, channels_in, .. } = *spatial;
    // No product here is over `MAX_WIDTH`.
    (0..usize::from(height.kernel)).flat_map(move |row_tap| {
        let line = height.input(row, row_tap).map(|row| row.wrapping_mul(width.inputs.into()));
        (0..usize::from(width.kernel)).map(move |column_tap| {
            let place = line?.wrapping_add(width.input(column, column_tap)?);
            Some(place.wrapping_mul(channels_in.into()))
        })
    })
}

/// Every position in order.
#[inline(always)]
pub(crate) fn positions(spatial: &Spatial) -> impl Iterator<Item = [usize; 2]> + use<> {
    let [rows, columns] = [&spatial.height, &spatial.width].map(Axis::positions);
    (0..rows).flat_map(move |row| (0..columns).map(move |column| [row, column]))
}
