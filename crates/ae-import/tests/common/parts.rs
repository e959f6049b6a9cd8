//! Operators with plain numbers, to be broken one at a time.

use ae_import::{
    Codes, Convolution, Dense, Depthwise, Numbers, Operation, Operator, Padding, Pool,
    SourceFormat, SourceModel, Transposed, Value,
};

use super::models::operator;

pub(crate) const CODES: Codes = Codes { scale: 0.5, zero_point: 0 };

fn reals(weights: usize, biases: usize) -> Numbers {
    Numbers::Real { weights: vec![0.5; weights], bias: vec![0.25; biases] }
}

pub(crate) fn integers(weights: usize, biases: usize) -> Numbers {
    Numbers::Integers { weights: vec![5; weights], scales: vec![0.01], bias: vec![25; biases] }
}

pub(crate) fn dense(inputs: usize, outputs: usize) -> Dense {
    Dense { inputs, outputs, numbers: reals(inputs.saturating_mul(outputs), outputs) }
}

/// 3 × 3 taps with same padding.
pub(crate) fn convolution(channels_in: usize, channels_out: usize) -> Convolution {
    Convolution {
        channels_in,
        channels_out,
        groups: 1,
        kernel: [3; 2],
        stride: [1; 2],
        dilation: [1; 2],
        padding: Padding::Same,
        numbers: reals(9 * channels_in * channels_out, channels_out),
    }
}

/// 3 × 3 taps with same padding.
pub(crate) fn depthwise(channels: usize, multiplier: usize) -> Depthwise {
    Depthwise {
        channels,
        multiplier,
        kernel: [3; 2],
        stride: [1; 2],
        dilation: [1; 2],
        padding: Padding::Same,
        numbers: reals(9 * channels * multiplier, channels * multiplier),
    }
}

/// 2 × 2 outputs of a place.
pub(crate) fn transposed(channels_in: usize, channels_out: usize) -> Transposed {
    Transposed {
        channels_in,
        channels_out,
        kernel: [2; 2],
        stride: [2; 2],
        padding: Padding::Valid,
        output_padding: [0; 2],
        is_size_computed: false,
        numbers: reals(4 * channels_in * channels_out, channels_out),
    }
}

/// Of 2 × 2 places.
pub(crate) fn pool() -> Pool {
    Pool { kernel: [2; 2], stride: [2; 2], padding: Padding::Valid, counts_padding: false }
}

pub(crate) fn affine(factor: &[f32], shift: &[f32]) -> Operation {
    Operation::Affine { factor: factor.to_vec(), shift: shift.to_vec() }
}

/// A model of real numbers.
pub(crate) fn model(shape: &[usize], operations: Vec<Operation>) -> SourceModel {
    let operators = operations.into_iter().enumerate();
    let operators: Vec<Operator> =
        operators.map(|(index, operation)| operator(index, operation, None)).collect();
    let value = || Value { name: String::new(), shape: shape.to_vec(), codes: None };
    SourceModel {
        format: SourceFormat::Onnx,
        channels_first: false,
        input: value(),
        operators,
        output: value(),
    }
}

/// A model of integers with the same codes everywhere.
pub(crate) fn of_integers(shape: &[usize], operations: Vec<Operation>) -> SourceModel {
    let mut model = model(shape, operations);
    model.input.codes = Some(CODES);
    for operator in &mut model.operators {
        operator.codes = Some(CODES);
        if let Operation::Dense(Dense { numbers, .. })
        | Operation::Convolution(Convolution { numbers, .. })
        | Operation::Depthwise(Depthwise { numbers, .. })
        | Operation::Transposed(Transposed { numbers, .. }) = &mut operator.operation
            && let Numbers::Real { weights, bias } = &*numbers
        {
            *numbers = integers(weights.len(), bias.len());
        }
    }
    model
}
