//! The weights that the scripts wrote, and what an operator should make of them: for each output by
//! height, width and channel in, whatever the order in the file is.

use ae_import::{Convolution, Dense, Depthwise, Function, Numbers, Operation, Padding, Transposed};

/// Number `i` of tensor `t`, by the scripts' rule.
pub(super) fn number(t: usize, i: usize) -> f64 {
    (((7 * i + 3 * t + 1) % 11) as f64 - 5.0) / 8.0
}

/// The same of a variance.
pub(super) fn variance(t: usize, i: usize) -> f64 {
    1.0 + number(t, i).abs()
}

/// The numbers of tensor `t` of this shape, asked for by position.
pub(super) fn at(t: usize, shape: &[usize], position: &[usize]) -> f32 {
    let index = shape.iter().zip(position).fold(0, |index, (size, at)| index * size + at);
    number(t, index) as f32
}

/// The bias of tensor `t`; 0 where there is none.
pub(super) fn bias(t: Option<usize>, outputs: usize) -> Vec<f32> {
    (0..outputs).map(|i| t.map_or(0.0, |t| number(t, i) as f32)).collect()
}

pub(super) fn function(function: Function) -> Operation {
    Operation::Function(function)
}

/// Of Keras: the kernel is `[inputs, outputs]`.
pub(super) fn keras_dense(
    [inputs, outputs]: [usize; 2],
    kernel: usize,
    bias_at: Option<usize>,
) -> Operation {
    let shape = [inputs, outputs];
    let weights = (0..outputs)
        .flat_map(|output| (0..inputs).map(move |input| at(kernel, &shape, &[input, output])))
        .collect();
    let numbers = Numbers::Real { weights, bias: bias(bias_at, outputs) };
    Operation::Dense(Dense { inputs, outputs, numbers })
}

/// Of PyTorch: the weight is `[outputs, inputs]`.
pub(super) fn torch_dense(
    [inputs, outputs]: [usize; 2],
    weight: usize,
    bias_at: Option<usize>,
) -> Operation {
    let weights = (0..inputs * outputs).map(|i| number(weight, i) as f32).collect();
    let numbers = Numbers::Real { weights, bias: bias(bias_at, outputs) };
    Operation::Dense(Dense { inputs, outputs, numbers })
}

/// How a window moves.
pub(super) struct Window {
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: Padding,
}

/// A window of these taps, which moves place by place over the map alone.
pub(super) fn window(kernel: [usize; 2]) -> Window {
    Window { kernel, stride: [1, 1], dilation: [1, 1], padding: Padding::Valid }
}

/// Of Keras: the kernel is `[height, width, channels in, channels out]`.
pub(super) fn convolution(
    window: Window,
    [channels_in, channels_out]: [usize; 2],
    kernel: usize,
    bias_at: Option<usize>,
) -> Operation {
    let [height, width] = window.kernel;
    let shape = [height, width, channels_in, channels_out];
    let mut weights = Vec::new();
    for output in 0..channels_out {
        for y in 0..height {
            for x in 0..width {
                for input in 0..channels_in {
                    weights.push(at(kernel, &shape, &[y, x, input, output]));
                }
            }
        }
    }
    Operation::Convolution(Convolution {
        channels_in,
        channels_out,
        groups: 1,
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding,
        numbers: Numbers::Real { weights, bias: bias(bias_at, channels_out) },
    })
}

/// Of Keras: the kernel is `[height, width, channels, multiplier]`.
pub(super) fn depthwise(
    window: Window,
    channels: usize,
    multiplier: usize,
    kernel: usize,
    bias_at: Option<usize>,
) -> Operation {
    let [height, width] = window.kernel;
    let shape = [height, width, channels, multiplier];
    let mut weights = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for channel in 0..channels {
                for m in 0..multiplier {
                    weights.push(at(kernel, &shape, &[y, x, channel, m]));
                }
            }
        }
    }
    Operation::Depthwise(Depthwise {
        channels,
        multiplier,
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        padding: window.padding,
        numbers: Numbers::Real { weights, bias: bias(bias_at, channels * multiplier) },
    })
}

/// Of Keras: the kernel is `[height, width, channels out, channels in]`.
pub(super) fn transposed(
    window: Window,
    output_padding: [usize; 2],
    [channels_in, channels_out]: [usize; 2],
    kernel: usize,
    bias_at: Option<usize>,
) -> Operation {
    let [height, width] = window.kernel;
    let shape = [height, width, channels_out, channels_in];
    let mut weights = Vec::new();
    for output in 0..channels_out {
        for y in 0..height {
            for x in 0..width {
                for input in 0..channels_in {
                    weights.push(at(kernel, &shape, &[y, x, output, input]));
                }
            }
        }
    }
    Operation::Transposed(Transposed {
        channels_in,
        channels_out,
        kernel: window.kernel,
        stride: window.stride,
        padding: window.padding,
        output_padding,
        is_size_computed: false,
        numbers: Numbers::Real { weights, bias: bias(bias_at, channels_out) },
    })
}

/// A factor and a shift for each channel, computed as real numbers and rounded once.
pub(super) fn affine(channels: impl Iterator<Item = (f64, f64)>) -> Operation {
    let (factor, shift) = channels.map(|(factor, shift)| (factor as f32, shift as f32)).unzip();
    Operation::Affine { factor, shift }
}

/// A normalisation by the batches' moments, tensors `mean` and the one behind it.
pub(super) fn batch_normalization(
    channels: usize,
    epsilon: f64,
    gamma: Option<usize>,
    beta: Option<usize>,
    mean: usize,
) -> Operation {
    affine((0..channels).map(|i| {
        let gamma = gamma.map_or(1.0, |t| number(t, i));
        let factor = gamma / (variance(mean + 1, i) + epsilon).sqrt();
        (factor, beta.map_or(0.0, |t| number(t, i)) - number(mean, i) * factor)
    }))
}
