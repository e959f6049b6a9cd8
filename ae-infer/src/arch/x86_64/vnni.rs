//! Outputs of the int8 contract on x86-64 with AVX-512 and its instructions for dot products of bytes.

use core::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_add_epi64, _mm512_dpbusd_epi32, _mm512_load_si512,
    _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_mask_shuffle_epi32, _mm512_movepi8_mask,
    _mm512_mul_epi32, _mm512_or_si512, _mm512_packs_epi16, _mm512_packs_epi32,
    _mm512_permutex2var_epi8, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set4_epi32,
    _mm512_shuffle_epi8, _mm512_srai_epi32, _mm512_srav_epi32, _mm512_srli_epi64,
    _mm512_store_si512, _mm512_xor_si512,
};

use ae_core::Rounding;

use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{QUADS, Quad};

/// Words of a register.
const WORDS: usize = 16;
/// Registers of a line.
const REGISTERS: usize = SAMPLES / WORDS;

/// Those of four outputs.
type Sums = [[__m512i; REGISTERS]; 4];

/// See [`Kernel::outputs`](crate::arch::tile::Kernel::outputs). The weights have no residuals.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) fn outputs(quads: &[Quad<'_>; QUADS], x: &[Line], y: &mut [Line]) {
    let sums = match (y.len(), quads) {
        (..QUADS, [quad, _]) => [sums(quad, x), from_biases(quad)],
        _ => sums_of_both(quads, x),
    };
    for ((quad, sums), y) in quads.iter().zip(sums).zip(y) {
        finish(quad, sums, y);
    }
}

/// The sums of two quads. There are sixteen: an instruction takes five cycles, and two can start in
/// each.
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn sums_of_both([first, second]: &[Quad<'_>; QUADS], x: &[Line]) -> [Sums; QUADS] {
    let mut of_first = from_biases(first);
    let mut of_second = from_biases(second);
    let [a, b, c, d] = first.chains.map(<[_]>::as_flattened);
    let [e, f, g, h] = second.chains.map(<[_]>::as_flattened);
    let weights = a.iter().zip(b).zip(c).zip(d).zip(e).zip(f).zip(g).zip(h);
    for (x, (((((((a, b), c), d), e), f), g), h)) in x.iter().zip(weights) {
        let x = load(x);
        add_products(&mut of_first, x, [a, b, c, d]);
        add_products(&mut of_second, x, [e, f, g, h]);
    }
    [of_first, of_second]
}

/// The sums of one quad.
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn sums(quad: &Quad<'_>, x: &[Line]) -> Sums {
    let mut sums = from_biases(quad);
    let [a, b, c, d] = quad.chains.map(<[_]>::as_flattened);
    for (x, (((a, b), c), d)) in x.iter().zip(a.iter().zip(b).zip(c).zip(d)) {
        add_products(&mut sums, load(x), [a, b, c, d]);
    }
    sums
}

#[target_feature(enable = "avx512f")]
#[inline]
fn from_biases(quad: &Quad<'_>) -> Sums {
    quad.biases.map(|bias| [_mm512_set1_epi32(bias as i32); REGISTERS])
}

#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn add_products(sums: &mut Sums, x: [__m512i; REGISTERS], weights: [&u32; 4]) {
    for (sums, &weights) in sums.iter_mut().zip(weights) {
        let weights = _mm512_set1_epi32(weights as i32);
        for (sum, x) in sums.iter_mut().zip(x) {
            *sum = _mm512_dpbusd_epi32(*sum, x, weights);
        }
    }
}

/// Brings the sums of four outputs back to bytes.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn finish(quad: &Quad<'_>, mut sums: Sums, y: &mut Line) {
    let parameters = quad.multipliers.iter().zip(&quad.constants).zip(&quad.shifts);
    for (sums, ((&m, &c), &k)) in sums.iter_mut().zip(parameters) {
        *sums = if quad.rounding == Rounding::Once {
            sums.map(|sum| scaled::<false>(sum, m as i32, c as i32, k as i32))
        } else {
            sums.map(|sum| scaled::<true>(sum, m as i32, c as i32, k as i32))
        };
    }
    let [a, b, c, d] = sums;
    let mut bytes = [_mm512_set1_epi32(0); REGISTERS];
    for ((((bytes, a), b), c), d) in bytes.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *bytes = packed([a, b, c, d]);
    }
    store(bytes, y);
}

