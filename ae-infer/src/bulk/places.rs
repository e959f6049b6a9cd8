//! Where layers over maps read and write.

use ae_core::{Axis, Spatial};

pub(super) use crate::spatial::map::{positions, taps};

/// Shows what a position of a convolution reads, in the order of its weights: the first of some
/// neighbouring values, which is `None` in the padding, and how many there are.
pub(super) fn stretches(
    spatial: &Spatial,
    position: [usize; 2],
    mut show: impl FnMut(Option<usize>, usize),
) {
    let channels = usize::from(spatial.channels_in);
    let (mut first, mut count) = (None, 0_usize);
    for at in taps(spatial, position) {
        if count > 0 && at != first.map(|first: usize| first.wrapping_add(count)) {
            show(first, count);
            count = 0;
        }
        if count == 0 {
            first = at;
        }
        count = count.wrapping_add(channels);
    }
    show(first, count);
}

/// Shows where the phases of a position of a convolution go: the number of a phase, and the index of
/// its first output. One that is left out is not shown.
pub(super) fn phases(
    spatial: &Spatial,
    [row, column]: [usize; 2],
    mut show: impl FnMut(usize, usize),
) {
    let (height, width) = (&spatial.height, &spatial.width);
    let mut number = 0_usize;
    for row_phase in 0..height.interleave {
        let line = output(height, row, row_phase).map(|row| row.wrapping_mul(width.outputs.into()));
        for column_phase in 0..width.interleave {
            if let (Some(line), Some(column)) = (line, output(width, column, column_phase)) {
                let place = line.wrapping_add(column);
                show(number, place.wrapping_mul(spatial.channels_out.into()));
            }
            number = number.wrapping_add(1);
        }
    }
}

/// The output that a phase of a position is, if it is one.
fn output(axis: &Axis, position: usize, phase: u16) -> Option<usize> {
    let place = position.wrapping_mul(axis.interleave.into()).wrapping_add(phase.into());
    place.checked_sub(axis.crop.into()).filter(|&output| output < axis.outputs.into())
}

/// For every place of the map that comes out, in order, the position whose output it is.
pub(super) fn owners(spatial: &Spatial) -> impl Iterator<Item = [usize; 2]> + use<> {
    let along = |axis: Axis| {
        (0..usize::from(axis.outputs)).map(move |output| {
            let place = output.wrapping_add(axis.crop.into());
            place.checked_div(axis.interleave.into()).unwrap_or_default()
        })
    };
    let width = spatial.width;
    along(spatial.height).flat_map(move |row| along(width).map(move |column| [row, column]))
}
