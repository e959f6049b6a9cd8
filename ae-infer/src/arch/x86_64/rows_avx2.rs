//! Sums of rows of the int8 contract on x86-64 with AVX2.

use core::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_set1_epi8, _mm_xor_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16,
    _mm256_hadd_epi32, _mm256_madd_epi16, _mm256_permute2x128_si256, _mm256_setzero_si256,
    _mm256_storeu_si256,
};

use super::rows::{Inputs, ROWS};

/// Bytes that are multiplied at a time.
const BYTES: usize = 16;

/// The sums of products with the values.
#[target_feature(enable = "avx2")]
pub(super) fn sums(rows: [&[u8]; ROWS], x: Inputs<'_>) -> [i32; ROWS] {
    let mut sums = [_mm256_setzero_si256(); ROWS];
    let (x_parts, x_rest) = x.bytes.as_chunks();
    let (mut parts, mut rests) = ([[].as_slice(); ROWS], [[].as_slice(); ROWS]);
    for ((part, rest), row) in parts.iter_mut().zip(&mut rests).zip(rows) {
        (*part, *rest) = row.as_chunks();
    }
    let [a, b, c, d, e, f, g, h] = parts;
    let weights = a.iter().zip(b).zip(c).zip(d).zip(e).zip(f).zip(g).zip(h);
    // Of what is multiplied: a value plus 128, with the highest bit changed, is the value.
    let flipped = x.flipped ^ 0x80;
    for (x, (((((((a, b), c), d), e), f), g), h)) in x_parts.iter().zip(weights) {
        let x = load(x, flipped);
        for (sum, weights) in sums.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(load(weights, 0), x));
        }
    }
    if !x_rest.is_empty() {
        let x = load(&padded(x_rest, flipped), flipped);
        for (sum, rest) in sums.iter_mut().zip(rests) {
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(load(&padded(rest, 0), 0), x));
        }
    }
    totals(sums)
}

/// The bytes, and others behind them.
fn padded(bytes: &[u8], other: u8) -> [u8; BYTES] {
    let mut padded = [other; BYTES];
    padded.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
    padded
}

/// The sums of all words of each register.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn totals([a, b, c, d, e, f, g, h]: [__m256i; ROWS]) -> [i32; ROWS] {
    let pairs = |a, b, c, d| _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    // Of four registers each: the sums of their lower halves, and of their upper ones.
    let (first, second) = (pairs(a, b, c, d), pairs(e, f, g, h));
    let lower = _mm256_permute2x128_si256::<0x20>(first, second);
    let upper = _mm256_permute2x128_si256::<0x31>(first, second);
    let mut totals = [0; ROWS];
    store(_mm256_add_epi32(lower, upper), &mut totals);
    totals
}

#[allow(unsafe_code, reason = "a store through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
fn store(register: __m256i, words: &mut [i32; ROWS]) {
    // SAFETY: the words are as long as a register, and need no boundary.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), register) };
}

/// Sixteen bytes with some bits changed, as signed numbers of 16 bits.
#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; BYTES], flipped: u8) -> __m256i {
    // SAFETY: the bytes are as long as a register, and need no boundary.
    let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
    _mm256_cvtepi8_epi16(_mm_xor_si128(bytes, _mm_set1_epi8(flipped as i8)))
}
