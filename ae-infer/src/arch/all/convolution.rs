//! Positions of convolutions of the int8 contract, in portable code around the core's row sums.
//!
//! This is the place of a core's own kernel: a module with the same items. What it does not take it
//! hands to this one.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use core::ops::Range;

use ae_core::{Int8, Layer, Layout, Weights};

use super::dense_rows::DenseRows;
use super::int8::{NAME, finish_sum, look_up_from};
use super::pairs::{self, Line};
use super::single::{self, Shape, add_row};
use crate::arch::{self, Own, int8_copy, int8_line, int8_pairs};

/// Positions that are computed together, so that weights and parameters are read once for them.
pub(crate) const POSITIONS: usize = 2;

/// Outputs of a position can be computed from each multiple of so many on.
pub(crate) const BLOCK: usize = 1;

/// The name of what computes the positions of a convolution, whose dense layer this is.
pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    let is_in_blocks = layer.arithmetic().layout() == Layout::Rows && has_blocks(layer);
    if is_in_blocks { arch::rows_name() } else { NAME }
}

/// Whether the layer has a block of outputs, as the function takes them that computes those of two positions.
fn has_blocks(layer: &Layer<'_, Int8<'_>>) -> bool {
    let is_own = Own::Convolution.rounds(layer.arithmetic().rounding());
    layer.outputs() >= if is_own { int8_pairs::ROWS } else { pairs::ROWS }
}

/// Rows of values in a map, and where they go in a field.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    /// The bits by which a value's byte differs from its integer's.
    pub(crate) flipped: u8,
    /// Values of a row; rows; values from a row to the next.
    pub(crate) run: usize,
    pub(crate) rows: usize,
    pub(crate) step: usize,
    /// The first value's number in the field, and values from a row to the next there.
    pub(crate) at: usize,
    pub(crate) pitch: usize,
}

impl Rows {
    /// Whether rows are all that a position of the layer reads, as the integers' bytes lie in the map.
    pub(crate) fn are_field(&self, layer: &Layer<'_, Int8<'_>>) -> bool {
        self.flipped == 0 && self.rows.wrapping_mul(self.run) == layer.inputs()
    }

    /// Values from the first to behind the last: where they are read, and where they are written.
    pub(crate) fn reach(&self) -> [usize; 2] {
        let further = self.rows.wrapping_sub(1);
        [self.step, self.pitch].map(|step| step.wrapping_mul(further).wrapping_add(self.run))
    }
}

/// Lines of positions, at least one of each, that read the same taps and write inside the map alone.
pub(crate) struct Run {
    /// What the first position reads. What is not among these rows lies in the padding.
    pub(crate) rows: Rows,
    /// Positions of a line, and values from one to the next: where they read, and where they write.
    pub(crate) positions: usize,
    pub(crate) steps: [usize; 2],
    /// Lines, and values from one to the next.
    pub(crate) lines: usize,
    pub(crate) line_steps: [usize; 2],
    /// Rows of the map that a position writes, the outputs in each, and values from a row to the next.
    pub(crate) rows_out: usize,
    pub(crate) run_out: usize,
    pub(crate) line_out: usize,
}

impl Run {
    /// Values from the first to behind the last: where they are read, and where they are written.
    pub(crate) fn reach(&self) -> [usize; 2] {
        let [read, _] = self.rows.reach();
        let written = self.rows_out.saturating_sub(1).saturating_mul(self.line_out);
        let mut reach = [read, written.saturating_add(self.run_out)];
        for (count, steps) in [(self.positions, self.steps), (self.lines, self.line_steps)] {
            for (reach, step) in reach.iter_mut().zip(steps) {
                *reach = reach.saturating_add(count.saturating_sub(1).saturating_mul(step));
            }
        }
        reach
    }
}

/// What is the same at all pairs of a line.
pub(crate) struct Pairs {
    rows: Rows,
    advance: usize,
}

