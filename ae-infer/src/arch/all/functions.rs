//! f32 arithmetic that compilers make vector code of by themselves, inlined into the kernels.
//!
//! The activations have no branch. Each does the operations of the function it stands for, `libm`
//! 0.2.16 (after FreeBSD's msun and musl) or `micromath` 2.1.0, in the same order, and so gives the
//! same bits; where that function branches, all sides are computed and one is chosen. A test
//! compares them.

use ae_core::Activation;

use crate::activation::{self, SIGMOID_CLAMP};
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{PANEL, ROW};
use crate::erf::{
    EFX8, ERX, EXP_TERM, FAR_DENOMINATOR, FAR_NUMERATOR, INV_LN2, LN2_HI, LN2_LO,
    MEDIUM_DENOMINATOR, MEDIUM_NUMERATOR, NEAR_DENOMINATOR, NEAR_NUMERATOR, SMALL_DENOMINATOR,
    SMALL_NUMERATOR,
};

/// See [`Kernel::panel`](crate::arch::tile::Kernel::panel). `SIDE` samples are computed at a time: as
/// many as two registers hold.
#[inline(always)]
pub(crate) fn panel<const SIDE: usize>(
    weights: &[[u32; PANEL]],
    x: &[Line],
    sums: &mut [Line; PANEL],
) {
    for side in 0..SAMPLES.checked_div(SIDE).unwrap_or_default() {
        let mut registers = [[0.0; SIDE]; PANEL];
        for (registers, sums) in registers.iter_mut().zip(sums.iter()) {
            let words = sums.0.as_chunks::<SIDE>().0.get(side).into_iter().flatten();
            registers.iter_mut().zip(words).for_each(|(to, &word)| *to = f32::from_bits(word));
        }
        for (weights, x) in weights.iter().zip(x) {
            let Some(x) = x.0.as_chunks::<SIDE>().0.get(side) else { continue };
            for (registers, &weight) in registers.iter_mut().zip(weights) {
                for (sum, &x) in registers.iter_mut().zip(x) {
                    *sum += f32::from_bits(weight) * f32::from_bits(x);
                }
            }
        }
        for (sums, registers) in sums.iter_mut().zip(registers) {
            let words = sums.0.as_chunks_mut::<SIDE>().0.get_mut(side).into_iter().flatten();
            words.zip(registers).for_each(|(word, sum)| *word = sum.to_bits());
        }
    }
}

/// Bits of the magnitude below which numbers go through this module; the rest, and what is no
/// number, are rare.
pub(crate) const ORDINARY: u32 = 80.0_f32.to_bits();

/// Whether all numbers of a line are such.
#[inline(always)]
pub(crate) fn are_ordinary(Line(words): &Line) -> bool {
    words.iter().fold(0, |largest, word| largest.max(word & 0x7fff_ffff)) < ORDINARY
}

/// See [`Kernel::activate`](crate::arch::tile::Kernel::activate).
#[inline(always)]
pub(crate) fn activate(activation: Activation, lines: &mut [Line]) {
    for line in lines {
        activate_line(activation, are_ordinary(line), line);
    }
}

/// The same of a line whose numbers [are ordinary](are_ordinary) or not.
#[inline(always)]
pub(crate) fn activate_line(activation: Activation, ordinary: bool, Line(words): &mut Line) {
    match activation {
        Activation::Gelu if ordinary => gelu(words),
        Activation::Silu if ordinary => each(words, |x| x / (1.0 + expf(-x))),
        Activation::Sigmoid if ordinary => each(words, sigmoid),
        // By name, so that the choice is not made for each lane.
        Activation::Identity => each(words, |x| activation::apply(Activation::Identity, x)),
        Activation::Relu => each(words, |x| activation::apply(Activation::Relu, x)),
        _ => each(words, |x| activation::apply(activation, x)),
    }
}

/// See [`Kernel::to_lines`](crate::arch::tile::Kernel::to_lines).
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "it has a kernel for that"))]
pub(crate) fn to_lines(rows: &[[u32; ROW]; SAMPLES], changed: u32, lines: &mut [Line; ROW]) {
    for (lane, row) in rows.iter().enumerate() {
        let words = lines.iter_mut().filter_map(|line| line.0.get_mut(lane));
        words.zip(row).for_each(|(word, &value)| *word = value ^ changed);
    }
}

