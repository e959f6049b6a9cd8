//! The kernel for x86-64 with AVX2.

use core::arch::x86_64::{
    __m256i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_add_epi16, _mm256_add_epi32,
    _mm256_add_epi64, _mm256_add_ps, _mm256_and_si256, _mm256_blend_epi32, _mm256_blendv_epi8,
    _mm256_broadcastsi128_si256, _mm256_load_si256, _mm256_madd_epi16, _mm256_maddubs_epi16,
    _mm256_mul_epi32, _mm256_mul_ps, _mm256_or_si256, _mm256_packs_epi16, _mm256_packs_epi32,
    _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setr_epi8,
    _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_sra_epi32, _mm256_srai_epi32, _mm256_srli_epi64,
    _mm256_store_si256, _mm256_xor_si256,
};

use core::hint;

use ae_core::{Activation, Rounding};

use crate::arch::all::functions;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{CHAIN, PANEL, QUADS, Quad};

/// Words of a register.
const WORDS: usize = 8;
/// Pairs of registers of a line.
pub(super) const PAIRS: usize = SAMPLES / WORDS / 2;

/// See [`Kernel::outputs`](crate::arch::tile::Kernel::outputs).
#[target_feature(enable = "avx2")]
pub(super) fn outputs(quads: &[Quad<'_>; QUADS], x: &[Line], y: &mut [Line]) {
    for (quad, y) in quads.iter().zip(y) {
        outputs_of(quad, x, y);
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn outputs_of(quad: &Quad<'_>, x: &[Line], y: &mut Line) {
    let mut sums = [Line::ZERO; 4];
    // As many samples, and as many outputs, at a time as the registers have room for.
    for pair in 0..PAIRS {
        let rows = quad.biases.as_chunks().0.iter().zip(quad.chains.as_chunks().0);
        for (sums, (biases, chains)) in sums.as_chunks_mut().0.iter_mut().zip(rows) {
            add_chains(biases, chains, x, sums, pair);
        }
    }
    for (sums, residual) in sums.iter_mut().zip(quad.residuals) {
        add_residual(residual, x, sums);
    }
    finish(&sums, quad, y);
}

/// Brings the sums of four outputs back to bytes.
#[target_feature(enable = "avx2")]
pub(super) fn finish(sums: &[Line; 4], quad: &Quad<'_>, y: &mut Line) {
    if quad.rounding == Rounding::Once {
        requantise::<false>(sums, quad, y);
    } else {
        requantise::<true>(sums, quad, y);
    }
}

/// The sums of two outputs, for the samples of a pair of registers.
#[target_feature(enable = "avx2")]
#[inline]
fn add_chains(
    &[first, second]: &[u32; 2],
    chains: &[&[[u32; CHAIN]]; 2],
    x: &[Line],
    to: &mut [Line; 2],
    pair: usize,
) {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_set1_epi32(first as i32); 2], [_mm256_set1_epi32(second as i32); 2]];
    let [first, second] = chains;
    let weights = first.iter().zip(*second);
    for (x, (first, second)) in x.as_chunks::<CHAIN>().0.iter().zip(weights) {
        let mut chains = [[_mm256_set1_epi16(0); 2]; 2];
        for ((x, &first), &second) in x.iter().zip(first).zip(second) {
            let x = load(x, pair);
            for (chain, weights) in chains.iter_mut().zip([first, second]) {
                let weights = _mm256_set1_epi32(weights as i32);
                for (chain, x) in chain.iter_mut().zip(x) {
                    // Exact in 16 bits: that is what `chain::split` sees to.
                    *chain = _mm256_add_epi16(*chain, _mm256_maddubs_epi16(x, weights));
                }
            }
        }
        for (sum, chain) in sums.as_flattened_mut().iter_mut().zip(chains.as_flattened()) {
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(*chain, ones));
        }
    }
    for (to, sums) in to.iter_mut().zip(sums) {
        store(sums, to, pair);
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn add_residual(residual: &[[u32; 2]], x: &[Line], to: &mut Line) {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_set1_epi32(0); 2]; PAIRS];
    for (pair, sums) in sums.iter_mut().enumerate() {
        *sums = load(to, pair);
    }
    for &[line, weights] in residual {
        let Some(x) = x.get(line as usize) else { continue };
        let weights = _mm256_set1_epi32(weights as i32);
        for (pair, sums) in sums.iter_mut().enumerate() {
            for (sum, x) in sums.iter_mut().zip(load(x, pair)) {
                let products = _mm256_madd_epi16(_mm256_maddubs_epi16(x, weights), ones);
                *sum = _mm256_add_epi32(*sum, products);
            }
        }
    }
    for (pair, sums) in sums.into_iter().enumerate() {
        store(sums, to, pair);
    }
}

