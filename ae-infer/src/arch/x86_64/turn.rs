//! Samples into lines and back on x86-64 with AVX2: eight words of eight samples at a time.

use core::arch::x86_64::{
    __m256i, _mm256_loadu_si256, _mm256_permute2x128_si256, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_storeu_si256, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64,
    _mm256_unpacklo_epi32, _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::ROW;

/// See [`Kernel::to_lines`](crate::arch::tile::Kernel::to_lines).
#[target_feature(enable = "avx2")]
pub(super) fn to_lines(rows: &[[u32; ROW]; SAMPLES], changed: u32, lines: &mut [Line; ROW]) {
    let changed = _mm256_set1_epi32(changed as i32);
    for (part, rows) in rows.as_chunks::<ROW>().0.iter().enumerate() {
        let mut square = [_mm256_setzero_si256(); ROW];
        square
            .iter_mut()
            .zip(rows)
            .for_each(|(to, row)| *to = _mm256_xor_si256(load(row), changed));
        for (line, words) in lines.iter_mut().zip(turned(square)) {
            if let Some(place) = line.0.as_chunks_mut().0.get_mut(part) {
                store(words, place);
            }
        }
    }
}

/// See [`Kernel::to_rows`](crate::arch::tile::Kernel::to_rows).
#[target_feature(enable = "avx2")]
pub(super) fn to_rows(lines: &[Line; ROW], changed: u32, rows: &mut [[u32; ROW]; SAMPLES]) {
    let changed = _mm256_set1_epi32(changed as i32);
    for (part, rows) in rows.as_chunks_mut::<ROW>().0.iter_mut().enumerate() {
        let mut square = [_mm256_setzero_si256(); ROW];
        for (to, line) in square.iter_mut().zip(lines) {
            if let Some(words) = line.0.as_chunks().0.get(part) {
                *to = _mm256_xor_si256(load(words), changed);
            }
        }
        rows.iter_mut().zip(turned(square)).for_each(|(row, words)| store(words, row));
    }
}

/// Rows become columns.
#[target_feature(enable = "avx2")]
#[inline]
fn turned([a, b, c, d, e, f, g, h]: [__m256i; ROW]) -> [__m256i; ROW] {
    // Of each half of a register, four by four words.
    let [a, b, c, d] = turned_in_halves([a, b, c, d]);
    let [e, f, g, h] = turned_in_halves([e, f, g, h]);
    let low = [(a, e), (b, f), (c, g), (d, h)];
    let [a, b, c, d] = low.map(|(x, y)| _mm256_permute2x128_si256::<0x20>(x, y));
    let [e, f, g, h] = low.map(|(x, y)| _mm256_permute2x128_si256::<0x31>(x, y));
    [a, b, c, d, e, f, g, h]
}

#[target_feature(enable = "avx2")]
#[inline]
fn turned_in_halves([a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
    let (ab_low, ab_high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    let (cd_low, cd_high) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
    [
        _mm256_unpacklo_epi64(ab_low, cd_low),
        _mm256_unpackhi_epi64(ab_low, cd_low),
        _mm256_unpacklo_epi64(ab_high, cd_high),
        _mm256_unpackhi_epi64(ab_high, cd_high),
    ]
}

#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
fn load(words: &[u32; ROW]) -> __m256i {
    // SAFETY: the words are as long as a register, and need no boundary.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[allow(unsafe_code, reason = "a store through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
fn store(register: __m256i, words: &mut [u32; ROW]) {
    // SAFETY: as in `load`.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), register) }
}