/// See [`Kernel::to_rows`](crate::arch::tile::Kernel::to_rows).
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "it has a kernel for that"))]
pub(crate) fn to_rows(lines: &[Line; ROW], changed: u32, rows: &mut [[u32; ROW]; SAMPLES]) {
    for (lane, row) in rows.iter_mut().enumerate() {
        let words = lines.iter().filter_map(|line| line.0.get(lane));
        row.iter_mut().zip(words).for_each(|(value, &word)| *value = word ^ changed);
    }
}

/// See [`Kernel::to_reals`](crate::arch::tile::Kernel::to_reals).
///
/// `p / 255` without a division: 1 / 255 is 257 / 65536 and a 65536th of itself. The product with the
/// first is exact, so the sum alone is rounded as the quotient would be. A test has all pixels.
#[inline(always)]
pub(crate) fn to_reals(bytes: &Line, reals: &mut [Line; 4]) {
    for (place, real) in reals.iter_mut().enumerate() {
        let shift = place.wrapping_mul(8) as u32;
        for (real, byte) in real.0.iter_mut().zip(&bytes.0) {
            // By way of i32, which all processors convert.
            let pixel = (byte.wrapping_shr(shift) & 0xff) as i32 as f32;
            *real = (pixel * (257.0 / 65536.0) + pixel * (1.0 / 255.0 / 65536.0)).to_bits();
        }
    }
}

/// See [`Kernel::to_pixels`](crate::arch::tile::Kernel::to_pixels): what
/// [`Outcome`](crate::f32::Outcome) makes of an f32, with the limits before the conversion.
#[inline(always)]
pub(crate) fn to_pixels(reals: &[Line; 4], bytes: &mut Line) {
    *bytes = Line::ZERO;
    for (place, real) in reals.iter().enumerate() {
        let shift = place.wrapping_mul(8) as u32;
        for (byte, &real) in bytes.0.iter_mut().zip(&real.0) {
            let value = f32::from_bits(real) * 255.0 + 0.5;
            // What is no number becomes 0.
            let value = if value > 0.0 { value } else { 0.0 };
            let value = if value < 255.0 { value } else { 255.0 };
            *byte |= whole(value).1.wrapping_shl(shift);
        }
    }
}

#[inline(always)]
fn each(words: &mut [u32; SAMPLES], function: impl Fn(f32) -> f32) {
    for word in words {
        *word = function(f32::from_bits(*word)).to_bits();
    }
}

/// The GELU of every value, in three loops: each is so short that a processor is at work on several
/// turns of it at once.
#[inline(always)]
fn gelu(words: &mut [u32; SAMPLES]) {
    let values = words.map(|word| f32::from_bits(word) * core::f32::consts::FRAC_1_SQRT_2);
    let mut quotients = [0.0; SAMPLES];
    for (quotient, &x) in quotients.iter_mut().zip(&values) {
        *quotient = erff_quotient(x);
    }
    let mut tails = [0.0; SAMPLES];
    for ((tail, &x), &quotient) in tails.iter_mut().zip(&values).zip(&quotients) {
        *tail = erff_tail(x, quotient);
    }
    for (((word, x), quotient), tail) in words.iter_mut().zip(values).zip(quotients).zip(tails) {
        *word = (0.5 * f32::from_bits(*word) * (1.0 + erff(x, quotient, tail))).to_bits();
    }
}

/// `c[0] + x · (c[1] + x · (c[2] + …))`
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut reversed = coefficients.into_iter().rev();
    let highest = reversed.next().unwrap_or_default();
    reversed.fold(highest, |sum, coefficient| coefficient + x * sum)
}

/// The rational function that `libm::erff` takes for a finite number.
#[inline(always)]
fn erff_quotient(x: f32) -> f32 {
    let magnitude = x.abs();
    let bits = magnitude.to_bits();
    let (is_small, is_medium) = (bits < 0x3f58_0000, bits < 0x3fa0_0000);
    let is_near = bits < 0x4036_db6d;
    let choose = |small, medium, near, far| {
        let large = if is_near { near } else { far };
        let outer = if is_medium { medium } else { large };
        if is_small { small } else { outer }
    };

    // Numerators and denominators below 0.84375, 1.25, 1 / 0.35, and 6.
    let square = x * x;
    let above_1 = magnitude - 1.0;
    let inverse = 1.0 / (magnitude * magnitude);
    let numerator = choose(
        polynomial(square, SMALL_NUMERATOR),
        polynomial(above_1, MEDIUM_NUMERATOR),
        polynomial(inverse, NEAR_NUMERATOR),
        polynomial(inverse, FAR_NUMERATOR),
    );
    let denominator = choose(
        polynomial(square, SMALL_DENOMINATOR),
        polynomial(above_1, MEDIUM_DENOMINATOR),
        polynomial(inverse, NEAR_DENOMINATOR),
        polynomial(inverse, FAR_DENOMINATOR),
    );
    numerator / denominator
}

