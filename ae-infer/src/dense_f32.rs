//! The f32 kernel. Each sum starts from its bias and takes its products in index order, a product
//! rounded before it is added; many outputs are computed side by side, which changes no order.

use ae_core::{F32, Layer};

use crate::activation;
use crate::compute::Dense;

/// Outputs computed side by side: as many sums as fit the registers of common cores.
const BLOCK: usize = 16;

/// An input of the f32 contract: an f32, or a pixel that stands for `p / 255`.
pub trait Operand: Copy {
    /// The number that is multiplied.
    fn real(self) -> f32;
}

impl Operand for f32 {
    fn real(self) -> f32 {
        self
    }
}

impl Operand for u8 {
    fn real(self) -> f32 {
        f32::from(self) / 255.0
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
        let (_, biases) = layer.columns();
        for (block, outputs) in y.chunks_mut(BLOCK).enumerate() {
            let first = block.wrapping_mul(BLOCK);
            let mut sums = [0.0_f32; BLOCK];
            let biases = biases.get(first..).unwrap_or_default();
            for (sum, bias) in sums.iter_mut().zip(biases) {
                *sum = f32::from_le_bytes(*bias);
            }
            for (column, x) in layer.columns().0.zip(x) {
                let weights = column.get(first..).unwrap_or_default();
                add_products(&mut sums, weights, x.real());
            }
            for (output, sum) in outputs.iter_mut().zip(sums) {
                *output = Y::from_real(activation::apply(activation, sum));
            }
        }
    }
}

/// `sums += weights · x`, element by element.
fn add_products(sums: &mut [f32; BLOCK], weights: &[[u8; 4]], x: f32) {
    if let Some(weights) = weights.first_chunk::<BLOCK>() {
        // A fixed length lets the compiler keep the sums in vector registers.
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += f32::from_le_bytes(*weight) * x;
        }
    } else {
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += f32::from_le_bytes(*weight) * x;
        }
    }
}
