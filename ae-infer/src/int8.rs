//! Dense layers of the int8 contract.

use ae_core::{Int8, Layer, Layout, Rows, Weights};

use crate::arch::all::int8::{self as portable, finish};
use crate::arch::{Input, ONE_HOT_IN_ROWS, int8_rows, int8_whole};
use crate::compute::Dense;
use crate::one_hot::{Largest, mark};

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
    /// The values' bytes.
    fn bytes(y: &mut [Self]) -> &mut [u8];
}

impl Outcome for i8 {
    fn bytes(y: &mut [Self]) -> &mut [u8] {
        bytemuck::must_cast_slice_mut(y)
    }
}

impl Outcome for u8 {
    fn bytes(y: &mut [Self]) -> &mut [u8] {
        y
    }
}

/// Computes every output of a layer in rows, or one-hot, a block of them at a time.
///
/// This is a function of this crate, not of whoever uses it, so a program that is built to be small
/// can still have fast sums: `[profile.release.package.ae-infer] opt-level = 3`.
#[inline(never)]
fn compute_rows<'a>(layer: &Layer<'a, Int8<'a>>, rows: &Rows<'a>, x: Input<'_>, y: &mut [u8]) {
    let Some(last) = y.len().checked_sub(int8_rows::ROWS) else {
        return portable::dense(layer, x, y);
    };
    let is_one_hot = layer.arithmetic().is_one_hot();
    let mut largest = (ONE_HOT_IN_ROWS && is_one_hot).then_some(Largest::NONE);
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
        if let Some(largest) = &mut largest {
            for ((output, sum), channel) in (first..).zip(sums).zip(&mut channels) {
                largest.see(output, channel.bias.wrapping_add(*sum));
            }
            continue;
        }
        for ((y, sum), channel) in outputs.iter_mut().zip(sums).zip(&mut channels) {
            *y = finish(&channel, *sum);
        }
    }
    if let Some(largest) = largest {
        mark(largest.place(), y);
    }
}

/// Whether the layer, whose data is in rows, is computed in rows too.
fn is_in_rows(layer: &Layer<'_, Int8<'_>>) -> bool {
    ONE_HOT_IN_ROWS || !layer.arithmetic().is_one_hot()
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for Int8<'a> {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], room: &mut [i8]) {
        let (x, y) = (X::input(x), Y::bytes(y));
        if !(int8_whole::takes(layer) && int8_whole::whole_layer(layer, x, y, room)) {
            match layer.weights() {
                Weights::Rows(rows) if is_in_rows(layer) => compute_rows(layer, &rows, x, y),
                _ => portable::dense(layer, x, y),
            }
        }
    }

    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        portable::dense(layer, X::input(x), Y::bytes(y));
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        match layer.arithmetic().layout() {
            _ if int8_whole::takes(layer) => int8_whole::NAME,
            Layout::Rows if is_in_rows(layer) && layer.outputs() >= int8_rows::ROWS => {
                int8_rows::NAME
            }
            _ => portable::NAME,
        }
    }
}
