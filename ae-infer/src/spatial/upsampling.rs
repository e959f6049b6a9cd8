//! Upsampling: each value some times over, in both directions.

use ae_core::{Activation, Axis, Spatial};

use super::map::CHUNK;
use super::reals::{Sink, Source};
use crate::activation;
use crate::arch::Input;

/// Shows the place that each output of an axis reads, in order.
#[inline(always)]
fn each(axis: &Axis, mut show: impl FnMut(usize)) {
    // A counter, not a division: the smallest cores have none.
    let (mut input, mut phase) = (0_usize, axis.crop);
    for _ in 0..axis.outputs {
        show(input);
        phase = phase.wrapping_add(1);
        if phase == axis.interleave {
            (input, phase) = (input.wrapping_add(1), 0);
        }
    }
}

/// Shows the index of the first channel that each place of the output reads, in order.
#[inline(always)]
fn places(spatial: &Spatial, mut show: impl FnMut(usize)) {
    let channels = usize::from(spatial.channels_in);
    each(&spatial.height, |row| {
        let line = row.wrapping_mul(spatial.width.inputs.into());
        each(&spatial.width, |column| show(line.wrapping_add(column).wrapping_mul(channels)));
    });
}

/// The integers, as they are before tables.
#[inline(never)]
pub(super) fn int8(spatial: &Spatial, x: Input<'_>, y: &mut [u8]) {
    let (x, flipped) = x.bytes();
    let channels = usize::from(spatial.channels_in);
    let [from, to] = [spatial.width.inputs, spatial.width.outputs]
        .map(|places| usize::from(places).wrapping_mul(channels));
    let (mut start, mut last) = (0_usize, None);
    each(&spatial.height, |row| {
        let (above, line) = y.split_at_mut_checked(start).unwrap_or_default();
        if last == Some(row) {
            // The line above once more.
            copy(above, start.wrapping_sub(to), line, to);
        } else {
            stretch(
                &spatial.width,
                x.get(row.wrapping_mul(from)..).unwrap_or_default(),
                line,
                channels,
            );
        }
        (start, last) = (start.wrapping_add(to), Some(row));
    });
    if flipped != 0 {
        y.iter_mut().for_each(|value| *value ^= flipped);
    }
}

/// Repeats the places of a line.
#[inline(never)]
fn stretch(axis: &Axis, values: &[u8], line: &mut [u8], channels: usize) {
    let mut start = 0_usize;
    each(axis, |column| {
        let place = line.get_mut(start..).unwrap_or_default();
        copy(values, column.wrapping_mul(channels), place, channels);
        start = start.wrapping_add(channels);
    });
}

/// Copies `len` values from a place on.
#[inline(never)]
fn copy(from: &[u8], at: usize, to: &mut [u8], len: usize) {
    let from = from.get(at..).unwrap_or_default();
    to.iter_mut().zip(from).take(len).for_each(|(to, from)| *to = *from);
}

/// The numbers, behind their activation.
#[inline(never)]
pub(super) fn f32(spatial: &Spatial, activation: Activation, x: Source<'_>, mut y: Sink<'_>) {
    let channels = usize::from(spatial.channels_in);
    let mut place = 0_usize;
    places(spatial, |at| {
        for first in (0..channels).step_by(CHUNK) {
            let mut values = [0.0; CHUNK];
            let len = channels.wrapping_sub(first).min(CHUNK);
            let values = values.get_mut(..len).unwrap_or_default();
            x.read(at.wrapping_add(first), values);
            activation::apply_to_all(activation, values);
            y.write(place.wrapping_add(first), values);
        }
        place = place.wrapping_add(channels);
    });
}
