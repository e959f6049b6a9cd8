//! Dense layers of the int8 contract on x86-64, for one sample.

use core::arch::x86_64::{
    __m256i, _mm_cvtsi128_si64, _mm_loadl_epi64, _mm_packs_epi16, _mm_packs_epi32,
    _mm256_add_epi32, _mm256_blend_epi32, _mm256_castsi256_si128, _mm256_cvtepu8_epi32,
    _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_mul_epi32, _mm256_set1_epi32,
    _mm256_sllv_epi32, _mm256_srav_epi32, _mm256_srli_epi32, _mm256_srli_epi64,
};

use ae_core::{Int8, Layer, Layout, Weights};

use super::kernel::X86;
use super::rows::{Inputs, ROWS, sums};
use crate::arch::Input;
use crate::arch::all::int8::look_up_from;
use crate::arch::tile::Kernel;

/// Whether a layer is computed here.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    let is_in_rows = layer.arithmetic().layout() == Layout::Rows;
    let is_one_hot = layer.arithmetic().is_one_hot();
    is_in_rows && !is_one_hot && layer.outputs() >= ROWS && X86::detect().is_some()
}

/// Computes a layer that is rounded once. Gives `false`, and computes nothing, where it does not take it.
#[inline(never)]
pub(crate) fn whole_layer<'a>(
    layer: &Layer<'a, Int8<'a>>,
    x: Input<'_>,
    y: &mut [u8],
    _room: &mut [i8],
) -> bool {
    let (Some(kernel), Weights::Rows(rows)) = (X86::detect(), layer.weights()) else {
        return false;
    };
    let Some(last) = y.len().checked_sub(ROWS).filter(|_| takes(layer)) else { return false };
    let (bytes, flipped) = x.bytes();
    let x = Inputs { bytes, flipped: flipped ^ 0x80 };
    let zero_point = layer.arithmetic().zero_point().into();
    for first in (0..y.len()).step_by(ROWS) {
        // The last outputs are computed together with some of those before them.
        let start = first.min(last);
        let places = y.get_mut(start..).and_then(<[u8]>::first_chunk_mut::<ROWS>);
        let weights = rows.block(start, ROWS);
        let (Some(places), Some(weights), Some(parameters)) =
            (places, weights, rows.block_parameters(start, ROWS))
        else {
            break;
        };
        let sums = sums(Some(kernel), weights, x);
        let (Some(biases), Some(multipliers), Some(shifts)) =
            (parameters.0.as_array(), parameters.1.as_array(), parameters.2.as_array())
        else {
            break;
        };
        let block = Block { biases, multipliers, shifts, zero_point };
        #[allow(
            unsafe_code,
            reason = "a function with AVX2 is called where there is a proof of it"
        )]
        // SAFETY: there is an `X86` only where the processor has AVX2.
        let values = unsafe { requantised(&block, &sums) };
        *places = values;
    }
    look_up_from(layer, 0, y);
    true
}

/// Numbers of a block of outputs, as they lie in the blob.
struct Block<'a> {
    biases: &'a [[u8; 4]; ROWS],
    multipliers: &'a [[u8; 4]; ROWS],
    shifts: &'a [u8; ROWS],
    zero_point: i32,
}

/// As [`Requant::apply`](ae_core::Requant::apply), whose saturation is that of two packing
/// instructions.
#[target_feature(enable = "avx2")]
fn requantised(block: &Block<'_>, sums: &[i32; ROWS]) -> [u8; ROWS] {
    let sums = _mm256_add_epi32(load(bytemuck::must_cast_ref(sums)), load(block.biases));
    let multipliers = load(block.multipliers);
    // Products of 64 bits in the even and in the odd lanes; their upper halves.
    let even = _mm256_srli_epi64::<32>(_mm256_mul_epi32(sums, multipliers));
    let odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(sums), _mm256_srli_epi64::<32>(multipliers));
    let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
    let shifts = load_shifts(block.shifts);
    let half = _mm256_srli_epi32::<1>(_mm256_sllv_epi32(_mm256_set1_epi32(1), shifts));
    let zero_point = _mm256_sllv_epi32(_mm256_set1_epi32(block.zero_point), shifts);
    let constants = _mm256_add_epi32(zero_point, half);
    let values = _mm256_srav_epi32(_mm256_add_epi32(high, constants), shifts);
    let (low, high) = (_mm256_castsi256_si128(values), _mm256_extracti128_si256::<1>(values));
    let words = _mm_packs_epi32(low, high);
    _mm_cvtsi128_si64(_mm_packs_epi16(words, words)).to_le_bytes()
}

#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
fn load(numbers: &[[u8; 4]; ROWS]) -> __m256i {
    // SAFETY: the numbers are as long as a register, and need no boundary.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

/// Shifts of up to 31 bits.
#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
fn load_shifts(shifts: &[u8; ROWS]) -> __m256i {
    // SAFETY: it loads eight bytes, and needs no boundary.
    _mm256_cvtepu8_epi32(unsafe { _mm_loadl_epi64(shifts.as_ptr().cast()) })
}
