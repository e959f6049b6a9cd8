//! The portable kernel: several outputs side by side, in safe Rust that compilers make vectors of.

use ae_core::{F32, Layer};

/// Its name.
pub(super) const NAME: &str = "portable";

/// Outputs computed side by side: as many sums as fit the registers of common cores.
pub(super) const BLOCK: usize = 16;

/// The sums of the outputs from `first` on, of products with f32.
#[inline(never)]
pub(super) fn sums_f32(layer: &Layer<'_, F32>, first: usize, x: &[f32]) -> [f32; BLOCK] {
    sums(layer, first, x.iter().copied())
}

/// The sums of the outputs from `first` on, of products with pixels.
#[inline(never)]
pub(super) fn sums_u8(layer: &Layer<'_, F32>, first: usize, x: &[u8]) -> [f32; BLOCK] {
    sums(layer, first, x.iter().map(|&pixel| f32::from(pixel) / 255.0))
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
