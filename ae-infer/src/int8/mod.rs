//! Dense layers of the int8 contract.

#[cfg(ae_kernel = "dsp")]
mod dsp;
mod kernel;
#[cfg(ae_kernel = "mve")]
mod mve;
mod portable;
#[cfg(ae_kernel = "rv32")]
mod rv32;
#[cfg(ae_kernel = "thumbv6m")]
mod thumbv6m;
#[cfg(any(ae_kernel = "thumbv7m", ae_kernel = "dsp"))]
mod thumbv7m;

use ae_core::{Channel, Int8, Layer, Layout, Rows, Weights};

use crate::compute::Dense;

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

/// What goes into a layer.
#[derive(Clone, Copy)]
pub enum Input<'x> {
    /// The output of the layer before.
    Elements(&'x [i8]),
    /// An image.
    Pixels(&'x [u8]),
}

impl<'x> Input<'x> {
    /// The values' bytes, and the bits by which one differs from its integer's byte.
    fn bytes(self) -> (&'x [u8], u8) {
        match self {
            Self::Elements(x) => (bytemuck::must_cast_slice(x), 0),
            Self::Pixels(x) => (x, 0x80),
        }
    }

    /// The integers that the values stand for, −128 to 127.
    fn values(self) -> impl Iterator<Item = i32> + use<'x> {
        let (bytes, flipped) = self.bytes();
        bytes.iter().map(move |byte| i32::from((byte ^ flipped) as i8))
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
    let Some(last) = y.len().checked_sub(kernel::ROWS) else {
        return portable::dense(layer, x, y);
    };
    let mut channels = layer.channels(rows);
    for (block, outputs) in y.chunks_mut(kernel::ROWS).enumerate() {
        let first = block.wrapping_mul(kernel::ROWS);
        // The last outputs are computed together with some of those before them.
        let start = first.min(last);
        let Some(weights) = rows.block(start, kernel::ROWS) else { break };
        let sums = match x {
            Input::Elements(x) => kernel::sums_i8(weights, x),
            Input::Pixels(x) => kernel::sums_u8(weights, x),
        };
        let sums = sums.get(first.wrapping_sub(start)..).unwrap_or_default();
        for ((y, sum), channel) in outputs.iter_mut().zip(sums).zip(&mut channels) {
            *y = finish(&channel, *sum);
        }
    }
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for Int8<'a> {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], room: &mut [i8]) {
        let (x, y) = (X::input(x), Y::bytes(y));
        if !(kernel::takes(layer) && kernel::whole_layer(layer, x, y, room)) {
            match layer.weights() {
                Weights::Rows(rows) => compute_rows(layer, &rows, x, y),
                Weights::RowPairs(_) => portable::dense(layer, x, y),
            }
        }
    }

    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        portable::dense(layer, X::input(x), Y::bytes(y));
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        match layer.arithmetic().layout() {
            _ if kernel::takes(layer) => kernel::WHOLE_NAME,
            Layout::Rows if layer.outputs() >= kernel::ROWS => kernel::ROWS_NAME,
            _ => portable::NAME,
        }
    }
}
