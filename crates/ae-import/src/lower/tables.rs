//! Functions of one integer.

use serde::{Deserialize, Serialize};

use crate::{Codes, Function};

/// What a table does, so that it can be made again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The function of the numbers, if it is more than other codes for them.
    pub(crate) function: Option<Function>,
    pub(crate) from: Codes,
    pub(crate) to: Codes,
}

impl Step {
    pub(super) fn table(self) -> Table {
        match self.function {
            Some(function) => of_function(function, self.from, self.to),
            None => recoded(self.from, self.to),
        }
    }

    /// The table of all steps, one behind the other.
    pub(super) fn all(steps: &[Self]) -> Table {
        steps.iter().fold(identity(), |table, step| behind(Some(&table), &step.table()))
    }
}

/// What becomes of each i8, the first entry of −128, as a byte.
pub(crate) type Table = [u8; 256];

fn table(value: impl Fn(i8) -> i8) -> Table {
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
    fn steps(self, code: i8) -> i16 {
        i16::from(code) - i16::from(self.zero_point)
    }

    /// The code nearest to a number of steps from the zero point, of a number that was rounded to a
    /// whole one.
    fn at(self, steps: f64) -> i8 {
        // `as` saturates.
        (steps + f64::from(self.zero_point)) as i8
    }
}

/// Other codes for the same numbers, as the runtime finds them. Halves are rounded up, as everywhere
/// behind sums.
pub(crate) fn recoded(from: Codes, to: Codes) -> Table {
    let factor = Factor::new(f64::from(from.scale) / f64::from(to.scale));
    table(|code| to.at(factor.of(from.steps(code))))
}

/// A function as the runtime tabulates it: in f32, and halves away from zero. What keeps to the codes
/// is a bound of them, or another factor below zero, and is rounded as sums are.
pub(crate) fn of_function(function: Function, from: Codes, to: Codes) -> Table {
    // The runtime divides these as f32.
    let factor = Factor::new(f64::from(from.scale / to.scale));
    let bound = |low: f32, high: f32| {
        let [low, high] = [low, high].map(|value| to.code(value));
        table(|code| to.at(factor.of(from.steps(code))).max(low).min(high))
    };
    match function {
        Function::Relu => bound(0.0, f32::INFINITY),
        Function::Relu6 => bound(0.0, 6.0),
        Function::LeakyRelu(slope) => {
            let below = Factor::new(f64::from(from.scale * slope / to.scale));
            table(|code| {
                let steps = from.steps(code);
                to.at(if steps < 0 { below.of(steps) } else { factor.of(steps) })
            })
        }
        _ => table(|code| {
            let value = from.scale * from.steps(code) as f32;
            let steps = function.of(value.into()) as f32 * (1.0 / to.scale);
            to.at(f64::from(steps.round()))
        }),
    }
}

/// A factor as the runtime has it, of 31 bits: `multiplier / 2^shift`.
#[derive(Clone, Copy)]
struct Factor {
    multiplier: i64,
    shift: u32,
}

impl Factor {
    fn new(factor: f64) -> Self {
        let (fraction, exponent) = libm::frexp(factor);
        // `as` saturates, and makes 0 of what is not a number.
        let multiplier = (fraction * f64::from(1_u32 << 31)).round() as i64;
        match 31 - exponent {
            _ if !factor.is_finite() => Self { multiplier: 0, shift: 1 },
            shift @ 1..=62 => Self { multiplier, shift: shift.unsigned_abs() },
            // Larger than any code can stand, or smaller than any half.
            ..=0 => Self { multiplier: i64::from(i32::MAX) * factor.signum() as i64, shift: 1 },
            _ => Self { multiplier: 0, shift: 1 },
        }
    }

    /// The product, rounded once, halves up.
    fn of(self, steps: i16) -> f64 {
        let product = i64::from(steps) * self.multiplier;
        ((product + (1 << (self.shift - 1))) >> self.shift) as f64
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
            Self::Silu => x / (1.0 + (-x).exp()),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        }
    }
}
