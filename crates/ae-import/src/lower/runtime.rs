//! Functions of one integer, to the bit as a file's runtime computes them.
//!
//! LiteRT leaves operators to XNNPACK where they are within its limits, and computes the rest in its own
//! kernels; both were read and compared with these, integer by integer.

use ae_core::Rounding;

use super::spatial::Why;
use super::tables::{Factor, Table, table};
use crate::{Codes, Function, SourceFormat};

/// Whose arithmetic a model of integers has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    /// LiteRT as it is by default.
    LiteRt,
    /// TensorFlow Lite Micro, and LiteRT's own kernels.
    Micro,
    /// ONNX Runtime, whose real numbers are approached.
    Onnx,
}

const NOT_THERE: &str = "import the float model that it was made from, and have it quantised here";

impl Runtime {
    pub(super) fn of(format: SourceFormat, rounding: Rounding) -> Self {
        match (format, rounding) {
            (_, Rounding::Twice) => Self::Micro,
            (SourceFormat::TensorFlowLite, Rounding::Once) => Self::LiteRt,
            _ => Self::Onnx,
        }
    }

    /// How sums are rounded.
    pub(super) fn rounding(self) -> Rounding {
        match self {
            Self::Micro => Rounding::Twice,
            Self::LiteRt | Self::Onnx => Rounding::Once,
        }
    }

    /// Other codes for the same numbers.
    pub(super) fn recoded(self, from: Codes, to: Codes) -> Result<Table, Why> {
        let ratio = from.scale / to.scale;
        let factor = Factor::new(f64::from(from.scale) / f64::from(to.scale));
        let steps = |code| from.steps(code).into();
        match self {
            Self::Onnx => Ok(table(|code| to.at(factor.once(steps(code))))),
            Self::Micro => Ok(table(|code| to.at(factor.twice(steps(code))))),
            // The same codes are passed on.
            Self::LiteRt if from == to => Ok(table(|code| code)),
            Self::LiteRt => match Eighth::new(ratio) {
                Some(eighth) => Ok(table(|code| to.at(eighth.of(steps(code))))),
                None => Err((
                    format!(
                        "it gives integers another scale, {ratio} times the one before, and LiteRT's \
                         arithmetic is known for 1/256 to 128 times"
                    ),
                    NOT_THERE,
                )),
            },
        }
    }

    /// A function of the numbers.
    pub(super) fn function(self, function: Function, from: Codes, to: Codes) -> Result<Table, Why> {
        let steps = |code| i64::from(from.steps(code));
        Ok(match function {
            Function::Relu => self.bounded(from, to, f32::INFINITY),
            Function::Relu6 => self.bounded(from, to, 6.0),
            Function::LeakyRelu(slope) => {
                let above = Slope::new(self, from.scale / to.scale, from.scale / to.scale);
                let below =
                    Slope::new(self, from.scale / to.scale * slope, from.scale * slope / to.scale);
                let (above, below) = match (above, below) {
                    // One of them that is out of bounds leaves both to the other kernel.
                    (Slope::Eighth(..), Slope::Factor(..))
                    | (Slope::Factor(..), Slope::Eighth(..)) => (above.widened(), below.widened()),
                    both => both,
                };
                table(|code| match steps(code) {
                    steps if steps < 0 => to.at(below.of(steps)),
                    steps => to.at(above.of(steps)),
                })
            }
            Function::SiluProduct => self.silu(from, to),
            Function::HardSwish => hard_swish(from, to)?,
            _ => tabulated(function, from, to),
        })
    }

    /// Other codes for the same numbers, those from 0 to a bound.
    fn bounded(self, from: Codes, to: Codes, high: f32) -> Table {
        // The runtime divides these as f32.
        let factor = Factor::new(f64::from(from.scale / to.scale));
        let [low, high] = [0.0, high].map(|value| to.code(value));
        table(|code| {
            let steps = from.steps(code).into();
            let value = match self {
                Self::Onnx => factor.once(steps),
                // Here LiteRT's own kernel rounds twice, too.
                Self::LiteRt | Self::Micro => factor.twice(steps),
            };
            to.at(value).max(low).min(high)
        })
    }

    /// `x · sigmoid(x)` as a product of integers, of which the second was rounded before.
    fn silu(self, from: Codes, to: Codes) -> Table {
        let second = Codes::OF_SIGMOID;
        let sigmoid = tabulated(Function::Sigmoid, from, second);
        let scale = from.scale * second.scale / to.scale;
        let factor = Factor::new(f64::from(scale));
        let is_once = self != Self::Micro && (1.0 / 65536.0..256.0).contains(&scale);
        table(|code| {
            let second_code = sigmoid[usize::from(code as u8 ^ 0x80)] as i8;
            let product = i64::from(from.steps(code)) * i64::from(second.steps(second_code));
            to.at(if is_once { factor.once(product) } else { factor.twice(product) })
        })
    }
}

