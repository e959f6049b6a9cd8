//! Layers that keep their channels apart: a quad is four channels of a place.

use core::slice;

use ae_core::{Int8, Layer, Rounding, Spatial, SpatialKind};

use super::lines::{copy, put, quad};
use super::{QUAD, look_up, padding, quads};
use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{Kernel, QUADS, Quad};
use crate::bulk::places::{owners, taps};

/// Lines of room that [`tile`] needs: what a depthwise convolution reads of four channels.
pub(super) fn room(spatial: &Spatial) -> usize {
    match spatial.kind {
        SpatialKind::Depthwise => quads::lines(quads::field_apart(spatial.taps())),
        _ => 0,
    }
}

/// See [`Tiles::tile_apart`](crate::bulk::walk::Tiles::tile_apart).
pub(super) fn tile<'a>(
    kernel: TileKernel,
    (layer, spatial): (&Layer<'a, Int8<'a>>, &Spatial),
    memory: &[u32],
    x: &[Line],
    y: &mut [Line],
    room: &mut [Line],
) {
    let channels = usize::from(spatial.channels_in);
    let room = room.get_mut(..self::room(spatial)).unwrap_or_default();
    let (padding, rounding) = (padding(layer), layer.arithmetic().rounding());
    let mut weights = [Quad { rounding, ..Quad::default() }; QUADS];
    for (place, position) in owners(spatial).enumerate() {
        let mut memory = memory;
        for first in (0..channels).step_by(QUAD) {
            let read = |at: usize| quad(x, at.wrapping_add(first));
            let inside = taps(spatial, position).flatten().map(read);
            let mut line = match spatial.kind {
                SpatialKind::Depthwise => {
                    for (tap, at) in taps(spatial, position).enumerate() {
                        let to = tap.wrapping_mul(QUAD);
                        match at {
                            Some(at) => copy(x, at.wrapping_add(first), room, to, QUAD),
                            None => put(room, to, QUAD, |_| padding),
                        }
                    }
                    let mut line = Line::ZERO;
                    if let Some(quad) = weights.first_mut() {
                        memory = quads::read(memory, room.len(), quad).unwrap_or_default();
                        kernel.outputs(&weights, room, slice::from_mut(&mut line));
                    }
                    line
                }
                SpatialKind::Maximum => maximum(inside),
                SpatialKind::Average => average(inside, rounding),
                _ => inside.last().unwrap_or(Line::ZERO),
            };
            look_up(kernel, layer, first, &mut line);
            let to = place.wrapping_mul(channels).wrapping_add(first);
            copy(&[line], 0, y, to, channels.wrapping_sub(first).min(QUAD));
        }
    }
}

/// The largest bytes; those of lines are in the order of their values.
fn maximum(lines: impl Iterator<Item = Line>) -> Line {
    let mut largest = Line::ZERO;
    for line in lines {
        let bytes = bytemuck::must_cast_mut::<Line, [u8; QUAD * SAMPLES]>(&mut largest);
        let others = bytemuck::must_cast_ref::<Line, [u8; QUAD * SAMPLES]>(&line);
        bytes.iter_mut().zip(others).for_each(|(byte, other)| *byte = (*byte).max(*other));
    }
    largest
}

/// The means of the bytes, rounded half up; or half away from 128, which stands for 0, where layers round
/// twice.
fn average(lines: impl Iterator<Item = Line>, rounding: Rounding) -> Line {
    let (mut sums, mut count) = ([0_u32; QUAD * SAMPLES], 0_u32);
    for line in lines {
        count = count.wrapping_add(1);
        let bytes = bytemuck::must_cast_ref::<Line, [u8; QUAD * SAMPLES]>(&line);
        // Of at most `MAX_WIDTH` bytes, which fit 24 bits.
        sums.iter_mut().zip(bytes).for_each(|(sum, &byte)| *sum = sum.wrapping_add(byte.into()));
    }
    let mut means = Line::ZERO;
    let bytes = bytemuck::must_cast_mut::<Line, [u8; QUAD * SAMPLES]>(&mut means);
    for (mean, sum) in bytes.iter_mut().zip(sums) {
        let is_down = rounding != Rounding::Once && sum < count.wrapping_mul(128);
        let twice = sum.wrapping_mul(2).wrapping_add(count).wrapping_sub(is_down.into());
        *mean = twice.checked_div(count.wrapping_mul(2)).unwrap_or_default() as u8;
    }
    means
}
