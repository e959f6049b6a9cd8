//! Layers of the int8 contract: dense ones here, all others by way of [`spatial`](crate::spatial).

use ae_core::{Int8, Layer, Layout, Rows, Weights};

use crate::arch::all::int8::{self as portable, finish};
use crate::arch::{
    self, BLOCKS_OF_ROWS, Input, ONE_HOT_BY_ROW, ONE_HOT_IN_BLOCKS, Own, int8_rows, int8_whole,
};
use crate::compute::ComputeLayer;
use crate::one_hot::{Largest, mark};
use crate::spatial;

/// An input of the int8 contract: an i8, or a pixel that stands for `p − 128`.
pub trait Operand: Sized {
    /// The values that go into a layer.
    fn input(x: &[Self]) -> Input<'_>;
}

impl Operand for i8 {
    fn input(x: &[Self]) -> Input<'_> {
        Input::Elements(x)
    }
}

impl Operand for u8 {
    fn input(x: &[Self]) -> Input<'_> {
        Input::Pixels(x)
    }
}

/// What a layer's value becomes: the next layer's i8, or a pixel.
pub trait Outcome: Sized {
    /// The places of the values, as bytes.
    fn places(y: &mut [Self]) -> &mut [u8];
}

impl Outcome for i8 {
    fn places(y: &mut [Self]) -> &mut [u8] {
        bytemuck::must_cast_slice_mut(y)
    }
}

impl Outcome for u8 {
    fn places(y: &mut [Self]) -> &mut [u8] {
        y
    }
}

/// Computes every output of a layer in rows, a block of them at a time.
///
/// This is a function of this crate, not of whoever uses it, so a program that is built to be small
/// can still have fast sums: `[profile.release.package.ae-infer] opt-level = 3`.
#[inline(never)]
fn compute_rows<'a>(layer: &Layer<'a, Int8<'a>>, rows: &Rows<'a>, x: Input<'_>, y: &mut [u8]) {
    let Some(last) = y.len().checked_sub(int8_rows::ROWS) else {
        return if FEW_BY_ROW {
            few_rows(layer, rows, x, y);
        } else {
            portable::dense(layer, x, y);
        };
    };
    let mut channels = layer.channels(rows);
    for (block, outputs) in y.chunks_mut(int8_rows::ROWS).enumerate() {
        let first = block.wrapping_mul(int8_rows::ROWS);
        // The last outputs are computed together with some of those before them.
        let start = first.min(last);
        let Some(weights) = rows.block(start, int8_rows::ROWS) else { break };
        let sums = match x {
            Input::Elements(x) => int8_rows::sums_i8(weights, x),
            Input::Pixels(x) => int8_rows::sums_u8(weights, x),
        };
        let sums = sums.get(first.wrapping_sub(start)..).unwrap_or_default();
        for ((y, sum), channel) in outputs.iter_mut().zip(sums).zip(&mut channels) {
            *y = finish(&channel, *sum);
        }
    }
}

/// Whether layers of fewer rows than a block are computed row by row: hosts have long blocks. Boards have
/// short ones, and need not have code for that.
const FEW_BY_ROW: bool = cfg!(ae_kernel = "host");

/// Computes every output of a layer in rows, one by one.
fn few_rows<'a>(layer: &Layer<'a, Int8<'a>>, rows: &Rows<'a>, x: Input<'_>, y: &mut [u8]) {
    for ((output, y), channel) in y.iter_mut().enumerate().zip(layer.channels(rows)) {
        let row = rows.row(output);
        let [sum] = match x {
            Input::Elements(x) => portable::sums_i8(row, x),
            Input::Pixels(x) => portable::sums_u8(row, x),
        };
        *y = finish(&channel, sum);
    }
}

