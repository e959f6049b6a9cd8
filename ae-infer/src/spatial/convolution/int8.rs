//! The int8 contract: two positions at a time, so that their kernel reads weights and parameters once
//! for both.
//!
//! Most positions write inside the map alone. They are taken as pairs of neighbours, by a loop that knows
//! all that they share. The others go one by one, as does the last of an odd row.

mod runs;
mod writing;

use core::ops::Range;

use ae_core::{Int8, Layer, Layout, Spatial};

use super::places::{Line, first_read, first_written, in_one_row, read, written};
use crate::arch::Input;
use crate::arch::all::convolution::Rows;
use crate::arch::convolution::{BLOCK, POSITIONS, Positions};
use crate::spatial::map::Stretch;

/// Computes a convolution, `layer` being the dense layer of a position.
#[inline(never)]
pub(in crate::spatial) fn int8<'a>(
    layer: &Layer<'a, Int8<'a>>,
    spatial: &Spatial,
    x: Input<'_>,
    y: &mut [u8],
    room: &mut [i8],
) {
    let spatial = &in_one_row(spatial);
    // Whoever calls has asked for the room.
    let Some(room) = divided(layer, spatial, room) else { return };
    let mut walk = Walk::new(layer, spatial, x, y, room);
    let [rows, columns] = [spatial.height.positions(), spatial.width.positions()];
    let written = walk.written.clone();
    let [done_rows, done_columns] = walk.rectangles();
    for row in 0..rows {
        let done = if done_rows.contains(&row) { done_columns.clone() } else { 0..0 };
        if done == (0..columns) {
            continue;
        }
        let line = Line::new(spatial, row);
        let end = if line.is_whole { written.end } else { 0 };
        let mut column = 0_usize;
        while column < columns {
            if done.contains(&column) {
                column = done.end;
            } else if walk.waiting.is_none()
                && column >= written.start
                && column.wrapping_add(1) < end
            {
                column = walk.pairs(&line, column..end);
            } else {
                walk.single(&line, column);
                column = column.wrapping_add(1);
            }
        }
    }
    if let Some(place) = walk.waiting {
        walk.write([Some(place), None]);
    }
    walk.kernel.finish(walk.y);
}

/// Divides the room as [`Spatial`] says: what the fields of positions take, and outputs that are not written
/// to their places at once. `None` where there is less.
#[inline(always)]
fn divided<'l>(
    layer: &Layer<'_, Int8<'_>>,
    spatial: &Spatial,
    room: &'l mut [i8],
) -> Option<[&'l mut [u8]; 2]> {
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
    let own = if spatial.is_interleaved() { layer.outputs().wrapping_mul(POSITIONS) } else { 0 };
    Some([fields, rest.get_mut(..own)?])
}

/// Where a position writes that is not taken with its neighbour.
#[derive(Clone, Copy)]
struct Place {
    /// What [`Line`] has of these names.
    row: usize,
    y: usize,
    is_whole: bool,
    column: usize,
}

/// The way through the positions.
struct Walk<'l, 'a, 'x, 'y> {
    spatial: &'l Spatial,
    kernel: Positions<'l, 'a, 'x>,
    /// The values' bytes, and the bits by which one differs from its integer's.
    x: &'x [u8],
    flipped: u8,
    y: &'y mut [u8],
    /// Outputs of two positions that are not written to their places at once.
    own: &'l mut [u8],
    /// The integer's byte of what is read beside the map.
    padding: u8,
    /// Values that a row of taps reads, and from a row that it reads to the next.
    run: usize,
    step: usize,
    /// All outputs of a position, those that lie side by side, and values of a row of the map.
    outputs: usize,
    run_out: usize,
    line_out: usize,
    /// The columns of positions that read inside the map alone, and of those that write so and that the
    /// kernel can compute in runs.
    read: Range<usize>,
    written: Range<usize>,
    /// Which rows of taps of each field hold something else than padding.
    taps: [[usize; 2]; POSITIONS],
    /// The position whose field is filled.
    waiting: Option<Place>,
}

