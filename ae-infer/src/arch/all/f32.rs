//! The portable kernel: several outputs side by side, in safe Rust that compilers make vectors of.

use ae_core::{F32, Layer};

/// Name of what computes a layer.
pub(crate) fn name(_layer: &Layer<'_, F32>) -> &'static str {
    "portable"
}

/// Outputs computed side by side: as many sums as fit the registers of common cores.
const BLOCK: usize = 16;

/// Adds to the sums of the outputs from `first` on their products with `x`, which are the inputs
/// from `input` on. With the first input the sums start from the biases.
#[inline(never)]
pub(crate) fn add_products(
    layer: &Layer<'_, F32>,
    input: usize,
    x: &[f32],
    first: usize,
    sums: &mut [f32],
) {
    if input == 0 {
        let biases = layer.columns().1.get(first..).unwrap_or_default();
        for (sum, bias) in sums.iter_mut().zip(biases) {
            *sum = f32::from_le_bytes(*bias);
        }
    }
    for (block, sums) in sums.chunks_mut(BLOCK).enumerate() {
        let first = first.saturating_add(block.saturating_mul(BLOCK));
        let columns = layer.columns().0.skip(input).map(|column| column.get(first..));
        let terms = columns.map(Option::unwrap_or_default).zip(x.iter().copied());
        match sums.first_chunk_mut::<BLOCK>() {
            Some(sums) => *sums = with_products(*sums, terms),
            None => {
                for (weights, x) in terms {
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum += f32::from_le_bytes(*weight) * x;
                    }
                }
            }
        }
    }
}

/// `sums + Σ weights · x`. By value and of a fixed length, so that the compiler keeps the sums in
/// vector registers.
#[inline(always)]
fn with_products<'a>(
    mut sums: [f32; BLOCK],
    terms: impl Iterator<Item = (&'a [[u8; 4]], f32)>,
) -> [f32; BLOCK] {
    for (weights, x) in terms {
        let Some(weights) = weights.first_chunk::<BLOCK>() else { break };
        sums = core::array::from_fn(|output| {
            let (sum, weight) = (sums.get(output), weights.get(output));
            sum.zip(weight).map_or(0.0, |(sum, weight)| sum + f32::from_le_bytes(*weight) * x)
        });
    }
    sums
}
