//! Dense layers of the f32 contract. Each sum starts from its bias and takes its products in index
//! order, a product rounded before it is added; many outputs are computed side by side, which
//! changes no order.

mod kernel;
mod portable;

use ae_core::{F32, Layer};

use crate::activation;
use crate::compute::Dense;
use kernel::BLOCK;

/// An input of the f32 contract: an f32, or a pixel that stands for `p / 255`.
///
/// The sums are functions of this crate, not of whoever uses it; see the int8 kernel.
pub trait Operand: Copy {
    /// The sums of the outputs from `first` on, as many as a block and the layer have.
    fn sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; BLOCK];
    /// The same by the portable kernel.
    fn portable_sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; portable::BLOCK];
}

impl Operand for f32 {
    fn sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; BLOCK] {
        kernel::sums_f32(layer, first, x)
    }

    fn portable_sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; portable::BLOCK] {
        portable::sums_f32(layer, first, x)
    }
}

impl Operand for u8 {
    fn sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; BLOCK] {
        kernel::sums_u8(layer, first, x)
    }

    fn portable_sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; portable::BLOCK] {
        portable::sums_u8(layer, first, x)
    }
}

/// What a layer's value becomes: the next layer's f32, or a pixel.
pub trait Outcome: Sized {
    /// From the value behind the activation.
    fn from_real(value: f32) -> Self;
}

impl Outcome for f32 {
    fn from_real(value: f32) -> Self {
        value
    }
}

impl Outcome for u8 {
    /// The nearest pixel of 0…1, half up; what lies outside is clipped.
    fn from_real(value: f32) -> Self {
        (value * 255.0 + 0.5) as Self
    }
}

impl<'a, X: Operand, Y: Outcome> Dense<'a, X, Y> for F32 {
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], _room: &mut [f32]) {
        blocks(layer, y, |first| X::sums(layer, first, x));
    }

    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        blocks(layer, y, |first| X::portable_sums(layer, first, x));
    }

    fn kernel(_layer: &Layer<'a, Self>) -> &'static str {
        kernel::NAME
    }
}

/// Fills `y`, from the `SIDE` sums of the outputs from a first one on.
#[inline(always)]
fn blocks<const SIDE: usize, Y: Outcome>(
    layer: &Layer<'_, F32>,
    y: &mut [Y],
    sums: impl Fn(usize) -> [f32; SIDE],
) {
    let activation = layer.arithmetic().activation();
    for (block, outputs) in y.chunks_mut(SIDE).enumerate() {
        for (output, sum) in outputs.iter_mut().zip(sums(block.wrapping_mul(SIDE))) {
            *output = Y::from_real(activation::apply(activation, sum));
        }
    }
}
