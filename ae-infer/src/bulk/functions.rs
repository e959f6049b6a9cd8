//! f32 arithmetic that compilers make vector code of by themselves, inlined into the kernels.
//!
//! The activations have no branch. Each does the operations of the function it stands for, `libm`
//! 0.2.16 (after FreeBSD's msun and musl) or `micromath` 2.1.0, in the same order, and so gives the
//! same bits; where that function branches, all sides are computed and one is chosen. A test
//! compares them.

use ae_core::Activation;

use super::kernel::PANEL;
use super::line::{Line, SAMPLES};
use crate::activation::{self, SIGMOID_CLAMP};

/// Samples whose sums of a panel, and of no more, 16 registers of 8 lanes hold.
const SIDE: usize = 16;

/// See [`Kernel::panel`](super::kernel::Kernel::panel).
#[inline(always)]
pub(super) fn panel(weights: &[[u32; PANEL]], x: &[Line], sums: &mut [Line; PANEL]) {
    for side in 0..SAMPLES / SIDE {
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
const ORDINARY: u32 = 80.0_f32.to_bits();

/// See [`Kernel::activate`](super::kernel::Kernel::activate).
#[inline(always)]
pub(super) fn activate(activation: Activation, lines: &mut [Line]) {
    for Line(words) in lines {
        let largest = words.iter().fold(0, |largest, word| largest.max(word & 0x7fff_ffff));
        let ordinary = largest < ORDINARY;
        match activation {
            Activation::Gelu if ordinary => gelu(words),
            Activation::Silu if ordinary => each(words, |x| x / (1.0 + expf(-x))),
            Activation::Sigmoid if ordinary => each(words, sigmoid),
            _ => each(words, |x| activation::apply(activation, x)),
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
#[allow(clippy::excessive_precision, reason = "as they stand in the original")]
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
        polynomial(
            square,
            [
                1.2837916613e-01,
                -3.2504209876e-01,
                -2.8481749818e-02,
                -5.7702702470e-03,
                -2.3763017452e-05,
            ],
        ),
        polynomial(
            above_1,
            [
                -2.3621185683e-03,
                4.1485610604e-01,
                -3.7220788002e-01,
                3.1834661961e-01,
                -1.1089469492e-01,
                3.5478305072e-02,
                -2.1663755178e-03,
            ],
        ),
        polynomial(
            inverse,
            [
                -9.8649440333e-03,
                -6.9385856390e-01,
                -1.0558626175e+01,
                -6.2375331879e+01,
                -1.6239666748e+02,
                -1.8460508728e+02,
                -8.1287437439e+01,
                -9.8143291473e+00,
            ],
        ),
        polynomial(
            inverse,
            [
                -9.8649431020e-03,
                -7.9928326607e-01,
                -1.7757955551e+01,
                -1.6063638306e+02,
                -6.3756646729e+02,
                -1.0250950928e+03,
                -4.8351919556e+02,
            ],
        ),
    );
    let denominator = choose(
        polynomial(
            square,
            [
                1.0,
                3.9791721106e-01,
                6.5022252500e-02,
                5.0813062117e-03,
                1.3249473704e-04,
                -3.9602282413e-06,
            ],
        ),
        polynomial(
            above_1,
            [
                1.0,
                1.0642088205e-01,
                5.4039794207e-01,
                7.1828655899e-02,
                1.2617121637e-01,
                1.3637083583e-02,
                1.1984500103e-02,
            ],
        ),
        polynomial(
            inverse,
            [
                1.0,
                1.9651271820e+01,
                1.3765776062e+02,
                4.3456588745e+02,
                6.4538726807e+02,
                4.2900814819e+02,
                1.0863500214e+02,
                6.5702495575e+00,
                -6.0424413532e-02,
            ],
        ),
        polynomial(
            inverse,
            [
                1.0,
                3.0338060379e+01,
                3.2579251099e+02,
                1.5367296143e+03,
                3.1998581543e+03,
                2.5530502930e+03,
                4.7452853394e+02,
                -2.2440952301e+01,
            ],
        ),
    );
    numerator / denominator
}

/// What `libm::erff` is from 1 by for magnitudes of 1.25 to 6.
#[inline(always)]
fn erff_tail(x: f32, quotient: f32) -> f32 {
    let magnitude = x.abs();
    let z = f32::from_bits(magnitude.to_bits() & 0xffff_e000);
    expf(-z * z - 0.5625) * expf((z - magnitude) * (z + magnitude) + quotient) / magnitude
}

/// `libm::erff` of a finite number.
#[inline(always)]
#[allow(clippy::excessive_precision, reason = "as they stand in the original")]
fn erff(x: f32, quotient: f32, tail: f32) -> f32 {
    const ERX: f32 = 8.4506291151e-01;
    const EFX8: f32 = 1.0270333290e+00;
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
#[allow(clippy::excessive_precision, reason = "as they stand in the original")]
fn expf(x: f32) -> f32 {
    const LN2_HI: f32 = 6.9314575195e-01;
    const LN2_LO: f32 = 1.4286067653e-06;
    const INV_LN2: f32 = 1.4426950216e+00;
    const P1: f32 = 1.6666625440e-1;
    const P2: f32 = -2.7667332906e-3;
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
    let c = r - rr * (P1 + rr * P2);
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

#[cfg(test)]
mod tests {
    use ae_core::Activation;

    use super::activate;
    use crate::activation::apply;
    use crate::bulk::line::{Line, SAMPLES};

    /// A prime, so that all kinds of bits come up. With 1, all numbers, it takes some minutes.
    const STEP: usize = 997;

    #[test]
    fn every_activation_has_the_bits_of_the_portable_one() {
        let activations = [
            Activation::Identity,
            Activation::Relu,
            Activation::Gelu,
            Activation::Silu,
            Activation::Sigmoid,
        ];
        for activation in activations {
            for first in (0..=u32::MAX).step_by(STEP * SAMPLES) {
                let mut step = 0;
                let inputs = [(); SAMPLES].map(|()| {
                    step += STEP as u32;
                    let bits = first.wrapping_add(step);
                    // A sum is never a signalling NaN, which compilers do not keep apart.
                    if f32::from_bits(bits).is_nan() { bits | 0x0040_0000 } else { bits }
                });
                let mut lines = [Line(inputs)];
                activate(activation, &mut lines);
                for (input, found) in inputs.into_iter().zip(lines[0].0) {
                    let expected = apply(activation, f32::from_bits(input)).to_bits();
                    assert_eq!(found, expected, "{activation:?} of {input:08x}");
                }
            }
        }
    }
}
