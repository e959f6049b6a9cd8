//! Convolutions. A position is a dense layer over what it reads, which is gathered side by side.

use ae_core::{Axis, F32, Int8, Layer, Layout, Spatial};

use super::map::{Stretch, gather, positions, scatter};
use super::reals::{Sink, Source};
use crate::activation;
use crate::arch::all::convolution::Rows;
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
    let reader = Reader::new(spatial, x, layer.arithmetic().padding() as u8);
    let [rows, columns] = [&spatial.height, &spatial.width].map(Axis::positions);
    let [mut row, mut column] = [0_usize; 2];
    let mut places = [[0; 2]; POSITIONS];
    let mut rest = y;
    let mut gathered = 0_usize;
    let mut left = rows.wrapping_mul(columns);
    while left > 0 {
        let position = [row, column];
        column = column.wrapping_add(1);
        if column == columns {
            (row, column) = (row.wrapping_add(1), 0);
        }
        reader.fill(&kernel, spatial, position, room.fields, gathered);
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

/// Where fields are read from, and what is the same at every position.
struct Reader<'x> {
    /// The values' bytes, and the bits by which one differs from its integer's.
    x: (&'x [u8], u8),
    /// The integer's byte of what is read beside the map.
    padding: u8,
    /// Values that a row of the kernel reads side by side; 0 where it has holes.
    run: usize,
    /// Values of a line of the map, and from a row of the kernel to the next.
    line: usize,
    step: usize,
}

impl<'x> Reader<'x> {
    fn new(spatial: &Spatial, x: Input<'x>, padding: u8) -> Self {
        let (height, width) = (&spatial.height, &spatial.width);
        let channels = usize::from(spatial.channels_in);
        // No product here is over `MAX_WIDTH`, but for a step that no second row takes.
        let line = usize::from(width.inputs).wrapping_mul(channels);
        let run = if width.dilation == 1 { usize::from(width.kernel) } else { 0 };
        let run = run.wrapping_mul(channels);
        Self { x: x.bytes(), padding, run, line, step: line.wrapping_mul(height.dilation.into()) }
    }

    /// Where what a position reads begins, if all of it lies in the map and each row of the kernel
    /// reads neighbours.
    #[inline(always)]
    fn inside(&self, spatial: &Spatial, [row, column]: [usize; 2]) -> Option<usize> {
        let first = |axis: &Axis, position: usize| {
            let at = position.wrapping_mul(axis.stride.into());
            let input = at.checked_sub(axis.before.into())?;
            let last = usize::from(axis.inputs).checked_sub(axis.extent())?;
            (input <= last).then_some(input)
        };
        let row = first(&spatial.height, row)?.wrapping_mul(self.line);
        let column = first(&spatial.width, column)?.wrapping_mul(spatial.channels_in.into());
        (self.run > 0).then(|| row.wrapping_add(column))
    }

    /// Fills the field of this number with what a position reads.
    #[inline(always)]
    fn fill(
        &self,
        kernel: &Positions<'_, '_>,
        spatial: &Spatial,
        position: [usize; 2],
        fields: &mut [u8],
        number: usize,
    ) {
        let (x, flipped) = self.x;
        match self.inside(spatial, position) {
            Some(from) => {
                let x = x.get(from..).unwrap_or_default();
                let rows = usize::from(spatial.height.kernel);
                kernel.pack_rows(
                    fields,
                    number,
                    Rows { x, flipped, run: self.run, rows, step: self.step },
                );
            }
            None => self.gather(kernel, spatial, position, fields, number),
        }
    }

    /// Fills the field of this number with what a position reads.
    #[inline(never)]
    fn gather(
        &self,
        kernel: &Positions<'_, '_>,
        spatial: &Spatial,
        [row, column]: [usize; 2],
        fields: &mut [u8],
        number: usize,
    ) {
        let (height, width) = (&spatial.height, &spatial.width);
        let channels = usize::from(spatial.channels_in);
        let (taps, inputs) = (usize::from(width.kernel), usize::from(width.inputs));
        let at = column.wrapping_mul(width.stride.into());
        // Without holes a row of the kernel is one stretch, the same in every line of the map. No
        // product here is over `MAX_WIDTH`.
        let stretch = Stretch::clipped(at, width.before.into(), taps, inputs).scaled(channels, 0);
        let mut place = 0_usize;
        for tap in 0..usize::from(height.kernel) {
            let start = height.input(row, tap).map(|row| row.wrapping_mul(self.line));
            if let Some(start) = start {
                if width.dilation == 1 {
                    self.read(kernel, stretch, start, fields, [number, place]);
                } else {
                    self.read_with_holes(kernel, spatial, column, start, fields, [number, place]);
                }
            } else {
                kernel.fill(fields, number, place, taps.wrapping_mul(channels), self.padding);
            }
            place = place.wrapping_add(taps.wrapping_mul(channels));
        }
    }

    /// Puts a stretch of the line that begins at `start` into a field, from `place` on.
    #[inline(always)]
    fn read(
        &self,
        kernel: &Positions<'_, '_>,
        stretch: Stretch,
        start: usize,
        fields: &mut [u8],
        [number, mut place]: [usize; 2],
    ) {
        let Stretch { before, from, inside, behind } = stretch;
        let (x, flipped) = self.x;
        if before > 0 {
            kernel.fill(fields, number, place, before, self.padding);
            place = place.wrapping_add(before);
        }
        let from = start.wrapping_add(from);
        let run = x.get(from..from.wrapping_add(inside)).unwrap_or_default();
        kernel.pack(fields, number, place, run, flipped);
        if behind > 0 {
            kernel.fill(fields, number, place.wrapping_add(inside), behind, self.padding);
        }
    }

    /// The same tap by tap.
    #[inline(never)]
    fn read_with_holes(
        &self,
        kernel: &Positions<'_, '_>,
        spatial: &Spatial,
        column: usize,
        start: usize,
        fields: &mut [u8],
        [number, mut place]: [usize; 2],
    ) {
        let (width, channels) = (&spatial.width, usize::from(spatial.channels_in));
        let mut at = column.wrapping_mul(width.stride.into());
        for _ in 0..width.kernel {
            let stretch = Stretch::clipped(at, width.before.into(), 1, width.inputs.into());
            self.read(kernel, stretch.scaled(channels, 0), start, fields, [number, place]);
            place = place.wrapping_add(channels);
            at = at.wrapping_add(width.dilation.into());
        }
    }
}

/// Puts the outputs of a position to their places.
#[inline(never)]
fn put(spatial: &Spatial, [row, column]: [usize; 2], outputs: &[u8], y: &mut [u8]) {
    let (height, width) = (&spatial.height, &spatial.width);
    let channels = usize::from(spatial.channels_out);
    let (phases, across) = (usize::from(height.interleave), usize::from(width.interleave));
    let at = column.wrapping_mul(across);
    let stretch = Stretch::clipped(at, width.crop.into(), across, width.outputs.into());
    let Stretch { before, from, inside, .. } = stretch.scaled(channels, 0);
    let line = usize::from(width.outputs).wrapping_mul(channels);
    let first = row.wrapping_mul(phases);
    let own = outputs.chunks_exact(across.wrapping_mul(channels).max(1));
    for (phase, outputs) in own.enumerate() {
        // No output lies above the map or below it.
        let Some(row) = first.wrapping_add(phase).checked_sub(height.crop.into()) else { continue };
        if row >= usize::from(height.outputs) {
            return;
        }
        let from = row.wrapping_mul(line).wrapping_add(from);
        let places = y.get_mut(from..from.wrapping_add(inside)).unwrap_or_default();
        let outputs = outputs.get(before..).unwrap_or_default();
        places.iter_mut().zip(outputs).for_each(|(place, output)| *place = *output);
    }
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
