//! The fields of two positions.

#![allow(unsafe_code, reason = "functions in assembly")]

use ae_core::{Int8, Layer};

use super::copy::{Lines, copy_rows};
use super::dense::Dense;
use super::lanes::MOST;
use super::{POSITIONS, short, single, sums};
use crate::arch::all::convolution::{Rows, Run};
use crate::arch::arm::convolution::Kernel;
use crate::arch::arm::mve;

/// What positions read, and the layer that they belong to.
pub(crate) struct Fields<'l, 'a, 'x> {
    pub(super) layer: &'l Layer<'a, Int8<'a>>,
    /// Room for the fields, and the length of each.
    pub(super) room: &'l mut [u8],
    pub(super) len: usize,
    /// Fields that are read where they lie in the map.
    in_map: [Option<&'x [u8]>; POSITIONS],
    pub(super) dense: Dense,
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
        } else if inputs <= MOST && run_out >= short::BLOCK && reach <= 256 {
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
    pub(super) unsafe fn outputs_of(
        &self,
        first: usize,
        left: usize,
        x: [*const u8; POSITIONS],
        out: [*mut u8; POSITIONS],
    ) {
        let dense = self.dense.from(first);
        if dense.inputs <= MOST && left >= short::BLOCK {
            let ([x, second_x], [y, second_y]) = (x, out);
            let mut job = short::Job {
                x,
                advance: second_x.addr().wrapping_sub(x.addr()),
                y,
                second: second_y.addr().wrapping_sub(y.addr()),
                ..short::Job::new(dense, [1, left])
            };
            // SAFETY: the caller's promise; behind the weights stand nine bytes for each output, of which
            // there are four at least.
            unsafe { short::run(&mut job) };
        } else {
            // SAFETY: the caller's promise.
            unsafe { sums::run(&dense, &sums::Outputs { x, out, left }) };
        }
    }
}
