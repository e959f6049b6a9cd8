//! Sums of rows of the int8 contract on x86-64 with AVX-512 and its instructions for dot products of
//! bytes.

use core::arch::x86_64::{
    __m512i, _mm256_add_epi32, _mm256_setzero_si256, _mm512_castsi512_si256, _mm512_dpbusd_epi32,
    _mm512_extracti64x4_epi64, _mm512_loadu_si512, _mm512_maskz_loadu_epi8, _mm512_set1_epi8,
    _mm512_setzero_si512, _mm512_sub_epi32, _mm512_xor_si512,
};

use super::rows::{Inputs, ROWS};
use super::rows_avx2::totals;

/// Bytes of a register.
const BYTES: usize = 64;

/// The sums of products with the values: of those with bytes u, which are the values plus 128, and of
/// those with 128, which are taken away.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vnni")]
pub(super) fn sums(rows: [&[u8]; ROWS], x: Inputs<'_>) -> [i32; ROWS] {
    let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
    let flipped = _mm512_set1_epi8(x.flipped as i8);
    let (x_parts, x_rest) = x.bytes.as_chunks();
    let (mut parts, mut rests) = ([[].as_slice(); ROWS], [[].as_slice(); ROWS]);
    for ((part, rest), row) in parts.iter_mut().zip(&mut rests).zip(rows) {
        (*part, *rest) = row.as_chunks();
    }
    let [a, b, c, d, e, f, g, h] = parts;
    let weights = a.iter().zip(b).zip(c).zip(d).zip(e).zip(f).zip(g).zip(h);
    for (x, (((((((a, b), c), d), e), f), g), h)) in x_parts.iter().zip(weights) {
        let x = _mm512_xor_si512(load(x), flipped);
        for (sums, weights) in sums.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sums = with_products(*sums, x, load(weights));
        }
    }
    if !x_rest.is_empty() {
        // Where there are no weights, these are 0.
        let x = _mm512_xor_si512(load_some(x_rest), flipped);
        for (sums, rest) in sums.iter_mut().zip(rests) {
            *sums = with_products(*sums, x, load_some(rest));
        }
    }
    let mut halves = [_mm256_setzero_si256(); ROWS];
    for (half, [of_bytes, of_128]) in halves.iter_mut().zip(sums) {
        let sums = _mm512_sub_epi32(of_bytes, of_128);
        let upper = _mm512_extracti64x4_epi64::<1>(sums);
        *half = _mm256_add_epi32(_mm512_castsi512_si256(sums), upper);
    }
    totals(halves)
}

#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn with_products([of_bytes, of_128]: [__m512i; 2], x: __m512i, weights: __m512i) -> [__m512i; 2] {
    [
        _mm512_dpbusd_epi32(of_bytes, x, weights),
        _mm512_dpbusd_epi32(of_128, _mm512_set1_epi8(i8::MIN), weights),
    ]
}

#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn load(bytes: &[u8; BYTES]) -> __m512i {
    // SAFETY: the bytes are as long as a register, and need no boundary.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

/// Fewer bytes than a register has, and zeros behind them.
#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn load_some(bytes: &[u8]) -> __m512i {
    let mask = 1_u64.checked_shl(bytes.len() as u32).map_or(u64::MAX, |bit| bit.wrapping_sub(1));
    // SAFETY: `as_chunks` leaves fewer bytes than 64. What the mask leaves out is not read.
    unsafe { _mm512_maskz_loadu_epi8(mask, bytes.as_ptr().cast()) }
}
