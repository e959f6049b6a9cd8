//! Runs of positions.

#![allow(unsafe_code, reason = "functions in assembly")]

use ae_core::Weights;

use super::copy::{Lines, copy_rows};
use super::fields::Fields;
use super::lanes::Lanes;
use super::{POSITIONS, short, single};
use crate::arch::all::convolution::{Rows, Run};
use crate::arch::all::int8::look_up_from;
use crate::arch::arm::convolution::Kernel;

impl Fields<'_, '_, '_> {
    /// Puts outputs of a run through the tables of their channels.
    #[inline(never)]
    pub(super) fn look_up_run(&self, run: &Run, y: &mut [u8]) {
        let Run { positions, steps: [_, step], lines, line_steps: [_, line_step], .. } = *run;
        let Run { rows_out, run_out, line_out, .. } = *run;
        for line in 0..lines {
            for position in 0..positions {
                let mut start =
                    line.wrapping_mul(line_step).wrapping_add(position.wrapping_mul(step));
                for row in 0..rows_out {
                    let places = y.get_mut(start..start.wrapping_add(run_out)).unwrap_or_default();
                    look_up_from(self.layer, row.wrapping_mul(run_out), places);
                    start = start.wrapping_add(line_out);
                }
            }
        }
    }

    /// Computes a run of a layer with one output, of which `x` and `y` hold all that it reads and writes.
    #[inline(never)]
    pub(super) fn single(&self, run: &Run, x: &[u8], y: &mut [u8]) {
        let Rows { run: taps, rows, at, pitch, .. } = run.rows;
        let Weights::Rows(weights) = self.layer.weights() else { return };
        let Some(([bias], [multiplier], &[shift])) = weights.block_parameters(0, 1) else { return };
        let mut bias = i32::from_le_bytes(*bias);
        let padding = i32::from(self.layer.arithmetic().padding());
        if rows.wrapping_mul(taps) != self.dense.inputs && padding != 0 {
            let row = weights.row(0);
            let read = row.get(at..).unwrap_or_default().chunks(pitch.max(1)).take(rows);
            let read = read.flat_map(|weights| weights.iter().take(taps));
            // What lies beside the map adds the same at all positions.
            let absent = sum(row.iter()).wrapping_sub(sum(read));
            bias = bias.wrapping_add(absent.wrapping_mul(padding));
        }
        let numbers = [bias, i32::from_le_bytes(*multiplier), shift.into()];
        let mut job = single::Job::new(&self.dense, numbers, run);
        for (x, y) in lines_of(run, x, y) {
            (job.left, job.x, job.y) = (run.positions, x, y);
            // SAFETY: the caller has seen that `x` and `y` hold all that these positions, four or more,
            // read and write, and that the rows are among the weights.
            unsafe { single::run(&mut job) };
        }
    }

    /// Computes a run whose fields are held in registers.
    #[inline(never)]
    pub(super) fn short(&self, run: &Run, x: &[u8], y: &mut [u8]) {
        let Run { rows, rows_out, run_out, line_out, positions, .. } = *run;
        let (inputs, padding) = (self.dense.inputs, self.layer.arithmetic().padding() as u8);
        let Pairs { whole, last, steps: [advance, second] } = Pairs::of(run);
        let mut lanes = Lanes::NONE;
        let mut job = short::Job {
            advance,
            second,
            steps: [advance, second].map(|step| step.wrapping_mul(POSITIONS)),
            gap: line_out.wrapping_sub(run_out),
            ..short::Job::new(self.dense, [rows_out, run_out])
        };
        if rows.rows > 1 || !rows.are_field(self.layer) {
            job.masks = lanes.fill(&rows, inputs, padding);
            (job.lanes, job.is_gathered) = (&lanes, usize::from(rows.run != inputs));
        }
        for (x, y) in lines_of(run, x, y) {
            if whole > 0 {
                (job.pairs, job.x, job.y) = (whole, x, y);
                // SAFETY: the caller has seen that `x` and `y` hold all that these positions read and
                // write; behind the weights stand nine bytes for each output, of which there are four at
                // least.
                unsafe { short::run(&mut job) };
            }
            if !positions.is_multiple_of(POSITIONS) {
                job.pairs = 1;
                job.x = x.wrapping_add(last.wrapping_mul(advance));
                job.y = y.wrapping_add(last.wrapping_mul(second));
                // SAFETY: as before.
                unsafe { short::run(&mut job) };
            }
        }
    }

    /// Computes a run whose fields are copied side by side, or lie so in the map.
    #[inline(never)]
    pub(super) fn copied(&mut self, run: &Run, x: &[u8], y: &mut [u8]) {
        let Run { rows, rows_out, run_out, line_out, positions, .. } = *run;
        let is_in_map = rows.rows == 1 && rows.are_field(self.layer);
        if rows.rows.wrapping_mul(rows.run) != self.dense.inputs {
            let padding = self.layer.arithmetic().padding() as u8;
            (0..POSITIONS).for_each(|number| self.fill(number, 0, self.dense.inputs, padding));
        }
        let Pairs { last, steps: [advance, second], .. } = Pairs::of(run);
        let copied = Lines::new(&rows, POSITIONS, advance, self.len);
        for (x, y) in lines_of(run, x, y) {
            for first in (0..positions).step_by(POSITIONS) {
                let first = first.min(last);
                let x = x.wrapping_add(first.wrapping_mul(advance));
                let mut place = y.wrapping_add(first.wrapping_mul(second));
                let fields = if is_in_map {
                    [x, x.wrapping_add(advance)]
                } else {
                    let room = self.room.as_mut_ptr();
                    // SAFETY: the caller has seen that the rows of all positions are there, and the room
                    // has that of two fields.
                    unsafe { copy_rows(x, room.wrapping_add(rows.at), &copied) };
                    [room.cast_const(), room.wrapping_add(self.len).cast_const()]
                };
                let mut output = 0_usize;
                for _ in 0..rows_out {
                    let out = [place, place.wrapping_add(second)];
                    // SAFETY: the caller has seen that there are so many outputs, and room for them.
                    unsafe { self.outputs_of(output, run_out, fields, out) };
                    output = output.wrapping_add(run_out);
                    place = place.wrapping_add(line_out);
                }
            }
        }
    }
}

/// The positions of a line, two by two. A last odd one is computed together with the one before it again,
/// and an only one stands for both.
struct Pairs {
    /// Pairs without a last odd position, and where the last pair begins.
    whole: usize,
    last: usize,
    /// Bytes from what the first position of a pair reads and writes to what the second does.
    steps: [usize; 2],
}

impl Pairs {
    fn of(run: &Run) -> Self {
        Self {
            whole: run.positions / POSITIONS,
            last: run.positions.saturating_sub(POSITIONS),
            steps: if run.positions == 1 { [0; 2] } else { run.steps },
        }
    }
}

/// Where the first position of each line reads and writes.
fn lines_of(run: &Run, x: &[u8], y: &mut [u8]) -> impl Iterator<Item = (*const u8, *mut u8)> {
    let ([x_step, y_step], mut places) = (run.line_steps, (x.as_ptr(), y.as_mut_ptr()));
    (0..run.lines).map(move |_| {
        let (x, y) = places;
        places = (x.wrapping_add(x_step), y.wrapping_add(y_step));
        (x, y)
    })
}

/// The sum of weights.
fn sum<'w>(weights: impl Iterator<Item = &'w u8>) -> i32 {
    weights.fold(0, |sum, &weight| sum.wrapping_add((weight as i8).into()))
}