/// The fields of some positions, and what is the same at every position of a convolution.
pub(crate) struct Positions<'l, 'a, 'x> {
    layer: &'l Layer<'a, Int8<'a>>,
    /// The layer in rows, if words of its data lie on their boundaries.
    rows: Option<DenseRows<'a>>,
    /// Whether outputs are those of blocks of rows.
    are_blocks: bool,
    /// Whether channels have different tables.
    has_tables: bool,
    /// Room for the fields, and those that are read where they lie in the map.
    room: &'l mut [u8],
    in_map: [Option<&'x [u8]>; POSITIONS],
}

impl<'l, 'a, 'x> Positions<'l, 'a, 'x> {
    /// Of the convolution whose dense layer this is. `room` is for the fields of all positions.
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Self {
        let rows = DenseRows::new(layer);
        let are_blocks = rows.is_some() && has_blocks(layer);
        let has_tables = layer.arithmetic().tables().len() > 1;
        Self { layer, rows, are_blocks, has_tables, room, in_map: [None; POSITIONS] }
    }

    /// Puts rows, the first value of which is the first of `x`, into the field of this number.
    #[inline(never)]
    pub(crate) fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        let Some(field) = self.field_mut(number, rows, x) else { return };
        int8_copy::rows(rows, x, field.get_mut(rows.at..).unwrap_or_default());
    }

    /// Computes these outputs of as many neighbours as `y` has room for, which is an even number. Rows that
    /// the first reads begin with `x`, and those of the next `advance` values behind. Gives `false`, and
    /// computes nothing, where neighbours are taken in pairs: here, where a position reads more than rows, or
    /// more than one row for more than one output.
    pub(crate) fn line(
        &self,
        rows: &Rows,
        advance: usize,
        x: &[u8],
        outputs: Range<usize>,
        y: &mut [u8],
    ) -> bool {
        let Rows { run, rows: count, step, .. } = *rows;
        let are_field = rows.are_field(self.layer);
        let Some(weights) = self.rows.as_ref().filter(|_| are_field) else { return false };
        // Two calls and no pointer to a function, so that a call graph shows what is called.
        let is_own = Own::Convolution.rounds(weights.rounding);
        if self.layer.outputs() == 1 {
            let shape = Shape { run, rows: count, step, advance };
            if is_own {
                int8_line::outputs(weights, x, &shape, y);
            } else {
                single::outputs(weights, x, &shape, y);
            }
            return true;
        }
        let Range { start: first, end } = outputs;
        let outputs = end.wrapping_sub(first);
        let x = bytemuck::must_cast_slice(x);
        let line = Line { x, advance, first, outputs };
        let is_line = self.are_blocks && count == 1;
        let is_done = is_line
            && if is_own {
                int8_pairs::line(weights, &line, y)
            } else {
                pairs::line(weights, &line, y)
            };
        if is_done && self.has_tables {
            let places = y.chunks_mut(outputs.max(1));
            places.for_each(|place| look_up_from(self.layer, first, place));
        }
        is_done
    }

    /// Whether there are kernels here that take runs.
    pub(crate) const TAKES_RUNS: bool = false;

    /// Computes the positions of a run, of which `x` and `y` are what the first reads and writes, and what
    /// lies behind. What was in the fields is lost. Gives `false`, and does nothing, where positions are
    /// taken in pairs, as here.
    #[inline(always)]
    pub(crate) fn run(&mut self, _run: &Run, _x: &'x [u8], _y: &mut [u8]) -> bool {
        false
    }

    /// Replaces the outputs of the whole layer by what its table has for them, where a kernel leaves that
    /// to the end. This does not.
    #[inline(always)]
    pub(crate) fn finish(&self, _y: &mut [u8]) {}

    /// Fields of pairs whose rows these are, those of the second position `advance` values behind the
    /// first's; `x` is where the first pair reads, if it does inside the map.
    pub(crate) fn prepare(&mut self, rows: &Rows, advance: usize, _x: *const u8) -> Pairs {
        Pairs { rows: *rows, advance }
    }

    /// Fills both fields.
    #[inline(always)]
    pub(crate) fn pack_pair(&mut self, pairs: &Pairs, x: &'x [u8]) {
        let Pairs { rows, advance } = pairs;
        self.pack(0, rows, x);
        self.pack(1, rows, x.get(*advance..).unwrap_or_default());
    }

    /// The room into which rows go; none if they are a whole field that can be read in the map.
    #[inline(always)]
    fn field_mut(&mut self, number: usize, rows: &Rows, x: &'x [u8]) -> Option<&mut [u8]> {
        let is_field = rows.rows == 1 && rows.are_field(self.layer);
        let in_map = x.get(..rows.run).filter(|_| is_field);
        *self.in_map.get_mut(number)? = in_map;
        let len = self.room.len() / POSITIONS;
        let field = self.room.get_mut(len.wrapping_mul(number)..)?.get_mut(..len)?;
        in_map.is_none().then_some(field)
    }

    /// Puts `count` times the integer whose byte is `value` into a field, from value `at` on.
    pub(crate) fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        let len = self.room.len() / POSITIONS;
        let at = at.wrapping_add(number.wrapping_mul(len));
        let places = self.room.get_mut(at..at.wrapping_add(count)).unwrap_or_default();
        places.iter_mut().for_each(|place| *place = value);
    }

    /// What a position reads.
    #[inline(always)]
    fn field(&self, number: usize) -> &[i8] {
        let field = if let Some(Some(field)) = self.in_map.get(number) {
            field
        } else {
            let first = (self.room.len() / POSITIONS).wrapping_mul(number);
            let end = first.wrapping_add(self.layer.inputs());
            self.room.get(first..end).unwrap_or_default()
        };
        bytemuck::must_cast_slice(field)
    }

    /// Computes as many outputs of each position as `y` has room for, from output `first` on. The
    /// second position may have none.
    #[inline(never)]
    pub(crate) fn outputs(&self, first: usize, y: [&mut [u8]; POSITIONS]) {
        let [one, other] = y;
        let fields = [self.field(0), self.field(1)];
        let Some(rows) = &self.rows else {
            let weights = self.layer.weights();
            return fields.into_iter().zip([one, other]).for_each(|(field, y)| {
                self.each(&weights, field, first, y);
            });
        };
        let both = [&mut *one, &mut *other];
        let is_done = self.are_blocks
            && if Own::Convolution.rounds(rows.rounding) {
                int8_pairs::outputs(rows, fields, first, both)
            } else {
                pairs::outputs(rows, fields, first, both)
            };
        if !is_done {
            few_outputs(rows, fields, first, [&mut *one, &mut *other]);
        }
        if self.has_tables {
            [one, other].into_iter().for_each(|y| look_up_from(self.layer, first, y));
        }
    }

    /// The same of both positions, whose outputs lie one after the other.
    #[inline(always)]
    pub(crate) fn outputs_of_pair(&self, first: usize, y: &mut [u8]) {
        let (one, other) = y.split_at_mut_checked(y.len() / POSITIONS).unwrap_or_default();
        self.outputs(first, [one, other]);
    }

    /// Outputs of a position, weight by weight.
    #[inline(never)]
    fn each(&self, weights: &Weights<'a>, field: &[i8], first: usize, y: &mut [u8]) {
        for (output, y) in (first..).zip(y) {
            let products = field.iter().enumerate();
            let products = products
                .map(|(input, &x)| i32::from(weights.at(output, input)).wrapping_mul(x.into()));
            let channel = self.layer.channel(weights, output);
            let sum = channel.bias.wrapping_add(products.fold(0, i32::wrapping_add));
            *y = finish_sum(channel.requant, channel.table, sum);
        }
    }
}

/// Outputs of both positions, of layers with few of them.
#[inline(never)]
fn few_outputs(rows: &DenseRows<'_>, fields: [&[i8]; 2], first: usize, y: [&mut [u8]; 2]) {
    let [y, second_y] = y;
    for at in 0..y.len() {
        let output = first.wrapping_add(at);
        let mut sums = [0; POSITIONS];
        add_row(rows.block(output, 1), fields, &mut sums);
        let y = [&mut *y, &mut *second_y].map(|y| y.get_mut(at..).unwrap_or_default());
        rows.finish_pair(output, sums, y);
    }
}
