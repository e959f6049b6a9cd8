//! The GELU of f32 on x86-64 with AVX-512, with the bits of [`gelu`](crate::activation::gelu).
//!
//! `libm`'s error function has a rational function for each of four ranges of magnitudes. Here a lane
//! takes the coefficients of its own range, so that each lane computes one polynomial and not four. The
//! shorter ones have zeros in front, which change nothing.

use core::arch::x86_64::{
    __m512, __m512i, _MM_CMPINT_LT, _MM_CMPINT_NLE, _mm_loadu_ps, _mm512_abs_ps, _mm512_add_epi32,
    _mm512_add_ps, _mm512_and_epi32, _mm512_broadcast_f32x4, _mm512_castps_si512,
    _mm512_castsi512_ps, _mm512_cmp_epu32_mask, _mm512_cvtepi32_ps, _mm512_cvttps_epi32,
    _mm512_div_ps, _mm512_mask_blend_epi32, _mm512_mask_blend_ps, _mm512_mul_ps, _mm512_or_epi32,
    _mm512_permutevar_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_slli_epi32, _mm512_sub_ps,
};

use crate::erf::{
    EFX8, ERX, EXP_TERM, FAR_DENOMINATOR, FAR_NUMERATOR, INV_LN2, LN2_HI, LN2_LO,
    MEDIUM_DENOMINATOR, MEDIUM_NUMERATOR, NEAR_DENOMINATOR, NEAR_NUMERATOR, SMALL_DENOMINATOR,
    SMALL_NUMERATOR,
};

/// The most coefficients of a polynomial.
const TERMS: usize = 9;
/// Coefficients of a power, one for each range: below 0.84375, 1.25, 1 / 0.35, and 6.
type Term = [f32; 4];

static NUMERATORS: [Term; TERMS] =
    terms(&SMALL_NUMERATOR, &MEDIUM_NUMERATOR, &NEAR_NUMERATOR, &FAR_NUMERATOR);
static DENOMINATORS: [Term; TERMS] =
    terms(&SMALL_DENOMINATOR, &MEDIUM_DENOMINATOR, &NEAR_DENOMINATOR, &FAR_DENOMINATOR);

/// By power, the highest first.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the compiler runs it, and refuses what is wrong"
)]
const fn terms(small: &[f32], medium: &[f32], near: &[f32], far: &[f32]) -> [Term; TERMS] {
    let ranges = [small, medium, near, far];
    let mut terms = [[0.0; 4]; TERMS];
    let mut power = 0;
    while power < TERMS {
        let mut range = 0;
        while range < ranges.len() {
            if power < ranges[range].len() {
                terms[TERMS - 1 - power][range] = ranges[range][power];
            }
            range += 1;
        }
        power += 1;
    }
    terms
}

/// The bits of magnitudes where the next range begins.
const MEDIUM: i32 = 0x3f58_0000;
const NEAR: i32 = 0x3fa0_0000;
const FAR: i32 = 0x4036_db6d;
/// From 6 on the error function is 1.
const ONE: i32 = 0x40c0_0000;
/// Below 2^−28 it is a line.
const LINE: i32 = 0x3180_0000;

/// The GELU of numbers below 80 in magnitude.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
pub(super) fn gelu(value: __m512) -> __m512 {
    let x = _mm512_mul_ps(value, _mm512_set1_ps(core::f32::consts::FRAC_1_SQRT_2));
    let one = _mm512_set1_ps(1.0);
    let half = _mm512_mul_ps(_mm512_set1_ps(0.5), value);
    _mm512_mul_ps(half, _mm512_add_ps(one, erf(x)))
}

#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn erf(x: __m512) -> __m512 {
    let one = _mm512_set1_ps(1.0);
    let magnitude = _mm512_abs_ps(x);
    let is_below = |limit: i32| {
        let bits = _mm512_castps_si512(magnitude);
        _mm512_cmp_epu32_mask::<_MM_CMPINT_LT>(bits, _mm512_set1_epi32(limit))
    };
    let (is_small, is_below_near, is_below_far) = (is_below(MEDIUM), is_below(NEAR), is_below(FAR));
    let square = _mm512_mul_ps(x, x);
    let large = _mm512_div_ps(one, square);
    let argument = _mm512_mask_blend_ps(is_below_near, large, _mm512_sub_ps(magnitude, one));
    let argument = _mm512_mask_blend_ps(is_small, argument, square);
    let number = |number: i32| _mm512_set1_epi32(number);
    let range = _mm512_mask_blend_epi32(is_below_far, number(3), number(2));
    let range = _mm512_mask_blend_epi32(is_below_near, range, number(1));
    let range = _mm512_mask_blend_epi32(is_small, range, number(0));
    let quotient = _mm512_div_ps(
        polynomial(&NUMERATORS, range, argument),
        polynomial(&DENOMINATORS, range, argument),
    );

    let eighth = _mm512_set1_ps(0.125);
    let line = _mm512_add_ps(
        _mm512_mul_ps(_mm512_set1_ps(8.0), x),
        _mm512_mul_ps(_mm512_set1_ps(EFX8), x),
    );
    let inner = _mm512_add_ps(x, _mm512_mul_ps(x, quotient));
    let inner = _mm512_mask_blend_ps(is_below(LINE), inner, _mm512_mul_ps(eighth, line));
    let complement = _mm512_sub_ps(_mm512_set1_ps(1.0 - ERX), quotient);
    let complement = _mm512_mask_blend_ps(is_below_near, tail(magnitude, quotient), complement);
    let complement = _mm512_mask_blend_ps(is_below(ONE), _mm512_set1_ps(0.0), complement);
    // The complement is below 1, so there is no sign to replace.
    let sign = _mm512_and_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(i32::MIN));
    let outer = _mm512_castps_si512(_mm512_sub_ps(one, complement));
    let outer = _mm512_castsi512_ps(_mm512_or_epi32(outer, sign));
    _mm512_mask_blend_ps(is_small, outer, inner)
}

