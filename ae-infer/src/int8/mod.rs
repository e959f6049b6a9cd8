//! Dense layers of the int8 contract.

mod kernel;
mod portable;
#[cfg(ae_kernel = "rv32")]
mod rv32;
#[cfg(ae_kernel = "thumbv6m")]
mod thumbv6m;
#[cfg(any(ae_kernel = "thumbv7m", ae_kernel = "dsp"))]
mod thumbv7m;

use ae_core::{Channel, Int8, Layer, Layout, RowPairs, Rows, Weights};

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

impl<'x> Input<'x> {
    /// The integers that the values stand for, one by one.
    fn values(self) -> impl Iterator<Item = i32> + use<'x> {
        let (elements, pixels): (&[i8], &[u8]) = match self {
            Self::Elements(x) => (x, &[]),
            Self::Pixels(x) => (&[], x),
        };
        elements.iter().map(|x| x.value()).chain(pixels.iter().map(|x| x.value()))
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

/// An output: the sum becomes i8, and a byte by its channel's table.
#[inline(always)]
fn finish(channel: &Channel<'_>, sum: i32) -> u8 {
    let Channel { bias, requant, table } = channel;
    // The loader has shown that no sum leaves i32, with its bias.
    let value = kernel::requantise(*requant, bias.wrapping_add(sum)) as u8;
    // The table's first entry is that of −128.
    let place = usize::from(value ^ 0x80);
    table.map_or(value, |table| table.get(place).copied().unwrap_or_default())
}

/// Computes every output of a layer in rows, a block of them at a time.
///
/// This is a function of this crate, not of whoever uses it, so a program that is built to be small
/// can still have fast sums: `[profile.release.package.ae-infer] opt-level = 3`.
#[inline(never)]
fn compute_rows<'a>(layer: &Layer<'a, Int8<'a>>, rows: &Rows<'a>, x: Input<'_>, y: &mut [u8]) {
    let mut channels = layer.channels_of_rows(rows);
    for (block, outputs) in y.chunks_mut(kernel::ROWS).enumerate() {
        let sums = sums(rows, block.wrapping_mul(kernel::ROWS), x);
        for ((y, sum), channel) in outputs.iter_mut().zip(&sums).zip(&mut channels) {
            *y = finish(&channel, *sum);
        }
    }
}

/// `Σ weight · x` of the outputs from `first` on, as many as a block and the layer have.
#[inline(always)]
fn sums(rows: &Rows<'_>, first: usize, x: Input<'_>) -> [i32; kernel::ROWS] {
    match (rows.block(first, kernel::ROWS), x) {
        (Some(block), Input::Elements(x)) => kernel::sums_i8(block, x),
        (Some(block), Input::Pixels(x)) => kernel::sums_u8(block, x),
        // The last outputs, fewer than a block.
        (None, x) => {
            let mut sums = [0; kernel::ROWS];
            for (output, sum) in (first..).zip(&mut sums) {
                *sum = sum_of_one(rows, output, x);
            }
            sums
        }
    }
}

/// `Σ weight · x` of one output.
#[inline(never)]
fn sum_of_one(rows: &Rows<'_>, output: usize, x: Input<'_>) -> i32 {
    let row = rows.row(output);
    let [sum] = match x {
        Input::Elements(x) => portable::sums_i8(row, x),
        Input::Pixels(x) => portable::sums_u8(row, x),
    };
    sum
}

/// Computes every output of a layer in pairs of rows.
#[inline(never)]
fn compute_row_pairs<'a>(
    layer: &Layer<'a, Int8<'a>>,
    pairs: &RowPairs<'a>,
    x: Input<'_>,
    y: &mut [u8],
) {
    let channels = layer.channels_of_row_pairs(pairs);
    for ((output, y), channel) in y.iter_mut().enumerate().zip(channels) {
        *y = finish(&channel, portable::sum(pairs.row(output), x.values()));
    }
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for Int8<'a> {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], _room: &mut [i8]) {
        let (x, y) = (X::input(x), Y::bytes(y));
        match layer.weights() {
            Weights::Rows(rows) => compute_rows(layer, &rows, x, y),
            Weights::RowPairs(pairs) => compute_row_pairs(layer, &pairs, x, y),
        }
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        match layer.arithmetic().layout() {
            Layout::Rows => kernel::NAME,
            Layout::RowPairs => portable::NAME,
        }
    }
}
