//! The f32 contract's functions of one variable.

use ae_core::Activation;
use micromath::F32Ext;

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
    if x.is_nan() {
        return 0.0;
    }
    1.0 / (1.0 + F32Ext::exp(-x.clamp(-SIGMOID_CLAMP, SIGMOID_CLAMP)))
}

/// `x · Φ(x)`, the Gaussian error linear unit, with the error function of libm.
///
/// ```
/// assert_eq!(ae_infer::gelu(0.0), 0.0);
/// assert!((ae_infer::gelu(1.0) - 0.841_344_7).abs() < 1e-6);
/// ```
#[must_use]
pub fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * core::f32::consts::FRAC_1_SQRT_2))
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

/// `activation(x)`; what is not a number is the one NaN with the bits `7fc00000`, because cores
/// differ in the NaN that they make.
pub(crate) fn apply(activation: Activation, x: f32) -> f32 {
    let value = match activation {
        Activation::Identity => x,
        Activation::Relu if x > 0.0 => x,
        Activation::Relu => 0.0,
        Activation::Gelu => gelu(x),
        Activation::Silu => silu(x),
        Activation::Sigmoid => sigmoid(x),
    };
    if value.is_nan() { f32::from_bits(0x7fc0_0000) } else { value }
}
