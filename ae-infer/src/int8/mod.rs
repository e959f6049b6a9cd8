//! Dense layers of the int8 contract.

mod kernel;
#[cfg(ae_kernel = "mve")]
mod mve;
mod portable;

use ae_core::{Channel, Int8, Layer, Layout, Weights};

use crate::compute::Dense;

/// An input of the int8 contract: an i8, or a pixel that stands for `p − 128`.
///
/// The sums are functions of this crate, not of whoever uses it, so a program that is built to be
/// small can still have fast sums: `[profile.release.package.ae-infer] opt-level = 3`.
pub trait Operand: Copy {
    /// Whether it is a pixel.
    const IS_PIXEL: bool;
    /// The integer that it stands for, −128 to 127.
    fn value(self) -> i32;
    /// `Σ weight · x` of the outputs from `first` on, as many as a block and the layer have.
    fn sums(weights: &Weights<'_>, first: usize, x: &[Self]) -> [i32; kernel::ROWS];
}

impl Operand for i8 {
    const IS_PIXEL: bool = false;

    fn value(self) -> i32 {
        self.into()
    }

    #[inline(never)]
    fn sums(weights: &Weights<'_>, first: usize, x: &[Self]) -> [i32; kernel::ROWS] {
        sums(weights, first, x, kernel::sums_i8)
    }
}

impl Operand for u8 {
    const IS_PIXEL: bool = true;

    fn value(self) -> i32 {
        i32::from(self) - 128
    }

    #[inline(never)]
    fn sums(weights: &Weights<'_>, first: usize, x: &[Self]) -> [i32; kernel::ROWS] {
        sums(weights, first, x, kernel::sums_u8)
    }
}

#[inline(always)]
fn sums<X: Operand>(
    weights: &Weights<'_>,
    first: usize,
    x: &[X],
    kernel: impl Fn(&[u8], &[X]) -> [i32; kernel::ROWS],
) -> [i32; kernel::ROWS] {
    if let Weights::Rows(rows) = weights
        && let Some(block) = rows.block(first, kernel::ROWS)
    {
        return kernel(block, x);
    }
    // The last outputs, fewer than a block, or another layout.
    let mut sums = [0; kernel::ROWS];
    for (output, sum) in (first..).zip(&mut sums) {
        *sum = match weights {
            Weights::Rows(rows) => {
                portable::sum(rows.row(output).iter().map(|&weight| weight as i8), x)
            }
            Weights::RowPairs(pairs) => portable::sum(pairs.row(output), x),
        };
    }
    sums
}

/// What a layer's value becomes: the next layer's i8, or a pixel.
pub trait Outcome {
    /// From the value's byte.
    fn from_byte(byte: u8) -> Self;
}

impl Outcome for i8 {
    fn from_byte(byte: u8) -> Self {
        byte as Self
    }
}

impl Outcome for u8 {
    fn from_byte(byte: u8) -> Self {
        byte
    }
}

/// The next outputs: sums become i8, and bytes by their channels' tables.
#[inline(never)]
fn finish<'a>(
    channels: &mut impl Iterator<Item = Channel<'a>>,
    sums: [i32; kernel::ROWS],
) -> [u8; kernel::ROWS] {
    let mut outputs = [0; kernel::ROWS];
    for ((output, sum), channel) in outputs.iter_mut().zip(sums).zip(channels) {
        let Channel { bias, requant, table } = channel;
        // The loader has shown that no sum leaves i32, with its bias.
        let value = requant.apply(bias.wrapping_add(sum)) as u8;
        // The table's first entry is that of −128.
        let place = usize::from(value ^ 0x80);
        *output = table.map_or(value, |table| table.get(place).copied().unwrap_or_default());
    }
    outputs
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for Int8<'a> {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], _room: &mut [i8]) {
        if kernel::dense(layer, x, y) {
            return;
        }
        let weights = layer.weights();
        let mut channels = layer.channels();
        for (block, outputs) in y.chunks_mut(kernel::ROWS).enumerate() {
            let sums = X::sums(&weights, block.wrapping_mul(kernel::ROWS), x);
            for (y, byte) in outputs.iter_mut().zip(finish(&mut channels, sums)) {
                *y = Y::from_byte(byte);
            }
        }
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        match layer.arithmetic().layout() {
            Layout::Rows => kernel::NAME,
            Layout::RowPairs => portable::NAME,
        }
    }
}
