//! The f32 kernel. Each sum starts from its bias and takes its products in index order, a product
//! rounded before it is added; many outputs are computed side by side, which changes no order.

use ae_core::{F32, Layer};

use crate::activation;
use crate::compute::Dense;

/// Outputs computed side by side: as many sums as fit the registers of common cores.
const BLOCK: usize = 16;

/// An input of the f32 contract: an f32, or a pixel that stands for `p / 255`.
///
/// The sums are functions of this crate, not of whoever uses it; see the int8 kernel.
pub trait Operand: Copy {
    /// The sums of the outputs from `first` on, as many as a block and the layer have.
    fn sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; BLOCK];
}

impl Operand for f32 {
    #[inline(never)]
    fn sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; BLOCK] {
        sums(layer, first, x.iter().copied())
    }
}

impl Operand for u8 {
    #[inline(never)]
    fn sums(layer: &Layer<'_, F32>, first: usize, x: &[Self]) -> [f32; BLOCK] {
        sums(layer, first, x.iter().map(|&pixel| f32::from(pixel) / 255.0))
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
    fn dense(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        let activation = layer.arithmetic().activation();
        for (block, outputs) in y.chunks_mut(BLOCK).enumerate() {
            let sums = X::sums(layer, block.wrapping_mul(BLOCK), x);
            for (output, sum) in outputs.iter_mut().zip(sums) {
                *output = Y::from_real(activation::apply(activation, sum));
            }
        }
    }
}

#[inline(always)]
fn sums(layer: &Layer<'_, F32>, first: usize, x: impl Iterator<Item = f32>) -> [f32; BLOCK] {
    let (columns, biases) = layer.columns();
    let mut sums = [0.0_f32; BLOCK];
    for (sum, bias) in sums.iter_mut().zip(biases.get(first..).unwrap_or_default()) {
        *sum = f32::from_le_bytes(*bias);
    }
    for (column, x) in columns.zip(x) {
        let Some((_, weights)) = column.split_at_checked(first) else { break };
        match weights.first_chunk::<BLOCK>() {
            Some(weights) => sums = plus_products(sums, weights, x),
            None => {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += f32::from_le_bytes(*weight) * x;
                }
            }
        }
    }
    sums
}

/// `sums + weights · x`. By value and of a fixed length, so that the compiler keeps the sums in
/// vector registers.
#[inline(always)]
fn plus_products(sums: [f32; BLOCK], weights: &[[u8; 4]; BLOCK], x: f32) -> [f32; BLOCK] {
    core::array::from_fn(|output| {
        let (sum, weight) = (sums.get(output), weights.get(output));
        sum.zip(weight).map_or(0.0, |(sum, weight)| sum + f32::from_le_bytes(*weight) * x)
    })
}
