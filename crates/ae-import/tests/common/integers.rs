//! Models of integers as LiteRT computes them by default: plain sums, scaled in f32, and for what its own
//! kernels compute products of 128 bits.

use ae_import::{Codes, Function, Numbers, Operation, SourceFormat, SourceModel};

use super::draw::Draw;
use super::forward::{Flow, of, sizes};
use super::models::model as real_model;

/// A factor as the runtime has it: `multiplier / 2^(31 − shift)`.
#[derive(Clone, Copy)]
struct Factor {
    multiplier: i128,
    shift: i32,
}

impl Factor {
    fn new(real: f64) -> Self {
        let (fraction, shift) = libm::frexp(real);
        Self { multiplier: (fraction * 2.0_f64.powi(31)).round() as i128, shift }
    }

    /// Rounded once, halves up.
    fn times(self, sum: i64) -> i64 {
        let product = i128::from(sum) * self.multiplier;
        assert!((-90..=30).contains(&self.shift), "{} {} {sum}", self.shift, self.multiplier);
        ((product + (1 << (30 - self.shift))) >> (31 - self.shift)) as i64
    }

    /// Rounded twice: halves up, then halves away from zero.
    fn twice(self, steps: i64) -> i64 {
        let (left, right) = (self.shift.max(0), (-self.shift).max(0));
        let high = ((i128::from(steps) << left) * self.multiplier + (1 << 30)) >> 31;
        let (divisor, magnitude) = (1_i128 << right, high.abs());
        (high.signum() * ((2 * magnitude + divisor) / (2 * divisor))) as i64
    }
}

fn code(steps: i64, codes: Codes) -> i64 {
    (steps + i64::from(codes.zero_point)).clamp(-128, 127)
}

/// Other codes for the same numbers, by a factor with 31 bits: those of pixels.
pub(crate) fn recoded(steps: i64, from: Codes, to: Codes) -> i64 {
    code(Factor::new(f64::from(from.scale) / f64::from(to.scale)).times(steps), to)
}

/// Halves up of a product with a factor of 8 places behind the point, if it is within XNNPACK's bounds.
fn eighth(steps: i64, factor: f32) -> Option<i64> {
    let is_within = factor.abs() >= 1.0 / 256.0 && factor.abs() <= 128.0;
    let places = (factor * 256.0).round_ties_even() as i64;
    is_within.then_some((steps * places).div_euclid(128) + 1).map(|halves| halves.div_euclid(2))
}

/// A function of integers, so many steps from the zero point.
fn function(function: Function, steps: i64, from: Codes, to: Codes) -> i64 {
    let ratio = from.scale / to.scale;
    let factor = Factor::new(f64::from(ratio));
    let zero = i64::from(to.zero_point);
    match function {
        Function::Relu => code(factor.twice(steps), to).max(zero),
        Function::Relu6 => {
            let six = zero + (6.0 / to.scale).round() as i64;
            code(factor.twice(steps), to).max(zero).min(six)
        }
        Function::LeakyRelu(slope) => {
            // Where one is out of bounds, another kernel takes both.
            let both = (eighth(steps, ratio), eighth(steps, ratio * slope));
            let below = Factor::new(f64::from(from.scale * slope / to.scale));
            let value = match both {
                (Some(above), Some(below)) => {
                    if steps < 0 {
                        below
                    } else {
                        above
                    }
                }
                _ if steps < 0 => below.twice(steps),
                _ => factor.twice(steps),
            };
            code(value, to)
        }
        _ => {
            let value = of(function, f64::from(from.scale * steps as f32)) as f32;
            code((value * (1.0 / to.scale)).round() as i64, to)
        }
    }
}

/// What the runtime gives for such integers.
pub(crate) fn forward(model: &SourceModel, input: &[i8]) -> Vec<i8> {
    steps(model, input).pop().expect("an operator")
}

/// What each operator gives.
pub(crate) fn steps(model: &SourceModel, input: &[i8]) -> Vec<Vec<i8>> {
    let mut steps = Vec::new();
    let mut before = model.input.codes.unwrap();
    // Steps from the zero point. An f64 holds every sum of this project's layers, as they are below
    // 2³¹.
    let mut flow = Flow {
        shape: model.input.shape.clone(),
        values: input.iter().map(|&x| f64::from(x) - f64::from(before.zero_point)).collect(),
        channels_first: model.channels_first,
    };
    for operator in &model.operators {
        let after = operator.codes.unwrap();
        let zero = i64::from(after.zero_point);
        let each = |flow: &mut Flow, of: &dyn Fn(i64) -> i64| {
            flow.values.iter_mut().for_each(|value| *value = (of(*value as i64) - zero) as f64);
        };
        match &operator.operation {
            Operation::Function(it) => {
                each(&mut flow, &|steps| function(*it, steps, before, after));
            }
            Operation::Identity if before == after => (),
            Operation::Identity => each(&mut flow, &|steps| {
                code(eighth(steps, before.scale / after.scale).unwrap(), after)
            }),
            operation => match operation.numbers() {
                Some(Numbers::Integers { scales, .. }) => {
                    flow = flow.behind(&in_reals(operation));
                    let is_dense = matches!(operation, Operation::Dense(_));
                    let factor = |scale: &f32| before.scale * scale / after.scale;
                    let factors: Vec<f32> = scales.iter().map(factor).collect();
                    let channels = match is_dense {
                        true => flow.values.len(),
                        false => sizes(&flow.shape, flow.channels_first)[2],
                    };
                    let places = flow.values.len() / channels;
                    let first = flow.channels_first && !is_dense;
                    for (at, value) in flow.values.iter_mut().enumerate() {
                        let channel = if first { at / places } else { at % channels };
                        let factor = factors[channel % factors.len()];
                        let steps = (*value as f32 * factor).round_ties_even();
                        *value = (code(steps as i64, after) - zero) as f64;
                    }
                }
                _ => flow = flow.behind(operation),
            },
        }
        before = after;
        let zero = f64::from(after.zero_point);
        steps.push(flow.values.iter().map(|steps| (steps + zero) as i8).collect());
    }
    steps
}

