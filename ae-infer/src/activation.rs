//! The f32 contract's functions of one variable.

use core::f32::consts::{E, LN_2, LOG2_E};

use ae_core::Activation;
use micromath::F32Ext;

use crate::arch;
use crate::erf::erf;
use crate::one_hot::one_hot;

/// Beyond this the sigmoid's pixel no longer changes, and micromath's `exp` is sound well past it
/// (it fails from 88.7 on).
pub(crate) const SIGMOID_CLAMP: f32 = 30.0;

/// `1 / (1 + e^−x)` by micromath's `exp`, whose relative error is at most 2.4e-3; that leaves the
/// sigmoid within 6.1e-4, under a sixth of a pixel step. NaN gives 0.
///
/// ```
/// assert_eq!(ae_infer::sigmoid(0.0), 0.5);
/// assert_eq!(ae_infer::sigmoid(f32::NAN), 0.0);
/// assert!((ae_infer::sigmoid(2.0) - 0.880797).abs() < 6.1e-4);
/// ```
#[must_use]
pub fn sigmoid(x: f32) -> f32 {
    sigmoid_with(F32Ext::exp, x)
}

#[inline(always)]
fn sigmoid_with(exp: impl Fn(f32) -> f32, x: f32) -> f32 {
    if x.is_nan() {
        return 0.0;
    }
    1.0 / (1.0 + exp(-x.clamp(-SIGMOID_CLAMP, SIGMOID_CLAMP)))
}

/// micromath's `exp`, bit for bit and in a third of its instructions, of numbers from −30 to 30:
/// there nothing over- or underflows.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // 1 and the number below it are treated apart, on both sides.
    if (0x3f7f_ffff..=0x3f80_0000).contains(&(x.to_bits() & 0x7fff_ffff)) {
        return if x > 0.0 { E } else { 1.0 / E };
    }
    let power = x * LOG2_E;
    let whole = power as i32;
    let fraction = (power - whole as f32) * LN_2;
    let series = 1.0 + fraction / 4.0;
    let series = 1.0 + fraction / 3.0 * series;
    let series = 1.0 + fraction / 2.0 * series;
    let series = 1.0 + fraction * series;
    // The series is between 1/2 and 2: the whole powers of two go into its exponent.
    f32::from_bits(series.to_bits().wrapping_add((whole as u32) << 23))
}

/// `x · Φ(x)`, the Gaussian error linear unit, with the error function of libm.
///
/// ```
/// assert_eq!(ae_infer::gelu(0.0), 0.0);
/// assert!((ae_infer::gelu(1.0) - 0.841_344_7).abs() < 1e-6);
/// ```
#[must_use]
pub fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * core::f32::consts::FRAC_1_SQRT_2))
}

/// `x / (1 + e^−x)`, the sigmoid linear unit, with the exponential of libm.
///
/// ```
/// assert_eq!(ae_infer::silu(0.0), 0.0);
/// assert!((ae_infer::silu(1.0) - 0.731_058_6).abs() < 1e-6);
/// ```
#[must_use]
pub fn silu(x: f32) -> f32 {
    x / (1.0 + libm::expf(-x))
}

/// `ln(1 + e^x)`, with exponential and logarithm of libm.
#[cfg(feature = "activations")]
fn softplus(x: f32) -> f32 {
    let positive = if x > 0.0 { x } else { 0.0 };
    let magnitude = if x > 0.0 { x } else { -x };
    positive + libm::log1pf(libm::expf(-magnitude))
}

/// `activation(x)`; what is not a number is the one NaN with the bits `7fc00000`, because cores
/// differ in the NaN that they make. Of a one-hot layer it is the sum as it is.
#[inline(always)]
pub(crate) fn apply(activation: Activation, x: f32) -> f32 {
    let value = match activation {
        Activation::Identity | Activation::OneHot => x,
        Activation::Gelu => gelu(x),
        Activation::Silu => silu(x),
        // Of these every result is a number.
        Activation::Relu => return if x > 0.0 { x } else { 0.0 },
        Activation::Sigmoid => return sigmoid_with(exp, x),
        #[cfg(feature = "activations")]
        Activation::Relu6 => return if x > 0.0 { x.min(6.0) } else { 0.0 },
        #[cfg(feature = "activations")]
        Activation::LeakyRelu(slope) => {
            if x > 0.0 {
                x
            } else {
                slope.value() * x
            }
        }
        #[cfg(feature = "activations")]
        Activation::Elu(factor) => {
            if x > 0.0 {
                x
            } else {
                factor.value() * libm::expm1f(x)
            }
        }
        #[cfg(feature = "activations")]
        Activation::Logistic => 1.0 / (1.0 + libm::expf(-x)),
        #[cfg(feature = "activations")]
        Activation::Tanh => libm::tanhf(x),
        #[cfg(feature = "activations")]
        Activation::Softplus => softplus(x),
    };
    if value.is_nan() { f32::from_bits(0x7fc0_0000) } else { value }
}

/// Replaces each value by [`apply`] of it; or all, which are the layer's, by [`one_hot`] of them. It looks once at which activation that is.
#[inline(never)]
pub(crate) fn apply_to_all(activation: Activation, values: &mut [f32]) {
    if arch::activate(activation, values) {
        return;
    }
    match activation {
        Activation::Identity => each(values, |x| apply(Activation::Identity, x)),
        Activation::Relu => each(values, |x| apply(Activation::Relu, x)),
        Activation::Gelu => each(values, |x| apply(Activation::Gelu, x)),
        Activation::Silu => each(values, |x| apply(Activation::Silu, x)),
        Activation::Sigmoid => each(values, |x| apply(Activation::Sigmoid, x)),
        Activation::OneHot => one_hot(values),
        #[cfg(feature = "activations")]
        other => each(values, |x| apply(other, x)),
    }
}

#[inline(always)]
fn each(values: &mut [f32], function: impl Fn(f32) -> f32) {
    for value in values {
        *value = function(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::{F32Ext, SIGMOID_CLAMP, exp};

    #[test]
    fn exp_gives_the_bits_of_micromath() {
        let largest = SIGMOID_CLAMP.to_bits();
        let around_one = 1.0_f32.to_bits() - 9..1.0_f32.to_bits() + 9;
        let whole_powers = (0..44).map(|power| (power as f32 * core::f32::consts::LN_2).to_bits());
        let around_those = whole_powers.flat_map(|bits| bits.saturating_sub(3)..=bits + 3);
        let everywhere = (0..=largest).step_by(1009);
        for bits in around_one.chain(around_those).chain(everywhere).chain([largest]) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                assert_eq!(exp(x).to_bits(), F32Ext::exp(x).to_bits(), "{x}");
            }
        }
    }
}
