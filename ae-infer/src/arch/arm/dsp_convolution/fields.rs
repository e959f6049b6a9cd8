//! The fields of two positions, widened to 16 bits.

#![allow(unsafe_code, reason = "functions in assembly, and the memory they work on")]

use core::ptr::null;

use ae_core::{Int8, Layer, Rounding};

use super::gather::{
    Gather, QUAD_BYTES, widen_bytes, widen_pairs, widen_value_pairs, widen_values,
};
use super::line::line;
#[cfg(feature = "double-rounding")]
use super::sums::run_twice;
use super::sums::{Job, LAP, Outputs, QUAD_CODE, Quads, run};
use super::{BLOCK, POSITIONS, QUAD, block, takes};
use crate::arch::all::convolution::Rows;
use crate::arch::arm::convolution::Kernel;

/// How both fields are filled.
pub(crate) struct Filling {
    kind: Kind,
    /// The first lane, and values that both positions reach.
    lane: usize,
    needed: usize,
    gather: Gather,
}

enum Kind {
    /// Quads on word boundaries, quads that lie anywhere, values one by one, or from padding alone.
    Words,
    Bytes,
    Values,
    Empty,
}

/// The fields of two positions of a layer in row pairs.
pub(crate) struct Fields<'l, 'a> {
    layer: &'l Layer<'a, Int8<'a>>,
    /// As many quads as a position has, or none.
    fields: &'l mut [Quads],
    /// What is the same at every position.
    job: Job,
    /// Whether channels have different tables.
    has_tables: bool,
}

impl<'l, 'a, 'x> Kernel<'l, 'a, 'x> for Fields<'l, 'a> {
    type Pairs = Filling;

    fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Result<Self, &'l mut [u8]> {
        if !takes(layer) {
            return Err(room);
        }
        let arithmetic = layer.arithmetic();
        let tables = arithmetic.tables();
        let table = if let [table] = tables { table.as_ptr().wrapping_add(128) } else { null() };
        let quads = layer.inputs().div_ceil(QUAD);
        // SAFETY: every bit pattern is a number, in both types.
        let (_, fields, _) = unsafe { room.align_to_mut::<Quads>() };
        let job = Job {
            laps: quads.div_ceil(LAP),
            skipped: (quads.wrapping_neg() % LAP).wrapping_mul(QUAD_CODE),
            rounding: i32::from(arithmetic.zero_point()).wrapping_mul(2).wrapping_add(1),
            table,
            back: quads.wrapping_mul(16).wrapping_sub(8),
        };
        let fields = fields.get_mut(..quads).unwrap_or_default();
        let has_tables = tables.len() > 1;
        Ok(Self { layer, fields, job, has_tables })
    }

    /// Puts rows into a field: whole quads together, and others row after row.
    #[inline(never)]
    fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        // Rows that follow each other in the field are widened together in any case.
        if is_whole(rows) || rows.rows > 1 && rows.pitch == rows.run {
            return self.widen(number, rows, x);
        }
        let (mut at, mut from) = (rows.at, 0_usize);
        for _ in 0..rows.rows {
            let whole = if at.is_multiple_of(QUAD) { rows.run & !(QUAD - 1) } else { 0 };
            for (first, end) in [(0, whole), (whole, rows.run)] {
                let x = x.get(from.wrapping_add(first)..).unwrap_or_default();
                let (run, at) = (end.wrapping_sub(first), at.wrapping_add(first));
                self.widen(number, &Rows { run, rows: 1, at, pitch: run, ..*rows }, x);
            }
            at = at.wrapping_add(rows.pitch);
            from = from.wrapping_add(rows.step);
        }
    }

    fn line(&self, rows: &Rows, advance: usize, x: &[u8], y: &mut [u8]) -> bool {
        line(self.layer, &self.job, &gather(rows, advance), rows, x, y)
    }

    fn prepare(&mut self, rows: &Rows, advance: usize, x: *const u8) -> Filling {
        let [read, written] = rows.reach();
        let quads = rows.at.wrapping_add(written).div_ceil(QUAD);
        let gap = rows.step.wrapping_sub(rows.run);
        let is_some = rows.rows > 0 && rows.run > 0 && self.fields.len() >= quads;
        let kind = if !is_some {
            Kind::Empty
        } else if !is_whole(rows) {
            Kind::Values
        } else if !(x.addr() | gap | advance).is_multiple_of(QUAD) {
            Kind::Bytes
        } else {
            Kind::Words
        };
        let needed = if is_some { read.wrapping_add(advance) } else { 0 };
        Filling { kind, lane: lane(0, rows.at), needed, gather: gather(rows, advance) }
    }

    /// Fills both fields.
    #[inline(always)]
    fn pack_pair(&mut self, pairs: &Filling, x: &'x [u8]) {
        let Some(x) = x.get(..pairs.needed) else { return };
        let (from, gather) = (x.as_ptr(), &pairs.gather);
        let places = self.fields.as_flattened_mut();
        let to = places.as_mut_ptr().wrapping_add(pairs.lane);
        // Calls and no pointer to a function, so that a call graph shows what is called.
        match pairs.kind {
            // SAFETY: there are so many quads of both to read, on word boundaries, and to write.
            Kind::Words => unsafe { widen_pairs(from, to.cast(), gather) },
            Kind::Bytes => {
                // SAFETY: there are so many quads to read, and to write.
                unsafe { widen_bytes(from, to.cast(), gather) };
                let (from, to) = (from.wrapping_add(gather.advance), to.wrapping_add(QUAD));
                // SAFETY: so there are of the second position, which lies behind.
                unsafe { widen_bytes(from, to.cast(), gather) };
            }
            // SAFETY: there are so many values of both to read, and to write.
            Kind::Values => unsafe { widen_value_pairs(from, to, gather) },
            Kind::Empty => {}
        }
    }

    #[inline(never)]
    fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        let value = i16::from(value as i8);
        if (at | count).is_multiple_of(QUAD) {
            let quads = self.fields.iter_mut().skip(at / QUAD).take(count / QUAD);
            for quad in quads {
                if let Some(place) = quad.as_chunks_mut().0.get_mut(number) {
                    *place = [value; QUAD];
                }
            }
            return;
        }
        let lanes = self.fields.as_flattened_mut();
        for at in at..at.wrapping_add(count) {
            if let Some(place) = lanes.get_mut(lane(number, at)) {
                *place = value;
            }
        }
    }

    fn layer(&self) -> (&Layer<'a, Int8<'a>>, bool) {
        (self.layer, self.has_tables)
    }

    #[inline(always)]
    unsafe fn compute(&self, first: usize, left: usize, out: [*mut u8; POSITIONS]) -> bool {
        let fits = first.wrapping_add(left) <= self.layer.outputs()
            && first.is_multiple_of(BLOCK)
            && !self.fields.is_empty();
        if !fits || left == 0 {
            return false;
        }
        let block = block(self.layer, first);
        let ([out, second], x) = (out, self.fields.as_ptr());
        let second = second.addr().wrapping_sub(out.addr());
        let outputs = Outputs { out, second, end: out.wrapping_add(left) };
        match self.layer.arithmetic().rounding() {
            // SAFETY: the data has a block for every four outputs of the layer, as `takes` has seen; the
            // fields have all quads; both places have room for as many outputs.
            Rounding::Once => unsafe { run(&self.job, x, block, &outputs) },
            #[cfg(feature = "double-rounding")]
            // SAFETY: as before.
            Rounding::Twice => unsafe { run_twice(&self.job, x, block, &outputs) },
        }
        true
    }
}

