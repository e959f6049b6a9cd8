//! Runs of positions, for kernels that take them.

use core::ops::Range;

use ae_core::Spatial;

use super::Walk;
use crate::arch::all::convolution::{Rows, Run};
use crate::arch::convolution::{POSITIONS, Positions};
use crate::spatial::convolution::places::{Line, first_written, written};
use crate::spatial::inside::{Inside, whole};

/// How many there are, and values from one to the next: where they read, and where they write.
type Count = (usize, [usize; 2]);

impl Walk<'_, '_, '_, '_> {
    /// Computes all positions of the rows that read none above the map or below it, and gives these rows;
    /// none if nothing was done.
    #[inline(always)]
    pub(super) fn whole_rows(&mut self) -> Range<usize> {
        let width = &self.spatial.width;
        let is_whole = width.dilation == 1 && self.written == (0..width.positions());
        if Positions::TAKES_RUNS && is_whole { self.rectangles() } else { 0..0 }
    }

    /// Columns that read beside the map are a run each, and all between them are one.
    #[inline(never)]
    fn rectangles(&mut self) -> Range<usize> {
        let Spatial { height, width, .. } = self.spatial;
        let (inside, written) = (whole(height), written(height));
        let rows = inside.start.max(written.start)..inside.end.min(written.end);
        let positions = width.positions();
        let mut inner = self.read.start..self.read.end.min(positions);
        // Pairs of a column are better than a last position in each row.
        if rows.len() > 1 && inner.len() % POSITIONS > 0 {
            inner.end = inner.end.wrapping_sub(1);
        }
        if inner.is_empty() {
            inner = 0..0;
        }
        let mut is_done = !rows.is_empty();
        for column in (0..inner.start).chain(inner.end..positions) {
            is_done = is_done && self.rectangle(&rows, column..column.wrapping_add(1));
        }
        let is_done = is_done && (inner.is_empty() || self.rectangle(&rows, inner));
        if is_done { rows } else { 0..0 }
    }

    /// Computes the positions of these rows in these columns, which read the same taps.
    #[inline(never)]
    fn rectangle(&mut self, rows: &Range<usize>, columns: Range<usize>) -> bool {
        let Spatial { height, width, channels_in, channels_out, .. } = self.spatial;
        let channels = usize::from(*channels_in);
        let line = Line::new(self.spatial, rows.start);
        let Inside { tap, count, place } = Inside::of(width, columns.start);
        let [at, run, from] = [tap, count, place].map(|places| places.wrapping_mul(channels));
        let start = first_written(width, columns.start).wrapping_mul((*channels_out).into());
        let places = [line.x.wrapping_add(from), line.y.wrapping_add(start)];
        let advance = usize::from(width.stride).wrapping_mul(channels);
        let line_in = usize::from(width.inputs).wrapping_mul(channels);
        let next = [
            line_in.wrapping_mul(height.stride.into()),
            self.line_out.wrapping_mul(height.interleave.into()),
        ];
        let across = (columns.len(), [advance, self.run_out]);
        let down = (rows.len(), next);
        // Positions of one column are a line.
        let (positions, lines) = if columns.len() == 1 { (down, across) } else { (across, down) };
        self.run(Rows { at, run, ..self.rows(&line) }, places, positions, lines)
    }

    /// Computes lines of positions that read these rows, from the places of the first in both maps on;
    /// `false` where nothing was done.
    #[inline(always)]
    pub(super) fn run(
        &mut self,
        rows: Rows,
        [from, start]: [usize; 2],
        (positions, steps): Count,
        (lines, line_steps): Count,
    ) -> bool {
        if !Positions::TAKES_RUNS {
            return false;
        }
        let Self { run_out, line_out, .. } = *self;
        let rows_out = self.spatial.height.interleave.into();
        let run = Run { rows, positions, steps, lines, line_steps, rows_out, run_out, line_out };
        let Some((x, y)) = self.x.get(from..).zip(self.y.get_mut(start..)) else { return false };
        let is_taken = self.kernel.run(&run, x, y);
        if is_taken {
            // Whoever reads a field next fills all of it.
            self.taps = [[usize::MAX; 2]; POSITIONS];
        }
        is_taken
    }
}
