//! The kernel for AArch64, all of which has these instructions.
//!
//! Two products of bytes fit 16 bits, whatever the weights, so chains are never split.

use core::arch::aarch64::{
    int8x8_t, int8x16_t, int16x8_t, int32x4_t, uint8x16_t, uint8x16x4_t, vaddq_s32, vcombine_s8,
    vcombine_s16, vcombine_s32, vdup_n_s32, vdupq_n_s32, vdupq_n_u8, veorq_u8, vget_high_s8,
    vget_high_s32, vget_low_s8, vget_low_s32, vhaddq_s32, vld1q_u8, vmlal_s8, vmull_n_s32,
    vmull_s8, vpadalq_s16, vpaddq_s32, vqmovn_s16, vqmovn_s32, vqrdmulhq_n_s32, vqtbl1q_u8,
    vqtbl4q_u8, vqtbx4q_u8, vreinterpret_s8_s32, vreinterpretq_s8_u8, vreinterpretq_u8_s8,
    vshlq_s32, vshrn_n_s64, vshrq_n_s32, vst1q_u8, vsubq_u8,
};

use ae_core::{Activation, Rounding};

use crate::arch::all::functions;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{CHAIN, Kernel, PANEL, QUADS, Quad, ROW};

/// The processor has NEON.
#[derive(Debug, Clone, Copy)]
pub struct Neon(());

/// Words of a register.
const WORDS: usize = 4;
/// Registers of a line.
const REGISTERS: usize = SAMPLES / WORDS;

#[allow(unsafe_code, reason = "functions with NEON are called where there is a proof of it")]
impl Kernel for Neon {
    /// It multiplies signed bytes.
    const OFFSET: i32 = 0;

    fn detect() -> Option<Self> {
        Some(Self(()))
    }

    fn name(self) -> &'static str {
        "neon"
    }

    fn chain_limit(self) -> i32 {
        i32::MAX
    }

    fn outputs(self, quads: &[Quad<'_>; QUADS], x: &[Line], y: &mut [Line]) {
        for (quad, y) in quads.iter().zip(y) {
            // SAFETY: there is a `Neon` only where it is compiled for processors with NEON.
            unsafe { outputs(quad, x, y) }
        }
    }

    fn look_up(self, bytes: &mut Line, table: &[u8; 256]) {
        // SAFETY: as above.
        unsafe { look_up(bytes, table) }
    }

    fn panel(self, weights: &[[u32; PANEL]], x: &[Line], sums: &mut [Line; PANEL]) {
        functions::panel::<16>(weights, x, sums);
    }

    fn peak(self, _: u32) -> Option<u64> {
        None
    }

    fn activate(self, activation: Activation, lines: &mut [Line]) {
        functions::activate(activation, lines);
    }

    fn to_lines(self, rows: &[[u32; ROW]; SAMPLES], changed: u32, lines: &mut [Line; ROW]) {
        functions::to_lines(rows, changed, lines);
    }

    fn to_rows(self, lines: &[Line; ROW], changed: u32, rows: &mut [[u32; ROW]; SAMPLES]) {
        functions::to_rows(lines, changed, rows);
    }

    fn to_reals(self, bytes: &Line, reals: &mut [Line; 4]) {
        functions::to_reals(bytes, reals);
    }

    fn to_pixels(self, reals: &[Line; 4], bytes: &mut Line) {
        functions::to_pixels(reals, bytes);
    }
}

#[target_feature(enable = "neon")]
fn outputs(quad: &Quad<'_>, x: &[Line], y: &mut Line) {
    for register in 0..REGISTERS {
        requantise(sums(quad, register, x), quad, register, y);
    }
}

/// The sums of four outputs, for the four samples of a register.
#[target_feature(enable = "neon")]
#[inline]
fn sums(quad: &Quad<'_>, register: usize, x: &[Line]) -> [int32x4_t; 4] {
    // The first and the last two samples; of each, two halves of the sum.
    let mut sums = [[vdupq_n_s32(0); 2]; 4];
    let [a, b, c, d] = quad.chains;
    let chains = a.iter().zip(b).zip(c).zip(d);
    for (x, (((a, b), c), d)) in x.as_chunks::<CHAIN>().0.iter().zip(chains) {
        for (pair, x) in x.as_chunks::<2>().0.iter().enumerate() {
            let [first, second] = [load(&x[0], register), load(&x[1], register)];
            for (sums, chain) in sums.iter_mut().zip([a, b, c, d]) {
                let Some(&[v, w]) = chain.as_chunks::<2>().0.get(pair) else { continue };
                let (v, w) = (weights(v), weights(w));
                let low = vmull_s8(vget_low_s8(first), v);
                let high = vmull_s8(vget_high_s8(first), v);
                let low: int16x8_t = vmlal_s8(low, vget_low_s8(second), w);
                let high: int16x8_t = vmlal_s8(high, vget_high_s8(second), w);
                *sums = [vpadalq_s16(sums[0], low), vpadalq_s16(sums[1], high)];
            }
        }
    }
    let mut all = [vdupq_n_s32(0); 4];
    for ((all, [low, high]), &bias) in all.iter_mut().zip(sums).zip(&quad.biases) {
        *all = vaddq_s32(vpaddq_s32(low, high), vdupq_n_s32(bias as i32));
    }
    all
}

