//! Convolutions in tiles. A position is a dense layer over what it reads, which is gathered side by
//! side; its outputs go from there to their places.

use ae_core::{Layer, Spatial};

use super::places::{phases, positions, stretches};
use super::walk::Tiles;
use crate::arch::TileKernel;
use crate::arch::line::Line;

/// Lines of room that [`tile`] needs.
pub(super) fn room<'a, A: Tiles<'a>>(spatial: &Spatial) -> usize {
    A::lines(spatial.field()).saturating_add(A::lines(spatial.columns()))
}

/// Computes a tile of a convolution, `position` being the dense layer of a position.
pub(super) fn tile<'a, A: Tiles<'a>>(
    kernel: TileKernel,
    (position, spatial): (&Layer<'a, A>, &Spatial),
    memory: &[u32],
    x: &[Line],
    y: &mut [Line],
    room: &mut [Line],
) {
    let channels = usize::from(spatial.channels_out);
    let split = room.split_at_mut_checked(A::lines(spatial.field()));
    let (field, rest) = split.unwrap_or_default();
    let outputs = rest.get_mut(..A::lines(spatial.columns())).unwrap_or_default();
    for place in positions(spatial) {
        let mut at = 0_usize;
        stretches(spatial, place, |from, count| {
            match from {
                Some(from) => A::copy(x, from, field, at, count),
                None => A::pad(position, field, at, count),
            }
            at = at.wrapping_add(count);
        });
        A::tile(kernel, position, memory, field, outputs);
        phases(spatial, place, |phase, to| {
            A::copy(outputs, phase.wrapping_mul(channels), y, to, channels);
        });
    }
}
