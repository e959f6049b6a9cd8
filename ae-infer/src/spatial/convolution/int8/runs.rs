//! Runs of positions, for kernels that take them.

use core::iter::from_fn;
use core::ops::Range;

use ae_core::Spatial;

use super::Walk;
use crate::arch::all::convolution::{Rows, Run};
use crate::arch::convolution::{POSITIONS, Positions};
use crate::spatial::convolution::places::{Line, first_written, written};
use crate::spatial::inside::{Inside, whole};

impl Walk<'_, '_, '_, '_> {
    /// Computes the positions that write inside the map alone, and gives their rows and columns; none if
    /// nothing was done. The others write less than they compute, and are left.
    #[inline(always)]
    pub(super) fn rectangles(&mut self) -> [Range<usize>; 2] {
        // Otherwise a row of taps has holes.
        let are_rows = self.spatial.width.dilation == 1;
        if Positions::TAKES_RUNS && are_rows { self.all_rectangles() } else { [0..0, 0..0] }
    }

    /// All positions that read no padding are one rectangle, or those of a row or a column that read the
    /// same part of it.
    #[inline(never)]
    fn all_rectangles(&mut self) -> [Range<usize>; 2] {
        let all = [written(&self.spatial.height), self.written.clone()];
        let [rows, columns] = &all;
        let inner_rows = both(rows, &whole(&self.spatial.height));
        let mut inner_columns = both(columns, &self.read);
        // A column of pairs is better than a last position in each row.
        if inner_rows.len() > 1 && !inner_columns.len().is_multiple_of(POSITIONS) {
            inner_columns.end = inner_columns.end.wrapping_sub(1);
        }
        for rows in parts(rows, &inner_rows) {
            for columns in parts(columns, &inner_columns) {
                if !self.rectangle(&rows, &columns) {
                    return [0..0, 0..0];
                }
            }
        }
        all
    }

    /// Computes the positions of these rows in these columns, which read the same taps; `false` where
    /// nothing was done.
    #[inline(never)]
    fn rectangle(&mut self, rows: &Range<usize>, columns: &Range<usize>) -> bool {
        let Spatial { height, width, channels_in, channels_out, .. } = self.spatial;
        let channels = usize::from(*channels_in);
        let line = Line::new(self.spatial, rows.start);
        let Inside { tap, count, place } = Inside::of(width, columns.start);
        let [tap, run, from] = [tap, count, place].map(|places| places.wrapping_mul(channels));
        let start = first_written(width, columns.start).wrapping_mul((*channels_out).into());
        let whole = self.rows(&line);
        let line_in = usize::from(width.inputs).wrapping_mul(channels);
        let advance = usize::from(width.stride).wrapping_mul(channels);
        let next = line_in.wrapping_mul(height.stride.into());
        let next_out = self.line_out.wrapping_mul(height.interleave.into());
        let across = (columns.len(), [advance, self.run_out]);
        let down = (rows.len(), [next, next_out]);
        // A column is a line too.
        let (line_of, lines_of) = if columns.len() == 1 { (down, across) } else { (across, down) };
        let ((positions, steps), (lines, line_steps)) = (line_of, lines_of);
        let run = Run {
            rows: Rows { at: whole.at.wrapping_add(tap), run, ..whole },
            positions,
            steps,
            lines,
            line_steps,
            rows_out: height.interleave.into(),
            run_out: self.run_out,
            line_out: self.line_out,
        };
        let x = self.x.get(line.x.wrapping_add(from)..);
        let y = self.y.get_mut(line.y.wrapping_add(start)..);
        // Whoever reads a field next fills all of it.
        self.taps = [[usize::MAX; 2]; POSITIONS];
        x.zip(y).is_some_and(|(x, y)| self.kernel.run(&run, x, y))
    }
}

/// What lies in both.
fn both(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    one.start.max(other.start)..one.end.min(other.end)
}

/// What lies in `inner` as one part, and all else as parts of one each.
fn parts(all: &Range<usize>, inner: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let (Range { start: mut next, end }, inner) = (all.clone(), inner.clone());
    from_fn(move || {
        let start = next;
        let is_inner = start == inner.start && !inner.is_empty();
        next = if is_inner { inner.end } else { start.wrapping_add(1) };
        (start < end).then_some(start..next)
    })
}
