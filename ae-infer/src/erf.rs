//! The error function, bit for bit that of `libm` 0.2.16 (after FreeBSD's msun and musl), whose
//! `expf` is made for all numbers. Here its two calls are known to lie in −36.6…−2 and −0.3…0.3.
//! The rational approximations are Sun Microsystems' of 1993 (msun, `s_erf.c`).
#![allow(clippy::excessive_precision, reason = "as they stand in the original")]

/// The rational function of magnitudes below 0.84375, in x².
pub(crate) const SMALL_NUMERATOR: [f32; 5] =
    [1.2837916613e-01, -3.2504209876e-01, -2.8481749818e-02, -5.7702702470e-03, -2.3763017452e-05];
/// Its denominator.
pub(crate) const SMALL_DENOMINATOR: [f32; 6] = [
    1.0,
    3.9791721106e-01,
    6.5022252500e-02,
    5.0813062117e-03,
    1.3249473704e-04,
    -3.9602282413e-06,
];
/// The same below 1.25, in |x| − 1.
pub(crate) const MEDIUM_NUMERATOR: [f32; 7] = [
    -2.3621185683e-03,
    4.1485610604e-01,
    -3.7220788002e-01,
    3.1834661961e-01,
    -1.1089469492e-01,
    3.5478305072e-02,
    -2.1663755178e-03,
];
/// Its denominator.
pub(crate) const MEDIUM_DENOMINATOR: [f32; 7] = [
    1.0,
    1.0642088205e-01,
    5.4039794207e-01,
    7.1828655899e-02,
    1.2617121637e-01,
    1.3637083583e-02,
    1.1984500103e-02,
];
/// The same below 1 / 0.35, in 1 / x².
pub(crate) const NEAR_NUMERATOR: [f32; 8] = [
    -9.8649440333e-03,
    -6.9385856390e-01,
    -1.0558626175e+01,
    -6.2375331879e+01,
    -1.6239666748e+02,
    -1.8460508728e+02,
    -8.1287437439e+01,
    -9.8143291473e+00,
];
/// Its denominator.
pub(crate) const NEAR_DENOMINATOR: [f32; 9] = [
    1.0,
    1.9651271820e+01,
    1.3765776062e+02,
    4.3456588745e+02,
    6.4538726807e+02,
    4.2900814819e+02,
    1.0863500214e+02,
    6.5702495575e+00,
    -6.0424413532e-02,
];
/// The same below 6, in 1 / x².
pub(crate) const FAR_NUMERATOR: [f32; 7] = [
    -9.8649431020e-03,
    -7.9928326607e-01,
    -1.7757955551e+01,
    -1.6063638306e+02,
    -6.3756646729e+02,
    -1.0250950928e+03,
    -4.8351919556e+02,
];
/// Its denominator.
pub(crate) const FAR_DENOMINATOR: [f32; 8] = [
    1.0,
    3.0338060379e+01,
    3.2579251099e+02,
    1.5367296143e+03,
    3.1998581543e+03,
    2.5530502930e+03,
    4.7452853394e+02,
    -2.2440952301e+01,
];
/// erf(1), near enough.
pub(crate) const ERX: f32 = 8.4506291151e-01;
/// 8 · (2 / √π − 1).
pub(crate) const EFX8: f32 = 1.0270333290e+00;

/// Of `expf`: ln 2 in two parts, and 1 / ln 2.
pub(crate) const LN2_HI: f32 = 6.9314575195e-01;
/// The second part.
pub(crate) const LN2_LO: f32 = 1.4286067653e-06;
/// 1 / ln 2.
pub(crate) const INV_LN2: f32 = 1.4426950216e+00;
/// Of its approximation in x².
pub(crate) const EXP_TERM: [f32; 2] = [1.6666625440e-1, -2.7667332906e-3];

/// `c[0] + x · (c[1] + x · (c[2] + …))`. Not a loop: small cores should have no array to walk.
macro_rules! polynomial {
    ($x:ident, $c:ident; $last:literal) => { $c[$last] };
    ($x:ident, $c:ident; $first:literal $($rest:literal)+) => {
        $c[$first] + $x * polynomial!($x, $c; $($rest)+)
    };
}