/// As [`Requant::apply`](ae_core::Requant::apply), whose saturation is that of narrowing.
#[target_feature(enable = "neon")]
#[inline]
fn requantise(sums: [int32x4_t; 4], quad: &Quad<'_>, register: usize, y: &mut Line) {
    const BY_SAMPLE: [u8; 16] = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];
    let mut values = [vqmovn_s32(sums[0]); 4];
    let parameters = quad.multipliers.iter().zip(&quad.constants).zip(&quad.shifts);
    for ((value, sums), ((&m, &c), &k)) in values.iter_mut().zip(sums).zip(parameters) {
        let high = if quad.rounding == Rounding::Once {
            let low = vshrn_n_s64::<32>(vmull_n_s32(vget_low_s32(sums), m as i32));
            let high = vshrn_n_s64::<32>(vmull_n_s32(vget_high_s32(sums), m as i32));
            vcombine_s32(low, high)
        } else {
            // The first of the two steps in which the rule is told; half of it is the high word.
            let first = vqrdmulhq_n_s32(sums, m as i32);
            vhaddq_s32(first, vshrq_n_s32::<31>(first))
        };
        let sum = vaddq_s32(high, vdupq_n_s32(c as i32));
        // A shift to the left by −k.
        *value = vqmovn_s32(vshlq_s32(sum, vdupq_n_s32((k as i32).wrapping_neg())));
    }
    let [a, b, c, d] = values;
    let bytes = vcombine_s8(vqmovn_s16(vcombine_s16(a, b)), vqmovn_s16(vcombine_s16(c, d)));
    let bytes = vqtbl1q_u8(vreinterpretq_u8_s8(bytes), load_bytes(&BY_SAMPLE));
    store(veorq_u8(bytes, vdupq_n_u8(0x80)), y, register);
}

/// Each instruction looks up in 64 bytes of the table, and leaves what lies in others.
#[target_feature(enable = "neon")]
#[inline]
fn look_up(line: &mut Line, table: &[u8; 256]) {
    let parts = table.as_chunks::<64>().0;
    for register in 0..REGISTERS {
        let mut place = load_unsigned(line, register);
        let mut found = place;
        for (index, part) in parts.iter().enumerate() {
            let mut rows = [found; 4];
            for (row, bytes) in rows.iter_mut().zip(part.as_chunks::<16>().0) {
                *row = load_bytes(bytes);
            }
            let [a, b, c, d] = rows;
            let rows = uint8x16x4_t(a, b, c, d);
            found =
                if index == 0 { vqtbl4q_u8(rows, place) } else { vqtbx4q_u8(found, rows, place) };
            place = vsubq_u8(place, vdupq_n_u8(64));
        }
        store(veorq_u8(found, vdupq_n_u8(0x80)), line, register);
    }
}

/// The four weights of a word, twice.
#[target_feature(enable = "neon")]
#[inline]
fn weights(word: u32) -> int8x8_t {
    vreinterpret_s8_s32(vdup_n_s32(word as i32))
}

/// One of a line's registers, as signed bytes.
#[target_feature(enable = "neon")]
#[inline]
fn load(line: &Line, register: usize) -> int8x16_t {
    vreinterpretq_s8_u8(veorq_u8(load_unsigned(line, register), vdupq_n_u8(0x80)))
}

#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "neon")]
#[inline]
fn load_unsigned(line: &Line, register: usize) -> uint8x16_t {
    match line.0.as_chunks::<WORDS>().0.get(register) {
        // SAFETY: the words are as long as a register, which needs no boundary.
        Some(words) => unsafe { vld1q_u8(words.as_ptr().cast()) },
        None => vdupq_n_u8(0),
    }
}

#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "neon")]
#[inline]
fn load_bytes(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the bytes are as long as a register, which needs no boundary.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[allow(unsafe_code, reason = "a store through a pointer")]
#[target_feature(enable = "neon")]
#[inline]
fn store(bytes: uint8x16_t, line: &mut Line, register: usize) {
    if let Some(words) = line.0.as_chunks_mut::<WORDS>().0.get_mut(register) {
        // SAFETY: the words are as long as a register, which needs no boundary.
        unsafe { vst1q_u8(words.as_mut_ptr().cast(), bytes) };
    }
}
