//! A model of integers in real numbers: to a step, whatever the runtime's roundings are.

use ae_import::{
    Codes, Convolution, Dense, Depthwise, Numbers, Operation, SourceModel, Transposed,
};

use super::Flow;

/// What comes out, from real numbers that go in. Of a model of integers they are rounded to what its
/// integers stand for, behind every operator.
pub(crate) fn in_reals(model: &SourceModel, input: &[f64]) -> Vec<f64> {
    let mut flow = Flow {
        shape: model.input.shape.clone(),
        values: input.to_vec(),
        channels_first: model.channels_first,
    };
    let mut codes = model.input.codes;
    round(&mut flow, codes);
    for operator in &model.operators {
        flow = match codes {
            Some(codes) => flow.behind(&with_reals(&operator.operation, codes)),
            None => flow.behind(&operator.operation),
        };
        codes = operator.codes;
        round(&mut flow, codes);
    }
    flow.values
}

/// Multiples of the scale, as far as 8 bits reach.
fn round(flow: &mut Flow, codes: Option<Codes>) {
    let Some(Codes { scale, zero_point }) = codes else { return };
    let (scale, zero) = (f64::from(scale), f64::from(zero_point));
    for real in &mut flow.values {
        *real = ((*real / scale).round().clamp(-128.0 - zero, 127.0 - zero)) * scale;
    }
}

/// The operation with what its weights and biases stand for, where such codes go in.
fn with_reals(operation: &Operation, codes: Codes) -> Operation {
    let mut operation = operation.clone();
    let (numbers, output): (&mut Numbers, Box<dyn Fn(usize) -> usize>) = match &mut operation {
        Operation::Dense(Dense { numbers, inputs, .. }) => {
            let inputs = *inputs;
            (numbers, Box::new(move |at| at / inputs))
        }
        Operation::Convolution(Convolution { numbers, kernel, channels_in, groups, .. }) => {
            let row = kernel[0] * kernel[1] * *channels_in / *groups;
            (numbers, Box::new(move |at| at / row))
        }
        Operation::Depthwise(Depthwise { numbers, channels, multiplier, .. }) => {
            let outputs = *channels * *multiplier;
            (numbers, Box::new(move |at| at % outputs))
        }
        Operation::Transposed(Transposed { numbers, kernel, channels_in, .. }) => {
            let row = kernel[0] * kernel[1] * *channels_in;
            (numbers, Box::new(move |at| at / row))
        }
        _ => return operation,
    };
    if let Numbers::Integers { weights, scales, bias } = &*numbers {
        let scale = |output: usize| scales[if scales.len() == 1 { 0 } else { output }];
        let weight = |(at, &weight): (usize, &i8)| f32::from(weight) * scale(output(at));
        let of_bias = |(at, &bias): (usize, &i32)| bias as f32 * scale(at) * codes.scale;
        *numbers = Numbers::Real {
            weights: weights.iter().enumerate().map(weight).collect(),
            bias: bias.iter().enumerate().map(of_bias).collect(),
        };
    }
    operation
}