/// erf(x); of what is not a number, ±1.
pub(crate) fn erf(x: f32) -> f32 {
    let magnitude = x.abs();
    if magnitude < 0.84375 {
        // 2^−28
        if magnitude.to_bits() < 0x3180_0000 {
            return 0.125 * (8.0 * x + EFX8 * x);
        }
        let square = x * x;
        return x + x
            * (polynomial!(square, SMALL_NUMERATOR; 0 1 2 3 4)
                / polynomial!(square, SMALL_DENOMINATOR; 0 1 2 3 4 5));
    }
    let complement = if magnitude < 1.25 {
        medium_complement(magnitude)
    } else if magnitude < 6.0 {
        large_complement(magnitude)
    } else {
        0.0
    };
    (1.0 - complement).copysign(x)
}

/// 1 − erf(x) for x from 0.84375 to 1.25. This and the next by themselves, so that their constants
/// do not displace those of small x from registers.
#[inline(never)]
fn medium_complement(x: f32) -> f32 {
    let s = x - 1.0;
    1.0 - ERX
        - polynomial!(s, MEDIUM_NUMERATOR; 0 1 2 3 4 5 6)
            / polynomial!(s, MEDIUM_DENOMINATOR; 0 1 2 3 4 5 6)
}

/// 1 − erf(x) for x from 1.25 to 6.
#[inline(never)]
fn large_complement(x: f32) -> f32 {
    let s = 1.0 / (x * x);
    // 1 / 0.35
    let quotient = if x.to_bits() < 0x4036_db6d {
        polynomial!(s, NEAR_NUMERATOR; 0 1 2 3 4 5 6 7)
            / polynomial!(s, NEAR_DENOMINATOR; 0 1 2 3 4 5 6 7 8)
    } else {
        polynomial!(s, FAR_NUMERATOR; 0 1 2 3 4 5 6)
            / polynomial!(s, FAR_DENOMINATOR; 0 1 2 3 4 5 6 7)
    };
    let z = f32::from_bits(x.to_bits() & 0xffff_e000);
    exp_of_negative(-z * z - 0.5625) * exp_near_0((z - x) * (z + x) + quotient) / x
}

/// `libm::expf` from −87 to −1.04.
#[inline(always)]
fn exp_of_negative(x: f32) -> f32 {
    let exponent = (INV_LN2 * x - 0.5) as i32;
    let whole = exponent as f32;
    let (hi, lo) = (x - whole * LN2_HI, whole * LN2_LO);
    let rest = hi - lo;
    let y = 1.0 + (exp_term(rest) - lo + hi);
    // Both y and the result are normal numbers.
    f32::from_bits(y.to_bits().wrapping_add((exponent as u32) << 23))
}

/// `libm::expf` of magnitudes up to 0.34.
#[inline(always)]
fn exp_near_0(x: f32) -> f32 {
    // 2^−13
    if x.to_bits() & 0x7fff_ffff > 0x3900_0000 { 1.0 + (exp_term(x) + x) } else { 1.0 + x }
}

#[inline(always)]
fn exp_term(x: f32) -> f32 {
    let square = x * x;
    let c = x - square * (EXP_TERM[0] + square * EXP_TERM[1]);
    x * c / (2.0 - c)
}

#[cfg(test)]
mod tests {
    use super::erf;

    #[test]
    fn erf_gives_the_bits_of_libm() {
        let bounds = [0.0_f32, 0.84375, 1.25, 1.0 / 0.35, 6.0, f32::MAX].map(f32::to_bits);
        let around_those = bounds.into_iter().flat_map(|bits| bits.saturating_sub(9)..=bits + 1);
        let everywhere = (0..=f32::INFINITY.to_bits()).step_by(2003);
        for bits in around_those.chain(everywhere) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                assert_eq!(erf(x).to_bits(), libm::erff(x).to_bits(), "{x}");
            }
        }
    }
}
