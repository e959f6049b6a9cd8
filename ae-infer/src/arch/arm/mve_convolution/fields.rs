//! The fields of two positions.

#![allow(unsafe_code, reason = "functions in assembly")]

use ae_core::{Int8, Layer};

use super::POSITIONS;
use super::copy::{Lines, copy_rows};
use super::single::single;
use super::sums::{Job, Outputs, run};
use crate::arch::all::convolution::Rows;
use crate::arch::arm::convolution::Kernel;

/// What is the same at all pairs of a line.
pub(crate) struct Filling {
    kind: Kind,
    /// The first value's number in a field, and values that both positions reach.
    at: usize,
    needed: usize,
    lines: Lines,
}

/// How both fields are filled.
#[derive(Clone, Copy)]
enum Kind {
    /// They are read where they lie, by all outputs or by the only one.
    InMap,
    Single,
    Copied,
    /// There is nothing but padding.
    Empty,
}

/// What positions read, and the layer that they belong to.
pub(crate) struct Fields<'l, 'a, 'x> {
    layer: &'l Layer<'a, Int8<'a>>,
    /// Room for the fields, and the length of each.
    room: &'l mut [u8],
    len: usize,
    /// What positions read where it lies: a field, or what the only output of both reads.
    in_map: [Option<&'x [u8]>; POSITIONS],
    single: Option<(&'x [u8], Lines)>,
    job: Job,
    /// Whether channels have different tables.
    has_tables: bool,
}

impl<'x> Fields<'_, '_, 'x> {
    /// Where a position's field begins.
    #[inline(always)]
    fn start(&self, number: usize, in_map: Option<&'x [u8]>) -> *const u8 {
        match in_map {
            Some(field) => field.as_ptr(),
            None => self.room.as_ptr().wrapping_add(self.len.wrapping_mul(number)),
        }
    }
}

impl<'l, 'a, 'x> Kernel<'l, 'a, 'x> for Fields<'l, 'a, 'x> {
    type Pairs = Filling;

    fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Result<Self, &'l mut [u8]> {
        let len = room.len() / POSITIONS;
        let Some(job) = Job::new(layer).filter(|_| len >= layer.inputs()) else { return Err(room) };
        let has_tables = layer.arithmetic().tables().len() > 1;
        Ok(Self { layer, room, len, in_map: [None; POSITIONS], single: None, job, has_tables })
    }

    fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        let [read, written] = rows.reach();
        let place = rows.at.wrapping_add(self.len.wrapping_mul(number));
        let fits = x.len() >= read && rows.at.wrapping_add(written) <= self.len;
        let is_some = rows.rows > 0 && rows.run > 0 && fits && number < POSITIONS;
        let in_map =
            x.get(..rows.run).filter(|_| is_some && rows.rows == 1 && rows.are_field(self.layer));
        self.single = None;
        if let Some(field) = self.in_map.get_mut(number) {
            *field = in_map;
        }
        if is_some && in_map.is_none() {
            let lines = Lines::new(rows, 1, 0, 0);
            // SAFETY: there are so many bytes to read, and to write.
            unsafe { copy_rows(x.as_ptr(), self.room.as_mut_ptr().wrapping_add(place), &lines) };
        }
    }

    fn prepare(&mut self, rows: &Rows, advance: usize, _x: *const u8) -> Filling {
        let [read, written] = rows.reach();
        let lines = Lines::new(rows, POSITIONS, advance, self.len);
        let fits = rows.at.wrapping_add(written) <= self.len;
        let (kind, needed) = if rows.rows == 0 || rows.run == 0 || !fits {
            (Kind::Empty, 0)
        } else if self.layer.outputs() == 1 && rows.are_field(self.layer) {
            (Kind::Single, read.wrapping_add(advance))
        } else if rows.rows == 1 && rows.are_field(self.layer) {
            (Kind::InMap, read.wrapping_add(advance))
        } else {
            (Kind::Copied, read.wrapping_add(advance))
        };
        Filling { kind, at: rows.at, needed, lines }
    }

    #[inline(always)]
    fn pack_pair(&mut self, pairs: &Filling, x: &'x [u8]) {
        let Some(x) = x.get(..pairs.needed) else { return };
        let (lines, mut in_map, mut single) = (&pairs.lines, [None; POSITIONS], None);
        match pairs.kind {
            Kind::InMap => in_map = [x.get(..lines.run), x.get(lines.advance..)],
            Kind::Single => single = Some((x, *lines)),
            Kind::Copied => {
                let to = self.room.as_mut_ptr().wrapping_add(pairs.at);
                // SAFETY: there are so many bytes of both positions to read, and to write.
                unsafe { copy_rows(x.as_ptr(), to, lines) };
            }
            Kind::Empty => {}
        }
        (self.in_map, self.single) = (in_map, single);
    }

    fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        let at = at.wrapping_add(self.len.wrapping_mul(number));
        let places = self.room.get_mut(at..at.wrapping_add(count)).unwrap_or_default();
        places.iter_mut().for_each(|place| *place = value);
    }

    fn layer(&self) -> (&Layer<'a, Int8<'a>>, bool) {
        (self.layer, self.has_tables)
    }

    #[inline(always)]
    unsafe fn compute(&self, first: usize, left: usize, out: [*mut u8; POSITIONS]) -> bool {
        if left == 0 || first.wrapping_add(left) > self.layer.outputs() {
            return false;
        }
        if let Some((x, lines)) = &self.single {
            // SAFETY: `x` holds all that the rows of both positions reach, and the layer has an output.
            let outputs = unsafe { single(x.as_ptr(), lines, &self.job) };
            for (out, output) in out.into_iter().zip([outputs, outputs >> 32]) {
                // SAFETY: there is room for an output.
                unsafe { *out = output as u8 };
            }
        } else {
            let [field, second] = self.in_map;
            let x = [self.start(0, field), self.start(1, second)];
            // SAFETY: there are rows of `inputs` weights and an entry of every array for each output,
            // `inputs` values of each position, and room for the outputs of both.
            unsafe { run(&self.job, &Outputs { x, out, first, left }) };
        }
        true
    }
}
