//! Runs of positions, for kernels that take them.

use core::ops::Range;

use ae_core::Spatial;

use super::Walk;
use crate::arch::all::convolution::{Rows, Run};
use crate::arch::convolution::{POSITIONS, Positions};
use crate::spatial::convolution::places::{Line, first_written, written};
use crate::spatial::inside::{Inside, whole};

impl Walk<'_, '_, '_, '_> {
    /// Computes columns of positions that read beside the map, one after the other: in all rows that read
    /// none above the map or below it. Gives these rows, in which the columns of [`Walk::read`] are left;
    /// none if nothing was done.
    #[inline(always)]
    pub(super) fn columns(&mut self) -> Range<usize> {
        let width = &self.spatial.width;
        let is_whole = width.dilation == 1 && self.written == (0..width.positions());
        if Positions::TAKES_RUNS && is_whole { self.all_columns() } else { 0..0 }
    }

    #[inline(never)]
    fn all_columns(&mut self) -> Range<usize> {
        let Spatial { height, width, .. } = self.spatial;
        let channels = usize::from(self.spatial.channels_in);
        let (inside, written) = (whole(height), written(height));
        let rows = inside.start.max(written.start)..inside.end.min(written.end);
        if rows.is_empty() {
            return 0..0;
        }
        let line = Line::new(self.spatial, rows.start);
        let advance = self.line_in().wrapping_mul(height.stride.into());
        let next = self.line_out.wrapping_mul(height.interleave.into());
        let inner = if self.read.is_empty() { 0..0 } else { self.read.clone() };
        for column in (0..inner.start).chain(inner.end..width.positions()) {
            let Inside { tap, count, place } = Inside::of(width, column);
            let [at, run, from] = [tap, count, place].map(|places| places.wrapping_mul(channels));
            let rows_in = Rows { at, run, ..self.rows(&line) };
            let start = first_written(width, column).wrapping_mul(self.spatial.channels_out.into());
            let places = [line.x.wrapping_add(from), line.y.wrapping_add(start)];
            if !self.run(rows_in, places, rows.len(), [advance, next]) {
                return 0..0;
            }
        }
        rows
    }

    /// Computes positions that read these rows, from the place of the first in both maps on, and to the
    /// next one's; `false` where nothing was done.
    #[inline(always)]
    pub(super) fn run(
        &mut self,
        rows: Rows,
        [from, start]: [usize; 2],
        positions: usize,
        [advance, place_out]: [usize; 2],
    ) -> bool {
        if !Positions::TAKES_RUNS {
            return false;
        }
        let Self { run_out, line_out, .. } = *self;
        let rows_out = self.spatial.height.interleave.into();
        let run = Run { rows, advance, positions, rows_out, run_out, line_out, place_out };
        let Some((x, y)) = self.x.get(from..).zip(self.y.get_mut(start..)) else { return false };
        let is_taken = self.kernel.run(&run, x, y);
        if is_taken {
            // Whoever reads a field next fills all of it.
            self.taps = [[usize::MAX; 2]; POSITIONS];
        }
        is_taken
    }
}