/// As [`Requant::apply`](ae_core::Requant::apply), whose saturation is that of two packing
/// instructions; `TWICE` is the rounding.
#[target_feature(enable = "avx2")]
#[inline]
fn requantise<const TWICE: bool>(sums: &[Line; 4], quad: &Quad<'_>, y: &mut Line) {
    // Packing leaves four samples of one output together; this brings a sample's four together.
    let by_sample = _mm256_setr_epi8(
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, //
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
    );
    for pair in 0..PAIRS {
        let mut values = [[_mm256_set1_epi32(0); 2]; 4];
        let parameters = quad.multipliers.iter().zip(&quad.constants).zip(&quad.shifts);
        for ((values, sums), ((&m, &c), &k)) in values.iter_mut().zip(sums).zip(parameters) {
            let (multiplier, constant) = (_mm256_set1_epi32(m as i32), _mm256_set1_epi32(c as i32));
            for (value, sums) in values.iter_mut().zip(load(sums, pair)) {
                // Products of 64 bits in the even and in the odd lanes; their upper halves.
                let mut even = _mm256_mul_epi32(sums, multiplier);
                let mut odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(sums), multiplier);
                if TWICE {
                    // 2^30 with the sum's sign, in 64 bits too.
                    let sign = _mm256_or_si256(_mm256_srai_epi32::<31>(sums), _mm256_set1_epi32(1));
                    let step = _mm256_set1_epi32(1 << 30);
                    even = _mm256_add_epi64(even, _mm256_mul_epi32(sign, step));
                    let sign = _mm256_srli_epi64::<32>(sign);
                    odd = _mm256_add_epi64(odd, _mm256_mul_epi32(sign, step));
                }
                let even = _mm256_srli_epi64::<32>(even);
                let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
                let sum = _mm256_add_epi32(high, constant);
                *value = _mm256_sra_epi32(sum, _mm_cvtsi32_si128(k as i32));
            }
        }
        let [a, b, c, d] = values;
        let mut bytes = [_mm256_set1_epi8(0); 2];
        for ((((bytes, a), b), c), d) in bytes.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            let packed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
            let packed = _mm256_shuffle_epi8(packed, by_sample);
            *bytes = _mm256_xor_si256(packed, _mm256_set1_epi8(i8::MIN));
        }
        store(bytes, y, pair);
    }
}

/// A byte's low four bits choose within sixteen parts of the table, its high four bits one of
/// these, in four steps.
#[target_feature(enable = "avx2")]
pub(super) fn look_up(line: &mut Line, table: &[u8; 256]) {
    let parts = table.as_chunks::<16>().0;
    for pair in 0..PAIRS {
        let mut values = load(line, pair);
        for bytes in &mut values {
            let low = _mm256_and_si256(*bytes, _mm256_set1_epi8(15));
            let mut found = [low; 16];
            for (found, part) in found.iter_mut().zip(parts) {
                *found = _mm256_shuffle_epi8(load_table(part), low);
            }
            let by_bit_4 = halve::<16, 8>(found, _mm256_slli_epi16::<3>(*bytes));
            let by_bit_5 = halve::<8, 4>(by_bit_4, _mm256_slli_epi16::<2>(*bytes));
            let by_bit_6 = halve::<4, 2>(by_bit_5, _mm256_slli_epi16::<1>(*bytes));
            let [by_bit_7] = halve::<2, 1>(by_bit_6, *bytes);
            *bytes = _mm256_xor_si256(by_bit_7, _mm256_set1_epi8(i8::MIN));
        }
        store(values, line, pair);
    }
}

