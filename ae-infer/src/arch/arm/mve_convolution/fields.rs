//! The fields of two positions, and runs of positions.

#![allow(unsafe_code, reason = "functions in assembly")]

use ae_core::{Int8, Layer, Weights};

use super::POSITIONS;
use super::copy::{Lines, copy_rows};
use super::dense::Dense;
use super::short::{self, Lanes};
use super::{single, sums};
use crate::arch::all::convolution::{Rows, Run};
use crate::arch::all::int8::look_up_from;
use crate::arch::arm::convolution::Kernel;
use crate::arch::arm::mve;

/// What positions read, and the layer that they belong to.
pub(crate) struct Fields<'l, 'a, 'x> {
    layer: &'l Layer<'a, Int8<'a>>,
    /// Room for the fields, and the length of each.
    room: &'l mut [u8],
    len: usize,
    /// Fields that are read where they lie in the map.
    in_map: [Option<&'x [u8]>; POSITIONS],
    dense: Dense,
}

impl<'l, 'a, 'x> Kernel<'l, 'a, 'x> for Fields<'l, 'a, 'x> {
    type Pairs = (Rows, usize);

    const TAKES_RUNS: bool = true;

    #[inline(always)]
    fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Result<Self, &'l mut [u8]> {
        let (len, in_map) = (room.len() / POSITIONS, [None; POSITIONS]);
        let dense = Dense::new(layer).filter(|_| len >= layer.inputs());
        let Some(dense) = dense else { return Err(room) };
        Ok(Self { layer, room, len, in_map, dense })
    }

    fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        let [read, written] = rows.reach();
        let place = rows.at.wrapping_add(self.len.wrapping_mul(number));
        let fits = x.len() >= read && rows.at.wrapping_add(written) <= self.len;
        let is_some = rows.rows > 0 && rows.run > 0 && fits && number < POSITIONS;
        let in_map =
            x.get(..rows.run).filter(|_| is_some && rows.rows == 1 && rows.are_field(self.layer));
        if let Some(field) = self.in_map.get_mut(number) {
            *field = in_map;
        }
        if is_some && in_map.is_none() {
            let lines = Lines::new(rows, 1, 0, 0);
            // SAFETY: there are so many bytes to read, and to write.
            unsafe { copy_rows(x.as_ptr(), self.room.as_mut_ptr().wrapping_add(place), &lines) };
        }
    }

    #[inline(never)]
    fn run(&mut self, run: &Run, x: &'x [u8], y: &mut [u8]) -> bool {
        let Run { rows, positions, lines, rows_out, run_out, .. } = *run;
        let (inputs, outputs) = (self.layer.inputs(), self.layer.outputs());
        let ([read, written], [reach, end]) = (run.reach(), rows.reach());
        let fits = x.len() >= read
            && y.len() >= written
            && [rows.rows, rows.run, positions, lines].iter().all(|&count| count > 0)
            && rows.at.saturating_add(end) <= inputs
            && rows_out.saturating_mul(run_out) == outputs;
        if !fits {
            return false;
        }
        self.in_map = [None; POSITIONS];
        if outputs == 1 && rows.flipped == 0 && positions >= single::TOGETHER {
            self.single(run, x, y);
        } else if inputs <= short::MOST && run_out >= short::BLOCK && reach <= 256 {
            self.short(run, x, y);
        } else {
            self.copied(run, x, y);
        }
        if self.has_tables() {
            self.look_up_run(run, y);
        }
        true
    }

    fn finish(&self, y: &mut [u8]) {
        if let [table] = self.layer.arithmetic().tables() {
            mve::look_up_all(table, y);
        }
    }

    fn prepare(&mut self, rows: &Rows, advance: usize, _x: *const u8) -> (Rows, usize) {
        (*rows, advance)
    }

    fn pack_pair(&mut self, (rows, advance): &(Rows, usize), x: &'x [u8]) {
        self.pack(0, rows, x);
        self.pack(1, rows, x.get(*advance..).unwrap_or_default());
    }

    fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        let at = at.wrapping_add(self.len.wrapping_mul(number));
        let places = self.room.get_mut(at..at.wrapping_add(count)).unwrap_or_default();
        places.iter_mut().for_each(|place| *place = value);
    }

    fn layer(&self) -> (&Layer<'a, Int8<'a>>, bool) {
        (self.layer, self.has_tables())
    }

    unsafe fn compute(&self, first: usize, left: usize, out: [*mut u8; POSITIONS]) -> bool {
        if left == 0 || first.wrapping_add(left) > self.layer.outputs() {
            return false;
        }
        let [field, second] = self.in_map;
        let x = [self.start(0, field), self.start(1, second)];
        // SAFETY: `inputs` values of each position are there, and room for the outputs of both.
        unsafe { self.outputs_of(first, left, x, out) };
        true
    }
}