/// A layer whose numbers are the same, as reals.
fn in_reals(operation: &Operation) -> Operation {
    let mut operation = operation.clone();
    if let Operation::Dense(ae_import::Dense { numbers, .. })
    | Operation::Convolution(ae_import::Convolution { numbers, .. })
    | Operation::Depthwise(ae_import::Depthwise { numbers, .. })
    | Operation::Transposed(ae_import::Transposed { numbers, .. }) = &mut operation
        && let Numbers::Integers { weights, bias, .. } = &*numbers
    {
        assert!(bias.iter().all(|bias| bias.abs() < 1 << 24), "an f32 has all of them");
        let weights = weights.iter().map(|&weight| f32::from(weight)).collect();
        let bias = bias.iter().map(|&bias| bias as f32).collect();
        *numbers = Numbers::Real { weights, bias };
    }
    operation
}

/// A model of integers. Its only means are those that the runtime takes of them.
pub(crate) fn model(draw: &mut Draw) -> SourceModel {
    let is_mean = |model: &SourceModel| {
        model.operators.iter().any(|it| it.operation == Operation::GlobalAverage)
    };
    let mut model = real_model(draw);
    while is_mean(&model) {
        model = real_model(draw);
    }
    model.format = SourceFormat::TensorFlowLite;
    let input = codes(draw, 0.02);
    model.input.codes = Some(input);
    let mut before = input;
    let mut is_layer = false;
    model.operators.retain_mut(|operator| {
        let after = match &mut operator.operation {
            Operation::Affine { .. } => return false,
            // Integers are changed behind layers.
            Operation::Function(_) | Operation::Identity if !is_layer => return false,
            Operation::Function(_) | Operation::Identity if draw.once_in(3) => before,
            Operation::Function(Function::Sigmoid) => {
                Codes { scale: 1.0 / 256.0, zero_point: -128 }
            }
            Operation::Function(Function::Tanh) => Codes { scale: 1.0 / 128.0, zero_point: 0 },
            Operation::Function(_) | Operation::Identity => codes(draw, before.scale),
            Operation::Reshape(_) | Operation::ChannelsFirst | Operation::ChannelsLast => before,
            Operation::Average(pool) => {
                operator.operation = Operation::Maximum(pool.clone());
                is_layer = true;
                before
            }
            Operation::Dense(ae_import::Dense { numbers, .. })
            | Operation::Convolution(ae_import::Convolution { numbers, .. })
            | Operation::Depthwise(ae_import::Depthwise { numbers, .. })
            | Operation::Transposed(ae_import::Transposed { numbers, .. }) => {
                is_layer = true;
                with_integers(draw, numbers, before)
            }
            _ => {
                is_layer = true;
                before
            }
        };
        operator.codes = Some(after);
        before = after;
        true
    });
    model.output.codes = Some(before);
    model
}

/// Codes with a scale that is near this.
fn codes(draw: &mut Draw, scale: f32) -> Codes {
    let scale = scale * (1.5 + draw.unit());
    let any = draw.below(256) as u8 as i8;
    let zero_point = draw.of(&[-128, -128, 0, any]);
    Codes { scale, zero_point }
}

/// Makes integers of a layer's numbers, and gives what comes out codes that fit.
fn with_integers(draw: &mut Draw, numbers: &mut Numbers, before: Codes) -> Codes {
    let Numbers::Real { weights, bias } = &*numbers else { panic!("integers") };
    let (count, outputs) = (weights.len(), bias.len());
    let weights: Vec<i8> =
        (0..count).map(|_| draw.below(255) as u8 as i8).map(|w| w.max(-127)).collect();
    let steps = 100.0 * 70.0 * (count as f32 / outputs as f32).sqrt();
    let bias = (0..outputs).map(|_| (steps * draw.unit()) as i32).collect();
    let scales = draw.of(&[1, outputs]);
    let scales: Vec<f32> = (0..scales).map(|_| 0.01 * (1.5 + draw.unit())).collect();
    *numbers = Numbers::Integers { weights, scales, bias };
    codes(draw, before.scale * 0.01 * steps / 100.0)
}
