//! The f32 contract.

use ae_core::{F32, Layer, Spatial};

use crate::activation;
use crate::arch::f32 as kernel;
use crate::spatial::map::{Stretch, gather, positions, scatter};
use crate::spatial::reals::{Sink, Source};

/// Computes a convolution, `layer` being the dense layer of a position.
#[inline(never)]
pub(in crate::spatial) fn f32(
    layer: &Layer<'_, F32>,
    spatial: &Spatial,
    x: Source<'_>,
    mut y: Sink<'_>,
    room: &mut [f32],
) {
    // Whoever calls has asked for the room.
    let Some((field, rest)) = room.split_at_mut_checked(layer.inputs()) else { return };
    let Some(sums) = rest.get_mut(..layer.outputs()) else { return };
    for position in positions(spatial) {
        let mut at = 0_usize;
        gather(spatial, position, |Stretch { before, from, inside, behind }| {
            let place = field.get_mut(at..).unwrap_or_default();
            let (padding, place) = place.split_at_mut_checked(before).unwrap_or_default();
            zero(padding);
            let (run, place) = place.split_at_mut_checked(inside).unwrap_or_default();
            x.read(from, run);
            zero(place.get_mut(..behind).unwrap_or_default());
            at = at.wrapping_add(before).wrapping_add(inside).wrapping_add(behind);
        });
        kernel::add_products(layer, 0, field, 0, sums);
        activation::apply_to_all(layer.arithmetic().activation(), sums);
        let mut at = 0_usize;
        scatter(spatial, position, |Stretch { before, from, inside, behind }| {
            at = at.wrapping_add(before);
            y.write(from, sums.get(at..at.wrapping_add(inside)).unwrap_or_default());
            at = at.wrapping_add(inside).wrapping_add(behind);
        });
    }
}

fn zero(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = 0.0);
}
