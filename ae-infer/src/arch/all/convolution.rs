//! Positions of convolutions of the int8 contract, in portable code around the core's row sums.
//!
//! This is the place of a core's own kernel: a module with the same items. What it does not take it
//! hands to this one.

use ae_core::{Int8, Layer, Layout, Rows as WeightRows, Weights};

use crate::arch::all::int8::{NAME, finish};
use crate::arch::int8_rows;

/// Positions that are computed together, so that weights and parameters are read once for them.
pub(crate) const POSITIONS: usize = 2;

/// The name of what computes the positions of a convolution, whose dense layer this is.
pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    let is_in_blocks =
        layer.arithmetic().layout() == Layout::Rows && layer.outputs() >= int8_rows::ROWS;
    if is_in_blocks { int8_rows::NAME } else { NAME }
}

/// What a position reads where all of it lies in the map: rows of neighbours.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'x> {
    /// The values from the first on: bytes that differ from those of their integers by `flipped`.
    pub(crate) x: &'x [u8],
    pub(crate) flipped: u8,
    /// Values of a row, rows, and values from a row to the next.
    pub(crate) run: usize,
    pub(crate) rows: usize,
    pub(crate) step: usize,
}

/// What is the same at every position of a convolution.
pub(crate) struct Positions<'l, 'a> {
    layer: &'l Layer<'a, Int8<'a>>,
    weights: Weights<'a>,
}

impl<'l, 'a> Positions<'l, 'a> {
    /// Of the convolution whose dense layer this is.
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>) -> Self {
        Self { layer, weights: layer.weights() }
    }

    /// Fills the field of a position.
    pub(crate) fn pack_rows(&self, fields: &mut [u8], number: usize, rows: Rows<'_>) {
        let (mut at, mut from) = (0_usize, 0_usize);
        for _ in 0..rows.rows {
            let run = rows.x.get(from..from.wrapping_add(rows.run)).unwrap_or_default();
            self.pack(fields, number, at, run, rows.flipped);
            at = at.wrapping_add(rows.run);
            from = from.wrapping_add(rows.step);
        }
    }

    /// Puts `values` into the field of a position, from value `at` on. They are bytes that differ from
    /// those of their integers by `flipped`. `fields` are those of all [`POSITIONS`], of which `number`
    /// is meant; how a value lies there is the kernel's own decision.
    pub(crate) fn pack(
        &self,
        fields: &mut [u8],
        number: usize,
        at: usize,
        values: &[u8],
        flipped: u8,
    ) {
        let at = at.wrapping_add(number.wrapping_mul(fields.len() / POSITIONS));
        let places = fields.get_mut(at..).unwrap_or_default();
        if flipped == 0 {
            places.iter_mut().zip(values).for_each(|(place, value)| *place = *value);
        } else {
            places.iter_mut().zip(values).for_each(|(place, value)| *place = value ^ flipped);
        }
    }

    /// Puts `count` times the integer whose byte is `value` into the field, from value `at` on.
    pub(crate) fn fill(
        &self,
        fields: &mut [u8],
        number: usize,
        at: usize,
        count: usize,
        value: u8,
    ) {
        let at = at.wrapping_add(number.wrapping_mul(fields.len() / POSITIONS));
        let places = fields.get_mut(at..at.wrapping_add(count)).unwrap_or_default();
        places.iter_mut().for_each(|place| *place = value);
    }

    /// Computes all outputs of as many positions as `y` has room for, at most [`POSITIONS`], one after
    /// the other.
    #[inline(never)]
    pub(crate) fn outputs(&self, fields: &[u8], y: &mut [u8]) {
        let field_len = fields.len() / POSITIONS;
        match &self.weights {
            Weights::Rows(rows) if self.layer.outputs() >= int8_rows::ROWS => {
                self.blocks(rows, fields, field_len, y);
            }
            _ => self.each(fields, field_len, y),
        }
    }

    /// Some rows at a time.
    fn blocks(&self, rows: &WeightRows<'a>, fields: &[u8], field_len: usize, y: &mut [u8]) {
        let (inputs, outputs) = (self.layer.inputs(), self.layer.outputs());
        let mut fields = fields.chunks_exact(field_len.max(1)).map(|field| {
            let field = field.get(..inputs).unwrap_or_default();
            bytemuck::must_cast_slice::<u8, i8>(field)
        });
        let fields: [&[i8]; POSITIONS] =
            core::array::from_fn(|_| fields.next().unwrap_or_default());
        let (first_y, second_y) = y.split_at_mut_checked(outputs).unwrap_or_default();
        let mut channels = self.layer.channels(rows);
        let mut first = 0_usize;
        while first < outputs {
            // The last outputs are computed together with some of those before them.
            let start = first.min(outputs.wrapping_sub(int8_rows::ROWS));
            let Some(weights) = rows.block(start, int8_rows::ROWS) else { break };
            let [one, other] = fields;
            let sums = int8_rows::sums_i8(weights, one);
            let others = if second_y.is_empty() {
                [0; int8_rows::ROWS]
            } else {
                int8_rows::sums_i8(weights, other)
            };
            let skipped = first.wrapping_sub(start);
            let pairs = sums.iter().zip(&others).skip(skipped);
            for ((sum, other), channel) in pairs.zip(&mut channels) {
                if let Some(y) = first_y.get_mut(first) {
                    *y = finish(&channel, *sum);
                }
                if let Some(y) = second_y.get_mut(first) {
                    *y = finish(&channel, *other);
                }
                first = first.wrapping_add(1);
            }
        }
    }

    /// Weight by weight.
    #[inline(never)]
    fn each(&self, fields: &[u8], field_len: usize, y: &mut [u8]) {
        let outputs = self.layer.outputs().max(1);
        let fields = fields.chunks_exact(field_len.max(1));
        for (y, field) in y.chunks_exact_mut(outputs).zip(fields) {
            let field = field.get(..self.layer.inputs()).unwrap_or_default();
            for (output, y) in y.iter_mut().enumerate() {
                let sum = self.sum(output, field);
                *y = finish(&self.layer.channel(&self.weights, output), sum);
            }
        }
    }

    /// The sum of an output's products with a field. The loader has shown that no order of these
    /// additions leaves i32.
    fn sum(&self, output: usize, field: &[u8]) -> i32 {
        let values = field.iter().map(|&byte| i32::from(byte as i8));
        match &self.weights {
            Weights::Rows(rows) => {
                let products = rows.row(output).iter().zip(values);
                let products = products.map(|(&weight, x)| i32::from(weight as i8).wrapping_mul(x));
                products.fold(0, i32::wrapping_add)
            }
            pairs @ Weights::RowPairs(_) => {
                let products = values
                    .enumerate()
                    .map(|(input, x)| i32::from(pairs.at(output, input)).wrapping_mul(x));
                products.fold(0, i32::wrapping_add)
            }
        }
    }
}
