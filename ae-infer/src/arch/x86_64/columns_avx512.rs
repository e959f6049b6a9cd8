//! Sums of columns of the f32 contract on x86-64 with AVX-512.

use core::arch::x86_64::{
    __m512, _mm512_add_ps, _mm512_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_storeu_ps,
};

use ae_core::{F32, Layer};

use crate::arch::all::f32 as portable;

/// Numbers of a register.
const NUMBERS: usize = 16;
/// Registers of sums: with so many, no instruction waits for the one before it.
const REGISTERS: usize = 16;
/// Outputs that are computed together.
const BLOCK: usize = NUMBERS * REGISTERS;

/// As [`portable::add_products`], which computes the last outputs.
#[target_feature(enable = "avx512f")]
pub(super) fn add_products(
    layer: &Layer<'_, F32>,
    input: usize,
    x: &[f32],
    first: usize,
    sums: &mut [f32],
) {
    let (blocks, rest) = sums.as_chunks_mut();
    let mut first = first;
    for sums in blocks {
        add_to_block(layer, input, x, first, sums);
        first = first.wrapping_add(BLOCK);
    }
    portable::add_products(layer, input, x, first, rest);
}

#[target_feature(enable = "avx512f")]
#[inline]
fn add_to_block(
    layer: &Layer<'_, F32>,
    input: usize,
    x: &[f32],
    first: usize,
    sums: &mut [f32; BLOCK],
) {
    let (columns, biases) = layer.columns();
    let before =
        if input == 0 { block(biases, first) } else { Some(bytemuck::must_cast_ref(sums)) };
    let Some(before) = before else { return };
    let mut registers = load(before);
    for (column, &x) in columns.skip(input).zip(x) {
        let Some(weights) = block(column, first) else { return };
        let x = _mm512_set1_ps(x);
        for (sum, weights) in registers.iter_mut().zip(load(weights)) {
            *sum = _mm512_add_ps(*sum, _mm512_mul_ps(weights, x));
        }
    }
    store(registers, sums);
}

/// The numbers of the outputs from the first on.
fn block(numbers: &[[u8; 4]], first: usize) -> Option<&[[u8; 4]; BLOCK]> {
    numbers.get(first..)?.first_chunk()
}

/// Numbers as registers.
#[allow(unsafe_code, reason = "loads through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn load(numbers: &[[u8; 4]; BLOCK]) -> [__m512; REGISTERS] {
    let mut registers = [_mm512_setzero_ps(); REGISTERS];
    for (register, numbers) in registers.iter_mut().zip(numbers.as_chunks::<NUMBERS>().0) {
        // SAFETY: the numbers are as long as a register, and need no boundary.
        *register = unsafe { _mm512_loadu_ps(numbers.as_ptr().cast()) };
    }
    registers
}

#[allow(unsafe_code, reason = "stores through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn store(registers: [__m512; REGISTERS], numbers: &mut [f32; BLOCK]) {
    for (register, numbers) in registers.into_iter().zip(numbers.as_chunks_mut::<NUMBERS>().0) {
        // SAFETY: as in `load`.
        unsafe { _mm512_storeu_ps(numbers.as_mut_ptr(), register) };
    }
}
