//! Activations with their derivatives, in loops that compilers vectorise, for the vectors that the
//! processor turns out to have. No product is fused with its sum, so that the bits are those of any
//! other width.

use std::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

use ae_core::Activation;
use pulp::Arch;

/// The exponential ends here: e^−40 is 4e-18, which no 32-bit sum with 1 or with a pixel can see.
/// Further down, tails of GELU times gradients would become subnormal numbers, on which the
/// matrix products of a long training run several times slower.
const LEAST_EXPONENT: f32 = -40.0;

/// `exp(x)` for x ≤ 0, within 2e-7 of it relative to its value; below
/// [`LEAST_EXPONENT`] the value there. Not a number stays not a number.
///
/// The range is reduced by powers of two, the rest is the polynomial of
/// Cephes' `expf`. There is no branch and no table, so that a loop over it
/// becomes vector instructions on any processor.
#[inline(always)]
pub(super) fn exp_nonpositive(x: f32) -> f32 {
    /// 1.5·2²³: adding it leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < LEAST_EXPONENT { LEAST_EXPONENT } else { x };
    let shifted = x * LOG2_E + ROUND;
    let power = shifted - ROUND;
    // ln 2 in two parts; the product with the first is exact.
    let rest = x - power * 0.693_359_4;
    let rest = rest - power * -2.121_944_4e-4;
    let mut series = 1.987_569_1e-4;
    series = series * rest + 1.398_2e-3;
    series = series * rest + 8.333_452e-3;
    series = series * rest + 4.166_579_6e-2;
    series = series * rest + 1.666_666_5e-1;
    series = series * rest + 5e-1;
    let series = series * rest * rest + rest + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let scale = exponent.wrapping_add(127).wrapping_shl(23);
    series * f32::from_bits(scale)
}

/// `1 / (1 + exp(−x))`.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    let exp = exp_nonpositive(-x.abs());
    let of_positive = 1.0 / (1.0 + exp);
    if x >= 0.0 { of_positive } else { exp * of_positive }
}

/// GELU and its derivative.
///
/// Φ comes from Abramowitz and Stegun's formula 7.1.26, whose error is under
/// 1.5e-7; it needs the exponential that the derivative needs anyway.
#[inline(always)]
fn gelu(x: f32) -> (f32, f32) {
    const FRAC_1_SQRT_2PI: f32 = 0.398_942_3;
    let exp = exp_nonpositive(-0.5 * x * x);
    let t = 1.0 / (1.0 + 0.327_591_1 * FRAC_1_SQRT_2 * x.abs());
    let mut series = 1.061_405_4;
    series = series * t - 1.453_152;
    series = series * t + 1.421_413_7;
    series = series * t - 0.284_496_74;
    series = series * t + 0.254_829_6;
    let tail = 0.5 * series * t * exp;
    let cdf = if x >= 0.0 { 1.0 - tail } else { tail };
    (x * cdf, cdf + x * exp * FRAC_1_SQRT_2PI)
}

#[inline(always)]
fn relu(x: f32) -> (f32, f32) {
    // Written so that not a number stays not a number.
    if x < 0.0 { (0.0, 0.0) } else { (x, if x > 0.0 { 1.0 } else { 0.0 }) }
}

#[inline(always)]
fn silu(x: f32) -> (f32, f32) {
    let s = sigmoid(x);
    (x * s, s * (1.0 + x * (1.0 - s)))
}

/// Adds a bias to each row.
fn add_bias(values: &mut [f32], bias: &[f32]) {
    for row in values.chunks_exact_mut(bias.len()) {
        for (value, bias) in row.iter_mut().zip(bias) {
            *value += bias;
        }
    }
}

/// The derivative of a line that is flat elsewhere.
fn of(is_steep: bool) -> f32 {
    f32::from(u8::from(is_steep))
}

/// Adds the bias to each row, then replaces each value by the activation's
/// and gives the derivatives there; `None` if all are 1. The choice of the largest value has
/// derivatives of 0.
pub(super) fn activate(
    activation: Activation,
    values: &mut [f32],
    bias: &[f32],
) -> Option<Vec<f32>> {
    match activation {
        Activation::Identity => {
            add_bias(values, bias);
            None
        }
        Activation::Relu => Some(activate_by(values, bias, relu)),
        Activation::Gelu => Some(activate_by(values, bias, gelu)),
        Activation::Silu => Some(activate_by(values, bias, silu)),
        Activation::Sigmoid | Activation::Logistic => Some(activate_by(values, bias, |x| {
            let s = sigmoid(x);
            (s, s * (1.0 - s))
        })),
        Activation::Relu6 => {
            Some(activate_by(values, bias, |x| (x.clamp(0.0, 6.0), of(x > 0.0 && x < 6.0))))
        }
        Activation::LeakyRelu(slope) => {
            let slope = slope.value();
            Some(activate_by(values, bias, |x| if x > 0.0 { (x, 1.0) } else { (slope * x, slope) }))
        }
        Activation::Elu(factor) => {
            let factor = factor.value();
            let below = |x: f32| (factor * x.exp_m1(), factor * x.exp());
            Some(activate_by(values, bias, |x| if x > 0.0 { (x, 1.0) } else { below(x) }))
        }
        Activation::Tanh => Some(activate_by(values, bias, |x| {
            let t = x.tanh();
            (t, 1.0 - t * t)
        })),
        Activation::Softplus => {
            Some(activate_by(values, bias, |x| (x.max(0.0) + (-x.abs()).exp().ln_1p(), sigmoid(x))))
        }
        Activation::OneHot => {
            add_bias(values, bias);
            values.chunks_exact_mut(bias.len()).for_each(ae_infer::one_hot);
            Some(vec![0.0; values.len()])
        }
    }
}