impl<'x> Fields<'_, '_, 'x> {
    /// Whether channels have different tables.
    fn has_tables(&self) -> bool {
        self.layer.arithmetic().tables().len() > 1
    }

    /// Puts outputs of a run through the tables of their channels.
    #[inline(never)]
    fn look_up_run(&self, run: &Run, y: &mut [u8]) {
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

    /// Where a position's field begins.
    #[inline(always)]
    fn start(&self, number: usize, in_map: Option<&'x [u8]>) -> *const u8 {
        match in_map {
            Some(field) => field.as_ptr(),
            None => self.room.as_ptr().wrapping_add(self.len.wrapping_mul(number)),
        }
    }

    /// Computes outputs of two positions up to their tables.
    ///
    /// # Safety
    /// The layer has these outputs, at least one; `inputs` values of each position can be read; there is
    /// room for the outputs of both.
    #[inline(never)]
    unsafe fn outputs_of(
        &self,
        first: usize,
        left: usize,
        x: [*const u8; POSITIONS],
        out: [*mut u8; POSITIONS],
    ) {
        let dense = self.dense.from(first);
        if dense.inputs <= short::MOST && left >= short::BLOCK {
            let ([x, second_x], [y, second_y]) = (x, out);
            let mut job = short::Job {
                masks: short::first(dense.inputs),
                dense,
                lanes: &short::SIDE_BY_SIDE,
                is_gathered: 0,
                x,
                advance: second_x.addr().wrapping_sub(x.addr()),
                y,
                second: second_y.addr().wrapping_sub(y.addr()),
                steps: [0; 2],
                pairs: 1,
                groups: 1,
                back: left.wrapping_neg() % short::BLOCK,
                blocks: left / short::BLOCK,
                gap: 0,
                groups_left: 0,
                back_left: 0,
            };
            // SAFETY: the caller's promise; behind the weights stand nine bytes for each output, of which
            // there are four at least.
            unsafe { short::run(&mut job) };
        } else {
            // SAFETY: the caller's promise.
            unsafe { sums::run(&dense, &sums::Outputs { x, out, left }) };
        }
    }

    /// Computes a run of a layer with one output, of which `x` and `y` hold all that it reads and writes.
    #[inline(never)]
    fn single(&self, run: &Run, x: &[u8], y: &mut [u8]) {
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
    fn short(&self, run: &Run, x: &[u8], y: &mut [u8]) {
        let Run { rows, rows_out, run_out, line_out, positions, .. } = *run;
        let (inputs, padding) = (self.dense.inputs, self.layer.arithmetic().padding() as u8);
        let mut own = Lanes::NONE;
        let (lanes, masks) = if rows.are_field(self.layer) && rows.rows == 1 {
            (&short::SIDE_BY_SIDE, short::first(inputs))
        } else {
            let masks = own.fill(&rows, inputs, padding);
            (&own, masks)
        };
        let Pairs { whole, last, steps: [advance, second] } = Pairs::of(run);
        let mut job = short::Job {
            dense: self.dense,
            masks,
            lanes,
            is_gathered: usize::from(rows.run != inputs),
            x: x.as_ptr(),
            advance,
            y: y.as_mut_ptr(),
            second,
            steps: [advance, second].map(|step| step.wrapping_mul(POSITIONS)),
            pairs: 0,
            groups: rows_out,
            back: run_out.wrapping_neg() % short::BLOCK,
            blocks: run_out / short::BLOCK,
            gap: line_out.wrapping_sub(run_out),
            groups_left: 0,
            back_left: 0,
        };
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
    fn copied(&mut self, run: &Run, x: &[u8], y: &mut [u8]) {
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
