//! The portable code of every kind, output by output and tap by tap: slow, and obvious. What is fast is
//! compared with it.

mod f32;
mod int8;

use ae_core::Spatial;

pub(crate) use f32::compute as f32;
pub(crate) use int8::compute as int8;

/// The name of portable code.
pub(crate) const NAME: &str = "portable";

/// An output of a map, and where its position is.
struct Output {
    position: [usize; 2],
    /// Which of the position's outputs of its channel it is.
    phase: usize,
    channel: usize,
}

/// Every output in order.
fn outputs(spatial: &Spatial) -> impl Iterator<Item = Output> + use<> {
    let Spatial { height, width, channels_out, .. } = *spatial;
    let places = |axis: ae_core::Axis| {
        let (first, factor) = (usize::from(axis.crop), usize::from(axis.interleave));
        (0..usize::from(axis.outputs)).map(move |output| {
            let place = first.wrapping_add(output);
            let parts = (place.checked_div(factor), place.checked_rem(factor));
            (parts.0.unwrap_or_default(), parts.1.unwrap_or_default())
        })
    };
    places(height).flat_map(move |(row, row_phase)| {
        places(width).flat_map(move |(column, column_phase)| {
            let phase = row_phase.wrapping_mul(width.interleave.into()).wrapping_add(column_phase);
            (0..usize::from(channels_out)).map(move |channel| Output {
                position: [row, column],
                phase,
                channel,
            })
        })
    })
}

/// For each tap of a position in order, the index of the first channel that it reads; `None` in the
/// padding.
fn taps(
    spatial: &Spatial,
    [row, column]: [usize; 2],
) -> impl Iterator<Item = Option<usize>> + use<> {
    let Spatial { height, width, channels_in, .. } = *spatial;
    (0..usize::from(height.kernel)).flat_map(move |row_tap| {
        (0..usize::from(width.kernel)).map(move |column_tap| {
            let line = height.input(row, row_tap)?.wrapping_mul(width.inputs.into());
            let place = line.wrapping_add(width.input(column, column_tap)?);
            Some(place.wrapping_mul(channels_in.into()))
        })
    })
}