/// Each lane's polynomial.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn polynomial(terms: &[Term; TERMS], range: __m512i, x: __m512) -> __m512 {
    let mut sum = _mm512_set1_ps(0.0);
    for term in terms {
        let coefficient = _mm512_permutevar_ps(load(term), range);
        sum = _mm512_add_ps(coefficient, _mm512_mul_ps(x, sum));
    }
    sum
}

/// How far the error function is from 1, for magnitudes of 1.25 to 6.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn tail(x: __m512, quotient: __m512) -> __m512 {
    let upper = _mm512_and_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(0xffff_e000_u32 as i32));
    let z = _mm512_castsi512_ps(upper);
    let minus_z = _mm512_sub_ps(_mm512_set1_ps(-0.0), z);
    let first = _mm512_sub_ps(_mm512_mul_ps(minus_z, z), _mm512_set1_ps(0.5625));
    let rest = _mm512_mul_ps(_mm512_sub_ps(z, x), _mm512_add_ps(z, x));
    let second = _mm512_add_ps(rest, quotient);
    _mm512_div_ps(_mm512_mul_ps(exp_of_negative(first), exp_near_0(second)), x)
}

/// `libm::expf` from −87 to −1.04.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn exp_of_negative(x: __m512) -> __m512 {
    let in_twos = _mm512_mul_ps(_mm512_set1_ps(INV_LN2), x);
    let exponent = _mm512_cvttps_epi32(_mm512_sub_ps(in_twos, _mm512_set1_ps(0.5)));
    let whole = _mm512_cvtepi32_ps(exponent);
    let hi = _mm512_sub_ps(x, _mm512_mul_ps(whole, _mm512_set1_ps(LN2_HI)));
    let lo = _mm512_mul_ps(whole, _mm512_set1_ps(LN2_LO));
    let term = exp_term(_mm512_sub_ps(hi, lo));
    let sum = _mm512_add_ps(_mm512_sub_ps(term, lo), hi);
    let y = _mm512_castps_si512(_mm512_add_ps(_mm512_set1_ps(1.0), sum));
    _mm512_castsi512_ps(_mm512_add_epi32(y, _mm512_slli_epi32::<23>(exponent)))
}

/// `libm::expf` of magnitudes up to 0.34.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn exp_near_0(x: __m512) -> __m512 {
    // 2^−13
    let bits = _mm512_castps_si512(_mm512_abs_ps(x));
    let is_curved = _mm512_cmp_epu32_mask::<_MM_CMPINT_NLE>(bits, _mm512_set1_epi32(0x3900_0000));
    let sum = _mm512_mask_blend_ps(is_curved, x, _mm512_add_ps(exp_term(x), x));
    _mm512_add_ps(_mm512_set1_ps(1.0), sum)
}

#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn exp_term(x: __m512) -> __m512 {
    let square = _mm512_mul_ps(x, x);
    let [first, second] = [_mm512_set1_ps(EXP_TERM[0]), _mm512_set1_ps(EXP_TERM[1])];
    let c = _mm512_add_ps(first, _mm512_mul_ps(square, second));
    let c = _mm512_sub_ps(x, _mm512_mul_ps(square, c));
    _mm512_div_ps(_mm512_mul_ps(x, c), _mm512_sub_ps(_mm512_set1_ps(2.0), c))
}

/// A power's coefficients, in each quarter of the register.
#[allow(unsafe_code, reason = "a load through a pointer")]
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
fn load(term: &Term) -> __m512 {
    // SAFETY: the four numbers are there, and need no boundary.
    _mm512_broadcast_f32x4(unsafe { _mm_loadu_ps(term.as_ptr()) })
}
