//! Positions of convolutions of the int8 contract, in portable code around the core's row sums.
//!
//! This is the place of a core's own kernel: a module with the same items. What it does not take it
//! hands to this one.

#![allow(dead_code, reason = "it is always compiled, and not always chosen")]

use ae_core::{Int8, Layer, Layout, Requant, Rows as WeightRows, Weights};

use super::int8::{NAME, finish_sum, look_up};
use crate::arch::int8_rows;

/// Positions that are computed together, so that weights and parameters are read once for them.
pub(crate) const POSITIONS: usize = 2;

/// Outputs of a position can be computed from each multiple of so many on.
pub(crate) const BLOCK: usize = 1;

/// The name of what computes the positions of a convolution, whose dense layer this is.
pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    let is_in_blocks =
        layer.arithmetic().layout() == Layout::Rows && layer.outputs() >= int8_rows::ROWS;
    if is_in_blocks { int8_rows::NAME } else { NAME }
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
    /// Values from the first to behind the last: where they are read, and where they are written.
    pub(crate) fn reach(&self) -> [usize; 2] {
        let further = self.rows.wrapping_sub(1);
        [self.step, self.pitch].map(|step| step.wrapping_mul(further).wrapping_add(self.run))
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
    weights: Weights<'a>,
    /// Room for the fields, and those that are read where they lie in the map.
    room: &'l mut [u8],
    in_map: [&'x [u8]; POSITIONS],
}

impl<'l, 'a, 'x> Positions<'l, 'a, 'x> {
    /// Of the convolution whose dense layer this is. `room` is for the fields of all positions.
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Self {
        Self { layer, weights: layer.weights(), room, in_map: [&[]; POSITIONS] }
    }

    /// Puts rows, the first value of which is the first of `x`, into the field of this number.
    #[inline(never)]
    pub(crate) fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        let Some(field) = self.field_mut(number, rows, x) else { return };
        let (mut at, mut from) = (rows.at, 0_usize);
        for _ in 0..rows.rows {
            let places = field.get_mut(at..at.wrapping_add(rows.run)).unwrap_or_default();
            let values = x.get(from..from.wrapping_add(rows.run)).unwrap_or_default();
            for (place, value) in places.iter_mut().zip(values) {
                *place = value ^ rows.flipped;
            }
            at = at.wrapping_add(rows.pitch);
            from = from.wrapping_add(rows.step);
        }
    }

    /// Fields of pairs whose rows these are, those of the second position `advance` values behind the
    /// first's; `x` is what the first pair reads.
    pub(crate) fn prepare(&mut self, rows: &Rows, advance: usize, _x: &[u8]) -> Pairs {
        Pairs { rows: *rows, advance }
    }

    /// Fills both fields.
    #[inline(always)]
    pub(crate) fn pack_pair(&mut self, pairs: &Pairs, x: &'x [u8]) {
        self.pack(0, &pairs.rows, x);
        self.pack(1, &pairs.rows, x.get(pairs.advance..).unwrap_or_default());
    }

    /// Whether rows are a whole field that can be read in the map.
    pub(crate) fn are_field(&self, rows: &Rows) -> bool {
        rows.rows == 1 && rows.run == self.layer.inputs() && rows.flipped == 0
    }

    /// Reads fields of `len` values where they lie in the map, the second `advance` values behind the
    /// first; none if `len` is 0.
    pub(crate) fn read_in_map(&mut self, len: usize, advance: usize, x: &'x [u8]) {
        let first = x.get(..len).unwrap_or_default();
        let second = x.get(advance..advance.wrapping_add(len)).unwrap_or_default();
        self.in_map = [first, second];
    }

    /// The room for the fields of all positions.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.room
    }

    /// The room into which rows go; none if they are a whole field that can be read in the map.
    #[inline(always)]
    pub(crate) fn field_mut(
        &mut self,
        number: usize,
        rows: &Rows,
        x: &'x [u8],
    ) -> Option<&mut [u8]> {
        let is_field = self.are_field(rows);
        let in_map = x.get(..rows.run).filter(|_| is_field).unwrap_or_default();
        *self.in_map.get_mut(number)? = in_map;
        let len = self.room.len() / POSITIONS;
        let field = self.room.get_mut(len.wrapping_mul(number)..)?.get_mut(..len)?;
        in_map.is_empty().then_some(field)
    }

    /// Puts `count` times the integer whose byte is `value` into a field, from value `at` on.
    pub(crate) fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        let len = self.room.len() / POSITIONS;
        let at = at.wrapping_add(number.wrapping_mul(len));
        let places = self.room.get_mut(at..at.wrapping_add(count)).unwrap_or_default();
        places.iter_mut().for_each(|place| *place = value);
    }

    /// The values of a field.
    #[inline(always)]
    pub(crate) fn field(&self, number: usize) -> &[u8] {
        let in_map = self.in_map.get(number).copied().unwrap_or_default();
        if !in_map.is_empty() {
            return in_map;
        }
        let first = (self.room.len() / POSITIONS).wrapping_mul(number);
        self.room.get(first..first.wrapping_add(self.layer.inputs())).unwrap_or_default()
    }

    /// Computes as many outputs of each position as `y` has room for, from output `first` on. The
    /// second position may have none.
    #[inline(never)]
    pub(crate) fn outputs(&self, first: usize, y: [&mut [u8]; POSITIONS]) {
        let fields = [self.field(0), self.field(1)].map(bytemuck::must_cast_slice::<u8, i8>);
        match &self.weights {
            Weights::Rows(rows) if self.layer.outputs() >= int8_rows::ROWS => {
                for (field, y) in fields.into_iter().zip(y) {
                    self.blocks(rows, field, first, y);
                }
            }
            Weights::Rows(rows) => self.rows(rows, fields, first, y),
            pairs @ Weights::RowPairs(_) => {
                for (field, y) in fields.into_iter().zip(y) {
                    self.each(pairs, field, first, y);
                }
            }
        }
    }

    /// Outputs of a position, some rows at a time.
    #[inline(never)]
    fn blocks(&self, rows: &WeightRows<'a>, field: &[i8], first: usize, y: &mut [u8]) {
        let most = self.layer.outputs().wrapping_sub(int8_rows::ROWS);
        let mut next = first;
        for outputs in y.chunks_mut(int8_rows::ROWS) {
            // The last outputs are computed together with some of those before them.
            let start = next.min(most);
            let Some(weights) = rows.block(start, int8_rows::ROWS) else { break };
            let sums = int8_rows::sums_i8(weights, field);
            self.finish(
                rows,
                next,
                sums.get(next.wrapping_sub(start)..).unwrap_or_default(),
                outputs,
            );
            next = next.wrapping_add(int8_rows::ROWS);
        }
        self.look_up(first, y);
    }

    /// Outputs of both positions, of layers with fewer rows than are summed side by side.
    #[inline(never)]
    fn rows(&self, rows: &WeightRows<'a>, fields: [&[i8]; 2], first: usize, y: [&mut [u8]; 2]) {
        let [one, other] = fields;
        let [y, second_y] = y;
        for at in 0..y.len() {
            let output = first.wrapping_add(at);
            let mut sums = [0_i32; POSITIONS];
            let [sum, second] = &mut sums;
            for ((&weight, &x), &second_x) in rows.row(output).iter().zip(one).zip(other) {
                let weight = i32::from(weight as i8);
                // The loader has shown that no order of these additions leaves i32.
                *sum = sum.wrapping_add(weight.wrapping_mul(x.into()));
                *second = second.wrapping_add(weight.wrapping_mul(second_x.into()));
            }
            for (sum, y) in sums.iter().zip([&mut *y, &mut *second_y]) {
                let y = y.get_mut(at..at.wrapping_add(1)).unwrap_or_default();
                self.finish(rows, output, core::slice::from_ref(sum), y);
            }
        }
        [y, second_y].into_iter().for_each(|y| self.look_up(first, y));
    }

    /// Brings sums back to i8, and to bytes if there is one table for all outputs.
    #[inline(never)]
    fn finish(&self, rows: &WeightRows<'a>, first: usize, sums: &[i32], y: &mut [u8]) {
        let arithmetic = self.layer.arithmetic();
        let table = if let [table] = arithmetic.tables() { Some(table) } else { None };
        let Some((biases, multipliers, shifts)) = rows.block_parameters(first, y.len()) else {
            return;
        };
        let channels = biases.iter().zip(multipliers).zip(shifts);
        for ((y, sum), ((bias, multiplier), shift)) in y.iter_mut().zip(sums).zip(channels) {
            let multiplier = i32::from_le_bytes(*multiplier);
            let requant = Requant::new(multiplier, (*shift).into(), arithmetic.zero_point());
            let sum = i32::from_le_bytes(*bias).wrapping_add(*sum);
            *y = finish_sum(requant, table, sum);
        }
    }

    /// Puts outputs through the layer's tables, if there are several.
    #[inline(always)]
    fn look_up(&self, first: usize, y: &mut [u8]) {
        if self.layer.arithmetic().tables().len() > 1 {
            look_up(self.layer, first, y);
        }
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
