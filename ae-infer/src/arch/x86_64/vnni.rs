//! Outputs of the int8 contract on x86-64 with AVX-512 and its instructions for dot products of bytes.

use core::arch::x86_64::{
    __cpuid, __cpuid_count, __m512i, _mm_cvtsi32_si128, _mm512_add_epi32, _mm512_add_epi64,
    _mm512_dpbusd_epi32, _mm512_load_si512, _mm512_mask_blend_epi32, _mm512_mul_epi32,
    _mm512_or_si512, _mm512_packs_epi16, _mm512_packs_epi32, _mm512_set1_epi8, _mm512_set1_epi32,
    _mm512_set4_epi32, _mm512_shuffle_epi8, _mm512_sra_epi32, _mm512_srai_epi32, _mm512_srli_epi64,
    _mm512_store_si512, _mm512_xor_si512,
};

use ae_core::Rounding;

use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::Quad;

cpufeatures::new!(cpu, "avx512f", "avx512bw");

/// Shows that the processor has AVX-512F, BW and VNNI.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vnni(());

/// Words of a register.
const WORDS: usize = 16;
/// Registers of a line.
const REGISTERS: usize = SAMPLES / WORDS;

impl Vnni {
    /// What shows it, if the processor has them and the system keeps their registers.
    pub(super) fn detect() -> Option<Self> {
        // Leaf 7 is there where AVX-512 is; bit 11 of ECX stands for VNNI.
        let has_vnni = || __cpuid(0).eax >= 7 && __cpuid_count(7, 0).ecx & 1 << 11 != 0;
        let is_wanted = cfg!(not(ae_kernel = "avx2"));
        (is_wanted && cpu::get() && has_vnni()).then_some(Self(()))
    }

    /// See [`Kernel::outputs`](crate::arch::tile::Kernel::outputs). The weights have no residuals.
    #[allow(unsafe_code, reason = "a function with AVX-512 is called where there is a proof of it")]
    pub(super) fn outputs(self, quad: &Quad<'_>, x: &[Line], y: &mut Line) {
        // SAFETY: there is a `Vnni` only where the processor has these features.
        unsafe { outputs(quad, x, y) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn outputs(quad: &Quad<'_>, x: &[Line], y: &mut Line) {
    let mut sums = quad.biases.map(|bias| [_mm512_set1_epi32(bias as i32); REGISTERS]);
    let [a, b, c, d] = quad.chains.map(<[_]>::as_flattened);
    for (x, (((a, b), c), d)) in x.iter().zip(a.iter().zip(b).zip(c).zip(d)) {
        let x = load(x);
        for (sums, &weights) in sums.iter_mut().zip([a, b, c, d]) {
            let weights = _mm512_set1_epi32(weights as i32);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = _mm512_dpbusd_epi32(*sum, x, weights);
            }
        }
    }
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

/// As [`Requant::apply`](ae_core::Requant::apply), before it saturates; `TWICE` is the rounding.
#[target_feature(enable = "avx512f")]
#[inline]
fn scaled<const TWICE: bool>(sums: __m512i, multiplier: i32, constant: i32, shift: i32) -> __m512i {
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
    let even = _mm512_srli_epi64::<32>(even);
    let high = _mm512_mask_blend_epi32(0b1010_1010_1010_1010, even, odd);
    let sums = _mm512_add_epi32(high, _mm512_set1_epi32(constant));
    _mm512_sra_epi32(sums, _mm_cvtsi32_si128(shift))
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