/// Of each pair, the second where the byte's highest bit is set.
#[target_feature(enable = "avx2")]
#[inline]
fn halve<const N: usize, const HALF: usize>(from: [__m256i; N], by: __m256i) -> [__m256i; HALF] {
    let mut halves = [by; HALF];
    for (half, &[even, odd]) in halves.iter_mut().zip(from.as_chunks::<2>().0) {
        *half = _mm256_blendv_epi8(even, odd, by);
    }
    halves
}

#[target_feature(enable = "avx2")]
pub(super) fn panel(weights: &[[u32; PANEL]], x: &[Line], sums: &mut [Line; PANEL]) {
    functions::panel::<16>(weights, x, sums);
}

/// See [`Kernel::peak`](crate::arch::tile::Kernel::peak).
#[target_feature(enable = "avx2")]
pub(super) fn peak(rounds: u32) -> u64 {
    /// As many as there are registers for.
    const CHAINS: usize = 6;
    let factor = _mm256_set1_ps(hint::black_box(1.0));
    let (mut products, mut sums) = ([factor; CHAINS], [factor; CHAINS]);
    for _ in 0..rounds {
        for (sum, product) in sums.iter_mut().zip(&mut products) {
            *product = _mm256_mul_ps(*product, factor);
            *sum = _mm256_add_ps(*sum, *product);
        }
    }
    hint::black_box(sums);
    u64::from(rounds).saturating_mul((CHAINS * WORDS) as u64)
}

#[target_feature(enable = "avx2")]
pub(super) fn activate(activation: Activation, lines: &mut [Line]) {
    functions::activate(activation, lines);
}

#[target_feature(enable = "avx2")]
pub(super) fn to_reals(bytes: &Line, reals: &mut [Line; 4]) {
    functions::to_reals(bytes, reals);
}

#[target_feature(enable = "avx2")]
pub(super) fn to_pixels(reals: &[Line; 4], bytes: &mut Line) {
    functions::to_pixels(reals, bytes);
}

/// Two of a line's registers.
#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn load(line: &Line, pair: usize) -> [__m256i; 2] {
    let mut registers = [_mm256_set1_epi32(0); 2];
    if let Some(pair) = line.0.as_chunks::<WORDS>().0.as_chunks::<2>().0.get(pair) {
        for (register, words) in registers.iter_mut().zip(pair) {
            // SAFETY: the words are as long as a register, and begin at a multiple of its length
            // in a line, which lies on a boundary of 64 bytes.
            *register = unsafe { _mm256_load_si256(words.as_ptr().cast()) };
        }
    }
    registers
}

/// Writes two of a line's registers.
#[allow(unsafe_code, reason = "a store through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn store(registers: [__m256i; 2], line: &mut Line, pair: usize) {
    let words = line.0.as_chunks_mut::<WORDS>().0;
    if let Some(pair) = words.as_chunks_mut::<2>().0.get_mut(pair) {
        for (register, words) in registers.into_iter().zip(pair) {
            // SAFETY: as in `load`.
            unsafe { _mm256_store_si256(words.as_mut_ptr().cast(), register) };
        }
    }
}

/// Sixteen bytes, in both halves of the register.
#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx2")]
#[inline]
fn load_table(bytes: &[u8; 16]) -> __m256i {
    // SAFETY: the bytes are there, and need no boundary.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}
