//! Functions of one integer.

use crate::{Codes, Function};

/// What becomes of each i8, the first entry of −128, as a byte.
pub(crate) type Table = [u8; 256];

pub(super) fn table(value: impl Fn(i8) -> i8) -> Table {
    std::array::from_fn(|index| value((index as u8 ^ 0x80) as i8) as u8)
}

/// Nothing.
pub(crate) fn identity() -> Table {
    table(|code| code)
}

/// The first, then the second.
pub(crate) fn behind(first: Option<&Table>, second: &Table) -> Table {
    let first = first.copied().unwrap_or_else(identity);
    first.map(|code| second[usize::from(code ^ 0x80)])
}

impl Codes {
    /// Those of a sigmoid in TensorFlow Lite.
    pub(crate) const OF_SIGMOID: Self = Self { scale: 1.0 / 256.0, zero_point: -128 };

    /// The real number that a code stands for.
    #[must_use]
    pub fn real(self, code: i8) -> f64 {
        f64::from(self.scale) * f64::from(self.steps(code))
    }

    /// The code of a real number, as a runtime's border between real numbers and integers finds it:
    /// in f32, halves away from zero.
    #[must_use]
    pub fn code(self, value: f32) -> i8 {
        self.at(f64::from((value / self.scale).round()))
    }

    /// Steps of a code from the zero point.
    pub(super) fn steps(self, code: i8) -> i16 {
        i16::from(code) - i16::from(self.zero_point)
    }

    /// The code nearest to a number of steps from the zero point, of a number that was rounded to a
    /// whole one.
    pub(super) fn at(self, steps: f64) -> i8 {
        // `as` saturates.
        (steps + f64::from(self.zero_point)) as i8
    }
}

/// Other codes for the same numbers. Halves are rounded up, as everywhere behind sums.
pub(crate) fn recoded(from: Codes, to: Codes) -> Table {
    let factor = Factor::new(f64::from(from.scale) / f64::from(to.scale));
    table(|code| to.at(factor.once(from.steps(code).into())))
}

/// A factor as runtimes have it, of 31 bits: `multiplier / 2^(31 − exponent)`.
#[derive(Clone, Copy)]
pub(super) struct Factor {
    pub(super) multiplier: i64,
    pub(super) exponent: i32,
}

impl Factor {
    pub(super) fn new(factor: f64) -> Self {
        let (multiplier, exponent) = Self::parts(factor);
        match exponent {
            _ if !factor.is_finite() => Self { multiplier: 0, exponent: 0 },
            // Larger than any code can stand, or smaller than any half.
            31.. => Self { multiplier: i64::from(i32::MAX) * factor.signum() as i64, exponent: 30 },
            -31..=30 => Self { multiplier, exponent },
            _ => Self { multiplier: 0, exponent: 0 },
        }
    }

    /// The multiplier of 31 bits and the exponent.
    pub(super) fn parts(factor: f64) -> (i64, i32) {
        let (fraction, exponent) = libm::frexp(factor);
        // `as` saturates, and makes 0 of what is not a number.
        ((fraction * f64::from(1_u32 << 31)).round() as i64, exponent)
    }

    /// The product of at most 17 bits with it, rounded once, halves up.
    pub(super) fn once(self, steps: i64) -> f64 {
        let shift = 31 - self.exponent;
        let product = i128::from(steps) * i128::from(self.multiplier);
        ((product + (1 << (shift - 1))) >> shift) as f64
    }

    /// The same rounded twice, as [`Rounding::Twice`](ae_core::Rounding::Twice) says.
    pub(super) fn twice(self, steps: i64) -> f64 {
        let product = (i128::from(steps) << self.exponent.max(0)) * i128::from(self.multiplier);
        let high = (product + (1 << 30)) >> 31;
        let bits = self.exponent.min(0).unsigned_abs();
        let half = (1_i128 << bits) >> 1;
        (high.signum() * ((high.abs() + half) >> bits)) as f64
    }
}

impl Function {
    /// The value of the function, in f64.
    #[must_use]
    pub fn of(self, x: f64) -> f64 {
        match self {
            Self::Relu => x.max(0.0),
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    x
                } else {
                    f64::from(slope) * x
                }
            }
            Self::Elu(factor) => {
                if x > 0.0 {
                    x
                } else {
                    f64::from(factor) * x.exp_m1()
                }
            }
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            Self::Gelu => 0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2)),
            Self::Silu | Self::SiluProduct => x / (1.0 + (-x).exp()),
            Self::GeluTanh => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
                0.5 * x * (1.0 + inner.tanh())
            }
            Self::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        }
    }
}