#[inline(always)]
fn activate_by(values: &mut [f32], bias: &[f32], function: impl Fn(f32) -> (f32, f32)) -> Vec<f32> {
    let mut derivatives = vec![0.0; values.len()];
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let rows = values.chunks_exact_mut(bias.len());
            for (row, derivatives) in rows.zip(derivatives.chunks_exact_mut(bias.len())) {
                for ((value, bias), derivative) in row.iter_mut().zip(bias).zip(derivatives) {
                    (*value, *derivative) = function(*value + bias);
                }
            }
        },
    );
    derivatives
}

/// Multiplies value by value, and gives the sum of each column.
pub(super) fn multiply_and_sum_columns(
    values: &mut [f32],
    factors: &[f32],
    columns: usize,
) -> Vec<f32> {
    let mut sums = vec![0.0; columns];
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let rows = values.chunks_exact_mut(columns);
            for (row, factors) in rows.zip(factors.chunks_exact(columns)) {
                for ((value, factor), sum) in row.iter_mut().zip(factors).zip(&mut sums) {
                    *value *= factor;
                    *sum += *value;
                }
            }
        },
    );
    sums
}

/// The sum of each column.
pub(super) fn sum_columns(values: &[f32], columns: usize) -> Vec<f32> {
    let mut sums = vec![0.0; columns];
    for row in values.chunks_exact(columns) {
        for (value, sum) in row.iter().zip(&mut sums) {
            *sum += value;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// −30 to 30 in steps of 1/64.
    fn grid() -> impl Iterator<Item = f32> {
        (-1920..=1920).map(|step| step as f32 / 64.0)
    }

    #[test]
    fn exp_is_close_and_never_overflows() {
        for step in 0..=40 * 64 {
            let x = -(step as f32) / 64.0;
            let exact = f64::from(x).exp();
            let relative = f64::from(exp_nonpositive(x)) / exact - 1.0;
            assert!(relative.abs() < 2e-7, "{x}: {relative}");
        }
        assert_eq!(exp_nonpositive(0.0), 1.0);
        let least = exp_nonpositive(f32::NEG_INFINITY);
        assert!((4.2e-18..4.3e-18).contains(&least), "{least}");
        assert!(exp_nonpositive(f32::NAN).is_nan());
    }

    #[test]
    fn sigmoid_is_close() {
        for x in grid() {
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            let difference = f64::from(sigmoid(x)) - exact;
            assert!(difference.abs() < 1.2e-7, "{x}: {difference}");
        }
        assert_eq!((sigmoid(f32::INFINITY), sigmoid(0.0)), (1.0, 0.5));
        assert!(sigmoid(f32::NAN).is_nan());
    }

    /// Φ by Simpson's rule over the density, from 0 to x.
    fn normal_cdf(x: f64) -> f64 {
        let density = |t: f64| (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let steps = 400;
        let width = x / f64::from(steps);
        let weight = |step: i32| match step {
            0 => 1.0,
            _ if step == steps => 1.0,
            _ if step % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let sum: f64 = (0..=steps).map(|s| weight(s) * density(width * f64::from(s))).sum();
        0.5 + sum * width / 3.0
    }

    #[test]
    fn gelu_is_close_and_its_derivative_is_that_of_the_formula() {
        for x in grid().filter(|x| x.abs() <= 8.0) {
            let wide = f64::from(x);
            let cdf = normal_cdf(wide);
            let density = (-0.5 * wide * wide).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let (value, derivative) = gelu(x);
            let scale = 1.0 + wide.abs();
            assert!((f64::from(value) - wide * cdf).abs() < 3e-7 * scale, "{x}");
            let exact = cdf + wide * density;
            assert!((f64::from(derivative) - exact).abs() < 5e-7 * scale, "{x}");
        }
    }

    #[test]
    fn derivatives_are_slopes() {
        for function in [relu, gelu, silu] {
            for x in grid().filter(|x| x.abs() < 6.0 && *x != 0.0) {
                let step = 1.0 / 128.0;
                let slope = (function(x + step).0 - function(x - step).0) / (2.0 * step);
                let difference = slope - function(x).1;
                assert!(difference.abs() < 1e-3, "{x}: {difference}");
            }
            assert!(function(f32::NAN).0.is_nan());
        }
    }

    #[test]
    fn rows_and_columns_are_not_mixed_up() {
        let mut values = vec![1.0, -2.0, 3.0, 4.0, 5.0, -60.0];
        let derivatives = activate(Activation::Relu, &mut values, &[0.5, 1.0, 10.0]).unwrap();
        assert_eq!(values, [1.5, 0.0, 13.0, 4.5, 6.0, 0.0]);
        assert_eq!(derivatives, [1.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
        let sums = multiply_and_sum_columns(&mut values, &[2.0; 6], 3);
        assert_eq!(sums, [12.0, 12.0, 26.0]);
        assert_eq!(sum_columns(&values, 2), [3.0 + 26.0 + 12.0, 9.0]);
        add_bias(&mut values, &[1.0, 2.0]);
        assert_eq!(values, [4.0, 2.0, 27.0, 11.0, 13.0, 2.0]);
    }
}