impl<'l, 'a, 'x, 'y> Walk<'l, 'a, 'x, 'y> {
    /// With room for the fields, and for outputs. It is no part of who calls it, so that the walk takes no
    /// stack for it.
    #[inline(never)]
    fn new(
        layer: &'l Layer<'a, Int8<'a>>,
        spatial: &'l Spatial,
        x: Input<'x>,
        y: &'y mut [u8],
        [fields, own]: [&'l mut [u8]; 2],
    ) -> Self {
        let (height, width) = (&spatial.height, &spatial.width);
        let channels = usize::from(spatial.channels_in);
        let channels_out = usize::from(spatial.channels_out);
        // No product here is over `MAX_WIDTH`, but for a step that no second row takes.
        let line = usize::from(width.inputs).wrapping_mul(channels);
        // The loader has shown that it is not 0.
        let run_out = usize::from(width.interleave).wrapping_mul(channels_out).max(1);
        let begins = height.interleave == 1 || run_out.is_multiple_of(BLOCK);
        let (x, flipped) = x.bytes();
        Self {
            spatial,
            kernel: Positions::new(layer, fields),
            x,
            flipped,
            y,
            own,
            padding: layer.arithmetic().padding() as u8,
            run: usize::from(width.kernel).wrapping_mul(channels),
            step: line.wrapping_mul(height.dilation.into()),
            outputs: layer.outputs(),
            run_out,
            line_out: usize::from(width.outputs).wrapping_mul(channels_out),
            read: read(width),
            written: if begins { written(width) } else { 0..0 },
            taps: [[0, height.kernel.into()]; POSITIONS],
            waiting: None,
        }
    }

    /// Whole rows of taps of a line of positions.
    #[inline(always)]
    fn rows(&self, line: &Line) -> Rows {
        let Line { taps: [first, rows], .. } = *line;
        let at = first.wrapping_mul(self.run);
        let (run, pitch) = (self.run, self.run);
        Rows { flipped: self.flipped, run, rows, step: self.step, at, pitch }
    }

    /// Computes pairs of the positions of these columns, which write inside the map alone, and gives the
    /// first column behind them.
    #[inline(never)]
    fn pairs(&mut self, line: &Line, columns: Range<usize>) -> usize {
        self.pad(0, line.taps);
        self.pad(1, line.taps);
        let Range { start: mut column, end } = columns;
        while column.wrapping_add(1) < end {
            let last = end.min(self.read.end);
            if column >= self.read.start && column.wrapping_add(1) < last {
                column = self.inner_pairs(line, column..last);
            } else {
                self.single(line, column);
                self.single(line, column.wrapping_add(1));
                column = column.wrapping_add(POSITIONS);
            }
        }
        column
    }

    /// The same where all read inside the map.
    #[inline(never)]
    fn inner_pairs(&mut self, line: &Line, columns: Range<usize>) -> usize {
        let Range { start: mut column, end } = columns;
        let (width, rows) = (&self.spatial.width, self.rows(line));
        let channels = usize::from(self.spatial.channels_in);
        let channels_out = usize::from(self.spatial.channels_out);
        let advance = usize::from(width.stride).wrapping_mul(channels);
        let mut from = line.x.wrapping_add(first_read(width, column).wrapping_mul(channels));
        let mut start =
            line.y.wrapping_add(first_written(width, column).wrapping_mul(channels_out));
        // Of their own, so that registers can hold them.
        let Self { kernel, x, y, outputs, run_out: run, line_out, .. } = self;
        let (x, y, outputs, run, line_out) = (*x, &mut **y, *outputs, *run, *line_out);
        let count = end.wrapping_sub(column);
        let whole = count.wrapping_sub(count % POSITIONS);
        let (mut first, mut place) = (0_usize, start);
        while first < outputs
            && let Some(x) = x.get(from..)
            && let Some(y) = y.get_mut(place..place.wrapping_add(whole.wrapping_mul(run)))
            && kernel.line(&rows, advance, x, first..first.wrapping_add(run), y)
        {
            first = first.wrapping_add(run);
            place = place.wrapping_add(line_out);
        }
        if first >= outputs {
            return column.wrapping_add(whole);
        }
        let pair = run.wrapping_mul(POSITIONS);
        let pairs = kernel.prepare(&rows, advance, x.as_ptr().wrapping_add(from));
        while column.wrapping_add(1) < end {
            kernel.pack_pair(&pairs, x.get(from..).unwrap_or_default());
            let (mut first, mut place) = (0_usize, start);
            while first < outputs {
                // What neighbours write lies side by side.
                if let Some(y) = y.get_mut(place..place.wrapping_add(pair)) {
                    kernel.outputs_of_pair(first, y);
                }
                first = first.wrapping_add(run);
                place = place.wrapping_add(line_out);
            }
            from = from.wrapping_add(advance.wrapping_mul(POSITIONS));
            start = start.wrapping_add(pair);
            column = column.wrapping_add(POSITIONS);
        }
        column
    }

    /// Fills the field of a position, and computes it together with the one that waits, if one does.
    #[inline(never)]
    fn single(&mut self, line: &Line, column: usize) {
        let Line { row, y, is_whole, .. } = *line;
        let place = Place { row, y, is_whole, column };
        if let Some(other) = self.waiting.take() {
            self.read(1, line, column);
            self.write([Some(other), Some(place)]);
        } else {
            self.read(0, line, column);
            self.waiting = Some(place);
        }
    }

    /// Fills the rows of taps that lie above the map or below it.
    #[inline(always)]
    fn pad(&mut self, number: usize, taps: [usize; 2]) {
        if self.taps.get(number) != Some(&taps) {
            self.pad_anew(number, taps);
        }
    }

    #[inline(never)]
    fn pad_anew(&mut self, number: usize, taps: [usize; 2]) {
        let [first, rows] = taps.map(|taps| taps.wrapping_mul(self.run));
        let (end, all) = (first.wrapping_add(rows), self.spatial.height.kernel);
        let behind = usize::from(all).wrapping_mul(self.run).wrapping_sub(end);
        self.kernel.fill(number, 0, first, self.padding);
        self.kernel.fill(number, end, behind, self.padding);
        if let Some(known) = self.taps.get_mut(number) {
            *known = taps;
        }
    }

    /// Fills the field of this number with what a position reads.
    #[inline(never)]
    fn read(&mut self, number: usize, line: &Line, column: usize) {
        let width = &self.spatial.width;
        self.pad(number, line.taps);
        let channels = usize::from(self.spatial.channels_in);
        let mut rows = self.rows(line);
        if self.read.contains(&column) {
            let from = line.x.wrapping_add(first_read(width, column).wrapping_mul(channels));
            return self.kernel.pack(number, &rows, self.x.get(from..).unwrap_or_default());
        }
        let all = rows.rows.wrapping_mul(self.run);
        self.kernel.fill(number, rows.at, all, self.padding);
        // Without holes a row of taps is one stretch.
        let taps = usize::from(width.kernel);
        let (stretches, taps) = if width.dilation == 1 { (1, taps) } else { (taps, 1) };
        let mut at = column.wrapping_mul(width.stride.into());
        let mut first = rows.at;
        for _ in 0..stretches {
            let stretch = Stretch::clipped(at, width.before.into(), taps, width.inputs.into());
            let Stretch { before, from, inside, .. } = stretch.scaled(channels, 0);
            rows.run = inside;
            rows.at = first.wrapping_add(before);
            let from = line.x.wrapping_add(from);
            self.kernel.pack(number, &rows, self.x.get(from..).unwrap_or_default());
            first = first.wrapping_add(taps.wrapping_mul(channels));
            at = at.wrapping_add(width.dilation.into());
        }
    }
}