impl Fields<'_, '_> {
    /// Puts rows into a field that are whole quads, or follow each other there.
    fn widen(&mut self, number: usize, rows: &Rows, x: &[u8]) {
        let [read, written] = rows.reach();
        let end = rows.at.wrapping_add(written).wrapping_mul(POSITIONS);
        let places = self.fields.as_flattened_mut();
        let fits = x.len() >= read && places.len() >= end;
        if rows.rows == 0 || rows.run == 0 || !fits || number >= POSITIONS {
            return;
        }
        let to = places.as_mut_ptr().wrapping_add(lane(number, rows.at));
        let job = gather(rows, 0);
        // Calls and no pointer to a function, so that a call graph shows what is called.
        if is_whole(rows) {
            // SAFETY: there are so many quads to read, and to write.
            unsafe { widen_bytes(x.as_ptr(), to.cast(), &job) };
        } else {
            // SAFETY: there are so many values to read, and to write.
            unsafe { widen_values(x.as_ptr(), to, &job) };
        }
    }
}

/// How rows are gathered: as quads if they are whole ones, or else as values.
#[inline(always)]
fn gather(rows: &Rows, advance: usize) -> Gather {
    let behind = (rows.pitch.wrapping_sub(rows.run) / QUAD).wrapping_mul(QUAD_BYTES);
    Gather {
        run: if is_whole(rows) { rows.run / QUAD } else { rows.run },
        rows: rows.rows,
        gaps: [rows.step.wrapping_sub(rows.run), behind],
        flipped: u32::from_le_bytes([rows.flipped; QUAD]),
        advance,
        lanes: QUAD.wrapping_sub(rows.at % QUAD),
    }
}

/// Whether rows are whole quads of a field.
fn is_whole(rows: &Rows) -> bool {
    (rows.at | rows.run | rows.pitch).is_multiple_of(QUAD)
}

/// Where value `at` of a position lies among the lanes of both.
fn lane(number: usize, at: usize) -> usize {
    let quad = (at & !(QUAD - 1)).wrapping_mul(POSITIONS);
    quad.wrapping_add(number.wrapping_mul(QUAD)).wrapping_add(at % QUAD)
}
