//! Convolutions. A position is a dense layer over what it reads, which is gathered side by side.

use ae_core::{F32, Int8, Layer, Layout, Spatial};

use super::map::{Stretch, gather, positions, scatter};
use super::reals::{Sink, Source};
use crate::activation;
use crate::arch::convolution::{POSITIONS, Positions};
use crate::arch::{Input, f32 as kernel};

/// The fields of some positions, and outputs that do not lie side by side.
struct Room<'r> {
    /// What the positions read, as the kernel wants it.
    fields: &'r mut [u8],
    /// Outputs of the positions, one after the other; empty where they are written to their places.
    outputs: &'r mut [u8],
}

impl<'r> Room<'r> {
    /// Divides what [`Spatial`] says there is; `None` where there is less.
    fn new(layer: &Layer<'_, Int8<'_>>, is_interleaved: bool, room: &'r mut [i8]) -> Option<Self> {
        let room: &mut [u8] = bytemuck::must_cast_slice_mut(room);
        let inputs = layer.inputs();
        let (field, skipped) = match layer.arithmetic().layout() {
            Layout::Rows => (inputs.div_ceil(16).wrapping_mul(16), 0),
            // Kernels read numbers of 16 bits from here, two at a time.
            Layout::RowPairs => {
                (inputs.div_ceil(4).wrapping_mul(8), room.as_ptr().addr().wrapping_neg() % 4)
            }
        };
        let (fields, rest) =
            room.get_mut(skipped..)?.split_at_mut_checked(field.wrapping_mul(POSITIONS))?;
        let outputs = if is_interleaved { layer.outputs().wrapping_mul(POSITIONS) } else { 0 };
        Some(Self { fields, outputs: rest.get_mut(..outputs)? })
    }
}

/// Computes a convolution, `layer` being the dense layer of a position: some positions at a time, so
/// that their kernel reads weights and parameters once for all of them.
#[inline(never)]
pub(super) fn int8<'a>(
    layer: &Layer<'a, Int8<'a>>,
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
    room: &mut [i8],
) {
    let is_interleaved = spatial.is_interleaved();
    // Whoever calls has asked for the room.
    let Some(room) = Room::new(layer, is_interleaved, room) else { return };
    let kernel = Positions::new(layer);
    let reader = Reader { x: x.bytes(), padding: layer.arithmetic().padding() as u8 };
    let all = positions(spatial);
    let mut places = [[0; 2]; POSITIONS];
    let mut rest = y;
    let mut gathered = 0_usize;
    let mut left = spatial.positions();
    for position in all {
        reader.gather(&kernel, spatial, position, room.fields, gathered);
        if let Some(place) = places.get_mut(gathered) {
            *place = position;
        }
        gathered = gathered.wrapping_add(1);
        left = left.wrapping_sub(1);
        if gathered < POSITIONS && left > 0 {
            continue;
        }
        let outputs = layer.outputs().wrapping_mul(gathered);
        if is_interleaved {
            let own = room.outputs.get_mut(..outputs).unwrap_or_default();
            kernel.outputs(room.fields, own);
            let own = own.chunks_exact(layer.outputs().max(1));
            for (outputs, place) in own.zip(places) {
                put(spatial, place, outputs, rest);
            }
        } else {
            // Outputs of neighbouring positions are neighbours.
            let (own, behind) = rest.split_at_mut_checked(outputs).unwrap_or_default();
            kernel.outputs(room.fields, own);
            rest = behind;
        }
        gathered = 0;
    }
}

/// Where fields are read from.
struct Reader<'x> {
    /// The values' bytes, and the bits by which one differs from its integer's.
    x: (&'x [u8], u8),
    /// The integer's byte of what is read beside the map.
    padding: u8,
}

impl Reader<'_> {
    /// Fills the field of this number with what a position reads.
    #[inline(never)]
    fn gather(
        &self,
        kernel: &Positions<'_, '_>,
        spatial: &Spatial,
        position: [usize; 2],
        fields: &mut [u8],
        number: usize,
    ) {
        let (x, flipped) = self.x;
        let mut at = 0_usize;
        gather(spatial, position, |Stretch { before, from, inside, behind }| {
            let run = x.get(from..from.wrapping_add(inside)).unwrap_or_default();
            kernel.fill(fields, number, at, before, self.padding);
            at = at.wrapping_add(before);
            kernel.pack(fields, number, at, run, flipped);
            at = at.wrapping_add(inside);
            kernel.fill(fields, number, at, behind, self.padding);
            at = at.wrapping_add(behind);
        });
    }
}

/// Puts the outputs of a position to their places.
#[inline(never)]
fn put(spatial: &Spatial, position: [usize; 2], outputs: &[u8], y: &mut [u8]) {
    let mut at = 0_usize;
    scatter(spatial, position, |Stretch { before, from, inside, behind }| {
        at = at.wrapping_add(before);
        let places = y.get_mut(from..from.wrapping_add(inside)).unwrap_or_default();
        let outputs = outputs.get(at..).unwrap_or_default();
        places.iter_mut().zip(outputs).for_each(|(place, output)| *place = *output);
        at = at.wrapping_add(inside).wrapping_add(behind);
    });
}

/// Computes a convolution, `layer` being the dense layer of a position.
#[inline(never)]
pub(super) fn f32(
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