/// Marks the largest sum of a one-hot layer: blocks of rows, where the core has a function for them, and
/// else row by row. It is no part of [`compute_rows`], whose loop would be slower for it.
#[inline(never)]
fn compute_one_hot<'a>(layer: &Layer<'a, Int8<'a>>, rows: &Rows<'a>, x: Input<'_>, y: &mut [u8]) {
    let weights = Weights::Rows(*rows);
    let mut largest = Largest::NONE;
    let mut next = 0_usize;
    let last = y.len().checked_sub(int8_rows::ROWS).filter(|_| ONE_HOT_IN_BLOCKS);
    while let Some(last) = last.filter(|_| next < y.len()) {
        // The last rows are summed once more with some of those before them, which changes nothing.
        let start = next.min(last);
        let Some(block) = rows.block(start, int8_rows::ROWS) else { break };
        let sums = match x {
            Input::Elements(x) => int8_rows::sums_i8(block, x),
            Input::Pixels(x) => int8_rows::sums_u8(block, x),
        };
        for (output, sum) in (start..).zip(sums) {
            largest.see(output, layer.channel(&weights, output).bias.wrapping_add(sum));
        }
        next = next.wrapping_add(int8_rows::ROWS);
    }
    for output in next..y.len() {
        let products = rows.row(output).iter().zip(x.values());
        let products = products.map(|(&weight, x)| i32::from(weight as i8).wrapping_mul(x));
        // The loader has shown that no order of these additions leaves i32.
        let sum = products.fold(layer.channel(&weights, output).bias, i32::wrapping_add);
        largest.see(output, sum);
    }
    mark(largest.place(), y);
}

/// Whether a kernel of the core's own computes the layer as a whole.
fn is_whole(layer: &Layer<'_, Int8<'_>>) -> bool {
    Own::Dense.rounds(layer.arithmetic().rounding()) && int8_whole::takes(layer)
}

/// Whether the layer's rows are computed some at a time.
fn is_in_blocks(layer: &Layer<'_, Int8<'_>>) -> bool {
    (ONE_HOT_IN_BLOCKS || !layer.arithmetic().is_one_hot()) && layer.outputs() >= int8_rows::ROWS
}

/// Computes a layer; see [`ComputeLayer::compute`].
pub(crate) fn layer<'a>(layer: &Layer<'a, Int8<'a>>, x: Input<'_>, y: &mut [u8], room: &mut [i8]) {
    match &layer.spatial() {
        Some(spatial) => spatial::int8(layer, spatial, x, y, room),
        None => dense(layer, x, y, room),
    }
}

/// Computes a dense layer.
#[inline(never)]
fn dense<'a>(layer: &Layer<'a, Int8<'a>>, x: Input<'_>, y: &mut [u8], room: &mut [i8]) {
    let arithmetic = layer.arithmetic();
    let is_own = Own::Dense.rounds(arithmetic.rounding());
    // It does not compute what it does not take.
    if !(is_own && int8_whole::whole_layer(layer, x, y, room)) {
        let in_blocks = BLOCKS_OF_ROWS || !is_own;
        match layer.weights() {
            Weights::Rows(rows) if in_blocks && !arithmetic.is_one_hot() => {
                compute_rows(layer, &rows, x, y);
            }
            Weights::Rows(rows) if ONE_HOT_BY_ROW => compute_one_hot(layer, &rows, x, y),
            _ => portable::dense(layer, x, y),
        }
    }
}

impl<'a, X: Operand, Y: Outcome> ComputeLayer<'a, X, Y> for Int8<'a> {
    fn compute(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], room: &mut [i8]) {
        self::layer(layer, X::input(x), Y::places(y), room);
    }

    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        let (x, y) = (X::input(x), Y::places(y));
        if layer.is_spatial() {
            return spatial::plain::int8(layer, x, y);
        }
        portable::dense(layer, x, y);
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        match layer.arithmetic().layout() {
            _ if layer.is_spatial() => spatial::kernel_int8(layer),
            _ if is_whole(layer) => arch::whole_name(),
            Layout::Rows if is_in_blocks(layer) => arch::rows_name(),
            _ => portable::NAME,
        }
    }
}
