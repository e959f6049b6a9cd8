//! The f32 contract on x86-64 with AVX-512.

use core::arch::x86_64::{
    __m512, _MM_CMPINT_NLT, _mm512_abs_ps, _mm512_add_ps, _mm512_castps_si512, _mm512_castsi512_ps,
    _mm512_cmp_epu32_mask, _mm512_cvttps_epi32, _mm512_load_ps, _mm512_max_ps, _mm512_min_ps,
    _mm512_mul_ps, _mm512_or_si512, _mm512_set1_epi32, _mm512_set1_ps, _mm512_sllv_epi32,
    _mm512_store_ps,
};
use core::hint;

use ae_core::Activation;

use super::gelu::gelu;
use crate::arch::all::functions;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::PANEL;

/// Words of a register.
const WORDS: usize = 16;
/// Registers of a line.
const REGISTERS: usize = SAMPLES / WORDS;

/// See [`Kernel::panel`](crate::arch::tile::Kernel::panel).
#[target_feature(enable = "avx512f")]
pub(super) fn panel(weights: &[[u32; PANEL]], x: &[Line], sums: &mut [Line; PANEL]) {
    let mut registers = [[_mm512_set1_ps(0.0); REGISTERS]; PANEL];
    for (registers, sums) in registers.iter_mut().zip(sums.iter()) {
        *registers = load(sums);
    }
    for (weights, x) in weights.iter().zip(x) {
        let x = load(x);
        for (registers, &weight) in registers.iter_mut().zip(weights) {
            let weight = _mm512_set1_ps(f32::from_bits(weight));
            for (sum, x) in registers.iter_mut().zip(x) {
                *sum = _mm512_add_ps(*sum, _mm512_mul_ps(weight, x));
            }
        }
    }
    for (sums, registers) in sums.iter_mut().zip(registers) {
        store(registers, sums);
    }
}

/// See [`Kernel::peak`](crate::arch::tile::Kernel::peak).
#[target_feature(enable = "avx512f")]
pub(super) fn peak(rounds: u32) -> u64 {
    /// With so many no instruction waits for the one before it, and all are in registers.
    const CHAINS: usize = 12;
    let factor = _mm512_set1_ps(hint::black_box(1.0));
    let (mut products, mut sums) = ([factor; CHAINS], [factor; CHAINS]);
    for _ in 0..rounds {
        for (sum, product) in sums.iter_mut().zip(&mut products) {
            *product = _mm512_mul_ps(*product, factor);
            *sum = _mm512_add_ps(*sum, *product);
        }
    }
    hint::black_box(sums);
    u64::from(rounds).saturating_mul((CHAINS * WORDS) as u64)
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn activate(activation: Activation, lines: &mut [Line]) {
    for line in lines {
        let mut values = load(line);
        let ordinary = are_ordinary(values);
        if activation == Activation::Gelu && ordinary {
            for value in &mut values {
                *value = gelu(*value);
            }
            store(values, line);
        } else {
            functions::activate_line(activation, ordinary, line);
        }
    }
}

/// As [`functions::are_ordinary`], of which compilers make shuffles.
#[target_feature(enable = "avx512f")]
#[inline]
fn are_ordinary(values: [__m512; REGISTERS]) -> bool {
    let limit = _mm512_set1_epi32(functions::ORDINARY as i32);
    values.into_iter().all(|value| {
        let magnitude = _mm512_castps_si512(_mm512_abs_ps(value));
        _mm512_cmp_epu32_mask::<_MM_CMPINT_NLT>(magnitude, limit) == 0
    })
}

/// See [`Kernel::to_pixels`](crate::arch::tile::Kernel::to_pixels). What is no number becomes 0, the
/// second of two that are compared.
#[target_feature(enable = "avx512f")]
pub(super) fn to_pixels(reals: &[Line; 4], bytes: &mut Line) {
    let mut words = [_mm512_set1_epi32(0); REGISTERS];
    for (place, reals) in (0_i32..).zip(reals) {
        for (word, real) in words.iter_mut().zip(load(reals)) {
            let value =
                _mm512_add_ps(_mm512_mul_ps(real, _mm512_set1_ps(255.0)), _mm512_set1_ps(0.5));
            let value = _mm512_max_ps(value, _mm512_set1_ps(0.0));
            let value = _mm512_min_ps(value, _mm512_set1_ps(255.0));
            let shift = _mm512_set1_epi32(place.wrapping_mul(8));
            *word = _mm512_or_si512(*word, _mm512_sllv_epi32(_mm512_cvttps_epi32(value), shift));
        }
    }
    store(words.map(|word| _mm512_castsi512_ps(word)), bytes);
}

#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn load(line: &Line) -> [__m512; REGISTERS] {
    let mut registers = [_mm512_set1_ps(0.0); REGISTERS];
    for (register, words) in registers.iter_mut().zip(line.0.as_chunks::<WORDS>().0) {
        // SAFETY: the words are as long as a register, and begin at a multiple of its length in a
        // line, which lies on a boundary of 64 bytes.
        *register = unsafe { _mm512_load_ps(words.as_ptr().cast()) };
    }
    registers
}

#[allow(unsafe_code, reason = "a store through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn store(registers: [__m512; REGISTERS], line: &mut Line) {
    for (register, words) in registers.into_iter().zip(line.0.as_chunks_mut::<WORDS>().0) {
        // SAFETY: as in `load`.
        unsafe { _mm512_store_ps(words.as_mut_ptr().cast(), register) };
    }
}
