//! Dense layers of the int8 contract.

#[cfg(ae_kernel = "dsp")]
mod dsp;
mod kernel;
mod portable;

use ae_core::{Channel, Int8, Layer, Layout, Weights};

use crate::compute::Dense;

/// An input of the int8 contract: an i8, or a pixel that stands for `p − 128`.
///
/// The sums are functions of this crate, not of whoever uses it, so a program that is built to be
/// small can still have fast sums: `[profile.release.package.ae-infer] opt-level = 3`.
pub trait Operand: Copy {
    /// The bits by which its byte in memory differs from the integer's.
    const FLIPPED: u8;
    /// The integer that it stands for, −128 to 127.
    fn value(self) -> i32;
    /// `Σ weight · x` of the outputs from `first` on, as many as a block and the layer have.
    fn sums(weights: &Weights<'_>, first: usize, x: &[Self]) -> [i32; kernel::ROWS];
}

impl Operand for i8 {
    const FLIPPED: u8 = 0;

    fn value(self) -> i32 {
        self.into()
    }

    #[inline(never)]
    fn sums(weights: &Weights<'_>, first: usize, x: &[Self]) -> [i32; kernel::ROWS] {
        sums(weights, first, x, kernel::sums_i8)
    }
}

impl Operand for u8 {
    const FLIPPED: u8 = 0x80;

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
    let mut sums = [0; kernel::ROWS];
    if let Weights::Rows(rows) = weights {
        // The last block of a layer has some outputs of the one before it.
        let start = first.min(rows.outputs().saturating_sub(kernel::ROWS));
        if let Some(block) = rows.block(start, kernel::ROWS) {
            let known = first.saturating_sub(start);
            for (sum, found) in sums.iter_mut().zip(kernel(block, x).into_iter().skip(known)) {
                *sum = found;
            }
            return sums;
        }
    }
    // A layer of fewer outputs than a block, or another layout.
    for (output, sum) in (first..).zip(&mut sums) {
        *sum = portable::sum_of(weights, output, x);
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
        *output = finish_one(&channel, sum);
    }
    outputs
}

#[inline(always)]
fn finish_one(channel: &Channel<'_>, sum: i32) -> u8 {
    // The loader has shown that no sum leaves i32, with its bias.
    let value = channel.requant.apply(channel.bias.wrapping_add(sum)) as u8;
    // The table's first entry is that of −128.
    let place = usize::from(value ^ 0x80);
    channel.table.map_or(value, |table| table.get(place).copied().unwrap_or_default())
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for Int8<'a> {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], room: &mut [i8]) {
        let weights = layer.weights();
        if let Weights::RowPairs(pairs) = &weights
            && kernel::row_pairs(layer, pairs, x, y, room)
        {
            return;
        }
        let mut channels = layer.channels();
        for (block, outputs) in y.chunks_mut(kernel::ROWS).enumerate() {
            let sums = X::sums(&weights, block.wrapping_mul(kernel::ROWS), x);
            for (y, byte) in outputs.iter_mut().zip(finish(&mut channels, sums)) {
                *y = Y::from_byte(byte);
            }
        }
    }

    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        let weights = layer.weights();
        for ((output, y), channel) in y.iter_mut().enumerate().zip(layer.channels()) {
            *y = Y::from_byte(finish_one(&channel, portable::sum_of(&weights, output, x)));
        }
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        match layer.arithmetic().layout() {
            Layout::Rows => kernel::ROWS_NAME,
            Layout::RowPairs => kernel::ROW_PAIRS_NAME,
        }
    }
}
