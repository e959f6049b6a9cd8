//! Sums of the int8 contract on x86-64 with AVX-512 and its instructions for dot products of bytes.

use core::arch::x86_64::{
    __cpuid, __cpuid_count, __m512i, _mm512_dpbusd_epi32, _mm512_load_si512, _mm512_set1_epi32,
    _mm512_store_si512,
};

use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::Quad;

cpufeatures::new!(cpu, "avx512f");

/// Shows that the processor has AVX-512F and VNNI.
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

    /// The sums of four outputs. Their weights have no residuals.
    #[allow(unsafe_code, reason = "a function with AVX-512 is called where there is a proof of it")]
    pub(super) fn sums(self, quad: &Quad<'_>, x: &[Line]) -> [Line; 4] {
        // SAFETY: there is a `Vnni` only where the processor has these features.
        unsafe { sums(quad, x) }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn sums(quad: &Quad<'_>, x: &[Line]) -> [Line; 4] {
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
    sums.map(|sums| store(sums))
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
fn store(registers: [__m512i; REGISTERS]) -> Line {
    let mut line = Line::ZERO;
    for (register, words) in registers.into_iter().zip(line.0.as_chunks_mut::<WORDS>().0) {
        // SAFETY: as in `load`.
        unsafe { _mm512_store_si512(words.as_mut_ptr().cast(), register) };
    }
    line
}