/// How far `libm::erff` is from 1, for magnitudes of 1.25 to 6.
#[inline(always)]
fn erff_tail(x: f32, quotient: f32) -> f32 {
    let magnitude = x.abs();
    let z = f32::from_bits(magnitude.to_bits() & 0xffff_e000);
    expf(-z * z - 0.5625) * expf((z - magnitude) * (z + magnitude) + quotient) / magnitude
}

/// `libm::erff` of a finite number.
#[inline(always)]
fn erff(x: f32, quotient: f32, tail: f32) -> f32 {
    let bits = x.abs().to_bits();
    let tiny = 0.125 * (8.0 * x + EFX8 * x);
    let inner = if bits < 0x3180_0000 { tiny } else { x + x * quotient };
    let complement = if bits < 0x3fa0_0000 { 1.0 - ERX - quotient } else { tail };
    let complement = if bits < 0x40c0_0000 { complement } else { f32::from_bits(0x0380_0000) };
    let outer = (1.0 - complement).copysign(x);
    if bits < 0x3f58_0000 { inner } else { outer }
}

/// `libm::expf` of a magnitude below 87.
#[inline(always)]
fn expf(x: f32) -> f32 {
    let magnitude = x.to_bits() & 0x7fff_ffff;
    let nearest = INV_LN2 * x + 0.5_f32.copysign(x);
    let one = 1.0_f32.copysign(x);
    let k = if magnitude > 0x3f85_1592 { nearest } else { one };
    let (k, exponent) = whole(if magnitude > 0x3eb1_7218 { k } else { 0.0 });
    // With k = 0 these change nothing.
    let hi = x - k * LN2_HI;
    let lo = k * LN2_LO;
    let r = hi - lo;
    let rr = r * r;
    let c = r - rr * (EXP_TERM[0] + rr * EXP_TERM[1]);
    let y = 1.0 + (r * c / (2.0 - c) - lo + hi);
    let power_of_2 = f32::from_bits(exponent.wrapping_add(127) << 23);
    if magnitude > 0x3900_0000 { y * power_of_2 } else { 1.0 + x }
}

/// The crate's sigmoid of a finite number.
#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + micromath_exp(-x.clamp(-SIGMOID_CLAMP, SIGMOID_CLAMP)))
}

/// `micromath`'s `exp` of a magnitude of up to 30.
#[inline(always)]
fn micromath_exp(x: f32) -> f32 {
    use core::f32::consts::{E, LN_2, LOG2_E};
    let in_twos = x * LOG2_E;
    let (whole, exponent) = whole(in_twos);
    let fraction = (in_twos - whole) * LN_2;
    let mut total = 1.0;
    for divisor in [4.0, 3.0, 2.0, 1.0] {
        total = 1.0 + fraction / divisor * total;
    }
    let value = f32::from_bits(total.to_bits().wrapping_add(exponent << 23));
    let value = if (x + 1.0).abs() < f32::EPSILON { 1.0 / E } else { value };
    let value = if (x - 1.0).abs() < f32::EPSILON { E } else { value };
    if x == 0.0 { 1.0 } else { value }
}

/// A number of a magnitude below 2^22 without its fraction, also as an integer. A conversion would
/// do, but that of Rust saturates, which compilers do lane by lane.
#[inline(always)]
fn whole(x: f32) -> (f32, u32) {
    /// 1.5 · 2^23: added to a whole number, it leaves its bits in the lowest ones.
    const SHIFTER: f32 = 12_582_912.0;
    let nearest = (x + SHIFTER) - SHIFTER;
    let beyond = nearest.abs() > x.abs();
    let whole = if beyond { nearest - 1.0_f32.copysign(x) } else { nearest };
    (whole, (whole + SHIFTER).to_bits().wrapping_sub(SHIFTER.to_bits()))
}
