//! Dense layers of the int8 contract.

mod kernel;
mod portable;
#[cfg(ae_kernel = "rv32")]
mod rv32;
#[cfg(ae_kernel = "thumbv6m")]
mod thumbv6m;
#[cfg(any(ae_kernel = "thumbv7m", ae_kernel = "dsp"))]
mod thumbv7m;

use ae_core::{Channel, Int8, Layer, Layout, Weights};

use crate::compute::Dense;

/// An input of the int8 contract: an i8, or a pixel that stands for `p − 128`.
pub trait Operand: Copy {
    /// The integer that it stands for, −128 to 127.
    fn value(self) -> i32;
    /// The values that go into a layer.
    fn input(x: &[Self]) -> Input<'_>;
}

impl Operand for i8 {
    fn value(self) -> i32 {
        self.into()
    }

    fn input(x: &[Self]) -> Input<'_> {
        Input::Elements(x)
    }
}

impl Operand for u8 {
    fn value(self) -> i32 {
        i32::from(self) - 128
    }

    fn input(x: &[Self]) -> Input<'_> {
        Input::Pixels(x)
    }
}

/// What goes into a layer.
#[derive(Clone, Copy)]
pub enum Input<'x> {
    /// The output of the layer before.
    Elements(&'x [i8]),
    /// An image.
    Pixels(&'x [u8]),
}

/// `Σ weight · x` of the outputs from `first` on, as many as a block and the layer have.
fn sums(weights: &Weights<'_>, first: usize, x: Input<'_>) -> [i32; kernel::ROWS] {
    if let Weights::Rows(rows) = weights
        && let Some(block) = rows.block(first, kernel::ROWS)
    {
        return match x {
            Input::Elements(x) => kernel::sums_i8(block, x),
            Input::Pixels(x) => kernel::sums_u8(block, x),
        };
    }
    // The last outputs, fewer than a block, or another layout.
    let mut sums = [0; kernel::ROWS];
    for (output, sum) in (first..).zip(&mut sums) {
        *sum = sum_of_one(weights, output, x);
    }
    sums
}

/// `Σ weight · x` of one output.
#[inline(never)]
fn sum_of_one(weights: &Weights<'_>, output: usize, x: Input<'_>) -> i32 {
    let [sum] = match (weights, x) {
        (Weights::Rows(rows), Input::Elements(x)) => portable::sums_i8(rows.row(output), x),
        (Weights::Rows(rows), Input::Pixels(x)) => portable::sums_u8(rows.row(output), x),
        (Weights::RowPairs(pairs), Input::Elements(x)) => [portable::sum(pairs.row(output), x)],
        (Weights::RowPairs(pairs), Input::Pixels(x)) => [portable::sum(pairs.row(output), x)],
    };
    sum
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

/// Computes every output: its sum becomes i8, and a byte by its channel's table.
///
/// This is a function of this crate, not of whoever uses it, so a program that is built to be small
/// can still have fast sums: `[profile.release.package.ae-infer] opt-level = 3`.
#[inline(never)]
fn compute(layer: &Layer<'_, Int8<'_>>, x: Input<'_>, y: &mut [u8]) {
    let weights = layer.weights();
    let mut channels = layer.channels();
    for (block, outputs) in y.chunks_mut(kernel::ROWS).enumerate() {
        let sums = sums(&weights, block.wrapping_mul(kernel::ROWS), x);
        for ((y, sum), channel) in outputs.iter_mut().zip(&sums).zip(&mut channels) {
            let Channel { bias, requant, table } = channel;
            // The loader has shown that no sum leaves i32, with its bias.
            let value = requant.apply(bias.wrapping_add(*sum)) as u8;
            // The table's first entry is that of −128.
            let place = usize::from(value ^ 0x80);
            *y = table.map_or(value, |table| table.get(place).copied().unwrap_or_default());
        }
    }
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for Int8<'a> {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], _room: &mut [i8]) {
        compute(layer, X::input(x), Y::bytes(y));
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        match layer.arithmetic().layout() {
            Layout::Rows => kernel::NAME,
            Layout::RowPairs => portable::NAME,
        }
    }
}