/// A function as runtimes tabulate it: in f32, and halves away from zero.
fn tabulated(function: Function, from: Codes, to: Codes) -> Table {
    table(|code| {
        let value = from.scale * f32::from(from.steps(code));
        let steps = function.of(value.into()) as f32 * (1.0 / to.scale);
        to.at(f64::from(steps.round()))
    })
}

/// A factor with 8 places behind the point.
#[derive(Clone, Copy)]
struct Eighth(i64);

impl Eighth {
    /// None where it is out of XNNPACK's bounds.
    fn new(factor: f32) -> Option<Self> {
        let is_within = (1.0 / 256.0..=128.0).contains(&factor.abs());
        is_within.then(|| Self((256.0 * factor).round_ties_even() as i64))
    }

    /// The product, halves up.
    fn of(self, steps: i64) -> f64 {
        ((steps * self.0 + 128) >> 8) as f64
    }
}

/// What one side of a leaky ReLU multiplies by.
#[derive(Clone, Copy)]
enum Slope {
    /// By the factor of XNNPACK; and by that of the kernel that takes its place.
    Eighth(Eighth, Factor),
    /// Rounded once or twice.
    Factor(Factor, bool),
}

impl Slope {
    fn new(runtime: Runtime, eighth: f32, factor: f32) -> Self {
        let factor = Factor::new(f64::from(factor));
        match (runtime, Eighth::new(eighth)) {
            (Runtime::LiteRt, Some(eighth)) => Self::Eighth(eighth, factor),
            (Runtime::Onnx, _) => Self::Factor(factor, false),
            _ => Self::Factor(factor, true),
        }
    }

    fn widened(self) -> Self {
        match self {
            Self::Eighth(_, factor) => Self::Factor(factor, true),
            other => other,
        }
    }

    fn of(self, steps: i64) -> f64 {
        match self {
            Self::Eighth(eighth, _) => eighth.of(steps),
            Self::Factor(factor, true) => factor.twice(steps),
            Self::Factor(factor, false) => factor.once(steps),
        }
    }
}

/// `x · min(max(x + 3, 0), 6) / 6` in 16 bits, as both of LiteRT's runtimes compute it: x with 7 places more,
/// once as it is in the output's scale, and once with 3 in 15 bits, where saturation is both bounds.
fn hard_swish(from: Codes, to: Codes) -> Result<Table, Why> {
    let fine = from.scale / 128.0;
    let (output, bound) = (Short::new(fine / to.scale), Short::new(fine / (3.0 / 32768.0)));
    if output.exponent > 0 {
        let why = format!(
            "its input's scale of {} is over 128 times that of its output, {}, and no runtime takes it",
            from.scale, to.scale
        );
        return Err((why, NOT_THERE));
    }
    Ok(table(|code| {
        let x = i64::from(from.steps(code)) << 7;
        let mut share = x;
        if bound.exponent > 0 {
            share = saturated(share << (bound.exponent - 1).min(31));
        }
        share = bound.high_half(share);
        share = match bound.exponent {
            1.. => saturated(share << 1),
            exponent => halves_away(share, exponent.unsigned_abs().min(31)),
        };
        let share = (share + (1 << 15)) >> 1;
        // Towards zero.
        let product = share * output.high_half(x) / (1 << 15);
        to.at(halves_away(product, output.exponent.unsigned_abs().min(31)) as f64)
    }))
}

/// A factor of 15 bits and its exponent.
#[derive(Clone, Copy)]
struct Short {
    multiplier: i64,
    exponent: i32,
}

impl Short {
    fn new(factor: f32) -> Self {
        let (multiplier, exponent) = Factor::parts(f64::from(factor));
        Self { multiplier: ((multiplier + (1 << 15)) >> 16).min(i16::MAX.into()), exponent }
    }

    /// `x · multiplier / 2^15`, halves up.
    fn high_half(self, x: i64) -> i64 {
        (x * self.multiplier + (1 << 14)) >> 15
    }
}

fn saturated(x: i64) -> i64 {
    x.clamp(i16::MIN.into(), i16::MAX.into())
}

/// `x / 2^bits`, halves away from zero.
fn halves_away(x: i64, bits: u32) -> i64 {
    let half = (1_i64 << bits) >> 1;
    x.signum() * ((x.abs() + half) >> bits)
}