/// See [`Kernel::look_up`](crate::arch::tile::Kernel::look_up). An instruction looks up in half of the
/// table by the low seven bits of a byte; the highest one chooses the half.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn look_up(line: &mut Line, table: &[u8; 256]) {
    let mut parts = [_mm512_set1_epi32(0); 4];
    for (part, bytes) in parts.iter_mut().zip(table.as_chunks().0) {
        *part = load_table(bytes);
    }
    let [a, b, c, d] = parts;
    let found = load(line).map(|bytes| {
        let low = _mm512_permutex2var_epi8(a, bytes, b);
        let high = _mm512_permutex2var_epi8(c, bytes, d);
        let found = _mm512_mask_blend_epi8(_mm512_movepi8_mask(bytes), low, high);
        _mm512_xor_si512(found, _mm512_set1_epi8(i8::MIN))
    });
    store(found, line);
}

/// As [`Requant::apply`](ae_core::Requant::apply), before it saturates; `TWICE` is the rounding.
#[target_feature(enable = "avx512f")]
#[inline]
fn scaled<const TWICE: bool>(sums: __m512i, multiplier: i32, constant: i32, shift: i32) -> __m512i {
    /// Of each two words, the upper one in both places.
    const UPPER: i32 = 0b11_11_01_01;
    let multiplier = _mm512_set1_epi32(multiplier);
    // Products of 64 bits in the even and in the odd lanes; their upper halves.
    let mut even = _mm512_mul_epi32(sums, multiplier);
    let mut odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(sums), multiplier);
    if TWICE {
        // 2^30 with the sum's sign, in 64 bits too.
        let sign = _mm512_or_si512(_mm512_srai_epi32::<31>(sums), _mm512_set1_epi32(1));
        let step = _mm512_set1_epi32(1 << 30);
        even = _mm512_add_epi64(even, _mm512_mul_epi32(sign, step));
        odd = _mm512_add_epi64(odd, _mm512_mul_epi32(_mm512_srli_epi64::<32>(sign), step));
    }
    let high = _mm512_mask_shuffle_epi32::<UPPER>(odd, 0b0101_0101_0101_0101, even);
    let sums = _mm512_add_epi32(high, _mm512_set1_epi32(constant));
    _mm512_srav_epi32(sums, _mm512_set1_epi32(shift))
}

/// The values of four outputs as bytes, plus 128. Packing saturates, and leaves four samples of one
/// output together; the shuffle brings a sample's four together.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn packed([a, b, c, d]: [__m512i; 4]) -> __m512i {
    let by_sample = _mm512_set4_epi32(0x0f0b_0703, 0x0e0a_0602, 0x0d09_0501, 0x0c08_0400);
    let packed = _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
    let packed = _mm512_shuffle_epi8(packed, by_sample);
    _mm512_xor_si512(packed, _mm512_set1_epi8(i8::MIN))
}

/// A part of a table.
#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn load_table(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: the bytes are as long as a register, and need no boundary.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn load(line: &Line) -> [__m512i; REGISTERS] {
    let mut registers = [_mm512_set1_epi32(0); REGISTERS];
    for (register, words) in registers.iter_mut().zip(line.0.as_chunks::<WORDS>().0) {
        // SAFETY: the words are as long as a register, and begin at a multiple of its length in a
        // line, which lies on a boundary of 64 bytes.
        *register = unsafe { _mm512_load_si512(words.as_ptr().cast()) };
    }
    registers
}

#[allow(unsafe_code, reason = "a store through a pointer")]
#[target_feature(enable = "avx512f")]
#[inline]
fn store(registers: [__m512i; REGISTERS], line: &mut Line) {
    for (register, words) in registers.into_iter().zip(line.0.as_chunks_mut::<WORDS>().0) {
        // SAFETY: as in `load`.
        unsafe { _mm512_store_si512(words.as_mut_ptr().cast(), register) };
    }
}
