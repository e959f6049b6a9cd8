//! Sums of columns of the f32 contract on x86-64, for one sample.

use ae_core::{F32, Layer};

use super::kernel::X86;
use super::{columns_avx2, columns_avx512};
use crate::arch::all::f32 as portable;
use crate::arch::tile::Kernel;

/// Name of what computes a layer.
pub(crate) fn name(layer: &Layer<'_, F32>) -> &'static str {
    X86::detect().map_or_else(|| portable::name(layer), X86::name)
}

/// As [`portable::add_products`].
#[allow(
    unsafe_code,
    reason = "functions with these instructions are called where there is a proof"
)]
pub(crate) fn add_products(
    layer: &Layer<'_, F32>,
    input: usize,
    x: &[f32],
    first: usize,
    sums: &mut [f32],
) {
    match X86::detect() {
        // SAFETY: there is an `X86` only where the processor has what it stands for.
        Some(X86::Avx512Vnni { .. }) => unsafe {
            columns_avx512::add_products(layer, input, x, first, sums);
        },
        // SAFETY: as above; both have AVX2.
        Some(X86::Avx2 | X86::AvxVnni) => unsafe {
            columns_avx2::add_products(layer, input, x, first, sums);
        },
        None => portable::add_products(layer, input, x, first, sums),
    }
}
