//! A model as its file has it: a chain of operators.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::SourceFormat;

/// What a file holds: operators, each of which takes what the one before gives.
///
/// Weights are in the order that each operation states, whatever the file's own is. A map's channels
/// are its last dimension there. Shapes, too, leave out the batch, but stand as in the file: with
/// `channels_first` a map's shape is `[channels, height, width]`, a signal's `[channels, samples]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceModel {
    /// The kind of file.
    pub format: SourceFormat,
    /// Whether the shapes of maps begin with the channels.
    pub channels_first: bool,
    /// What goes in.
    pub input: Value,
    /// What is done with it, in this order.
    pub operators: Vec<Operator>,
    /// What comes out.
    pub output: Value,
}

/// What goes into a model, or comes out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The file's name for it, or empty.
    pub name: String,
    /// Its dimensions, without the batch. Empty where the file does not say them.
    pub shape: Vec<usize>,
    /// What its integers stand for, in a model of integers.
    pub codes: Option<Codes>,
}

/// The real number that an i8 stands for: `scale · (code − zero_point)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Codes {
    /// The step; finite and greater than 0.
    pub scale: f32,
    /// The code of the real number 0.
    pub zero_point: i8,
}

/// One operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Operator {
    /// The file's name for it: of a layer, of a node, or of what comes out of it.
    pub name: String,
    /// What the format calls such an operator, such as `FULLY_CONNECTED`.
    pub kind: String,
    /// What it does.
    pub operation: Operation,
    /// What the integers that come out stand for, in a model of integers.
    pub codes: Option<Codes>,
}

impl Operator {
    /// The name as it is shown. A converter that joins operators joins their names with semicolons,
    /// of which the last is that of the layer.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.name.rsplit(';').next().unwrap_or_default()
    }
}

/// What an operator does.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Every output is a weighted sum of all values.
    Dense(Dense),
    /// A dense layer over all channels of what each position reads.
    Convolution(Convolution),
    /// The same for each channel by itself.
    Depthwise(Depthwise),
    /// Each value reaches a window of outputs.
    Transposed(Transposed),
    /// The largest value of each channel.
    Maximum(Pool),
    /// The mean of each channel.
    Average(Pool),
    /// The mean of each channel over the whole map.
    GlobalAverage,
    /// Each value repeated, so often in height and width.
    Upsampling([usize; 2]),
    /// `factor · x + shift`, of each channel or, with one number each, of all: normalisation, and
    /// sums and products with constants. Behind a flat value there is a number for each of its values.
    Affine {
        /// What a channel is multiplied by.
        factor: Vec<f32>,
        /// What is added to it.
        shift: Vec<f32>,
    },
    /// A function of each value.
    Function(Function),
    /// The same values seen in another shape: the file's, without the batch.
    Reshape(Vec<usize>),
    /// The same map with its channels put first: shapes are `[channels, height, width]` from here on.
    ChannelsFirst,
    /// The same map with its channels put last: shapes are `[height, width, channels]` from here on.
    ChannelsLast,
    /// Nothing is done: what training alone has, and the borders between real numbers and integers.
    /// In a model of integers the codes may change.
    Identity,
}

impl Operation {
    /// Leaves weights and the like out, which take memory.
    pub(crate) fn forget_numbers(&mut self) {
        match self {
            Self::Dense(Dense { numbers, .. })
            | Self::Convolution(Convolution { numbers, .. })
            | Self::Depthwise(Depthwise { numbers, .. })
            | Self::Transposed(Transposed { numbers, .. }) => {
                *numbers = Numbers::Real { weights: Vec::new(), bias: Vec::new() };
            }
            Self::Affine { factor, shift } => (*factor, *shift) = (Vec::new(), Vec::new()),
            _ => (),
        }
    }

    /// The numbers of a layer with weights.
    #[must_use]
    pub fn numbers(&self) -> Option<&Numbers> {
        match self {
            Self::Dense(Dense { numbers, .. })
            | Self::Convolution(Convolution { numbers, .. })
            | Self::Depthwise(Depthwise { numbers, .. })
            | Self::Transposed(Transposed { numbers, .. }) => Some(numbers),
            _ => None,
        }
    }
}

/// A dense layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// Values that go in.
    pub inputs: usize,
    /// Values that come out.
    pub outputs: usize,
    /// A row of `inputs` weights for each output.
    pub numbers: Numbers,
}

/// A convolution. Of each pair the first is for the height, the second for the width; a signal has a
/// height of 1 and a kernel of `[1, k]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution {
    /// Channels of the map that goes in.
    pub channels_in: usize,
    /// Channels of the map that comes out.
    pub channels_out: usize,
    /// Parts of equal size that the channels are divided into, in order: a channel out reads those of its
    /// own part. Nearly always 1.
    pub groups: usize,
    /// Taps.
    pub kernel: [usize; 2],
    /// Places from a position to the next.
    pub stride: [usize; 2],
    /// Places from a tap to the next.
    pub dilation: [usize; 2],
    /// What lies beyond the map.
    pub padding: Padding,
    /// For each channel out the weights by height, width, channel in that it reads.
    pub numbers: Numbers,
}

/// A convolution of each channel by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Depthwise {
    /// Channels of the map that goes in.
    pub channels: usize,
    /// Channels that each of them gives; channel `c` gives those from `c · multiplier` on.
    pub multiplier: usize,
    /// Taps.
    pub kernel: [usize; 2],
    /// Places from a position to the next.
    pub stride: [usize; 2],
    /// Places from a tap to the next.
    pub dilation: [usize; 2],
    /// What lies beyond the map.
    pub padding: Padding,
    /// For each tap, by height and width, the weights of the channels out.
    pub numbers: Numbers,
}

/// A transposed convolution: the value of place `p` is added, weighted, to the outputs from
/// `p · stride` on, and `padding` of them are cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct Transposed {
    /// Channels of the map that goes in.
    pub channels_in: usize,
    /// Channels of the map that comes out.
    pub channels_out: usize,
    /// Outputs that a value reaches.
    pub kernel: [usize; 2],
    /// Outputs from those of a value to those of the next.
    pub stride: [usize; 2],
    /// Outputs that are cut off: with `Same` as many are left as places times `stride`, with
    /// `Valid` none are cut off.
    pub padding: Padding,
    /// Outputs put behind the last ones.
    pub output_padding: [usize; 2],
    /// Whether the file has the size of what comes out computed while the model runs. LiteRT does not
    /// leave such a layer to its faster kernels, which round sums of integers in another way.
    pub is_size_computed: bool,
    /// For each channel out the weights by height, width, channel in.
    pub numbers: Numbers,
}

/// A window over each channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Places that a position reads.
    pub kernel: [usize; 2],
    /// Places from a position to the next.
    pub stride: [usize; 2],
    /// What lies beyond the map.
    pub padding: Padding,
    /// Whether a mean counts the padding as zeros.
    pub counts_padding: bool,
}

/// What lies beyond a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As many positions as strides in the map, rounded up, with the padding on both sides and the
    /// odd place of it behind.
    Same,
    /// Positions that lie wholly in the map.
    Valid,
    /// So many places.
    Explicit {
        /// Above and to the left.
        before: [usize; 2],
        /// Below and to the right.
        after: [usize; 2],
    },
}

/// The numbers of a layer with weights. There is a bias for each output or channel out, 0 where the
/// file has none.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// Real numbers.
    Real {
        /// The weights.
        weights: Vec<f32>,
        /// The biases.
        bias: Vec<f32>,
    },
    /// Integers, whose zero is the real number 0.
    Integers {
        /// The weights.
        weights: Vec<i8>,
        /// What a weight's step is: one number, or one for each output or channel out.
        scales: Vec<f32>,
        /// The biases, in steps of the weight's scale times that of what comes in.
        bias: Vec<i32>,
    },
}

/// A function of one value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Function {
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// x where it is positive, else so many times x.
    LeakyRelu(f32),
    /// x where it is positive, else so many times `exp(x) − 1`.
    Elu(f32),
    /// `1 / (1 + exp(−x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `x · Φ(x)` with the error function.
    Gelu,
    /// `x · sigmoid(x)`, also called swish.
    Silu,
    /// `ln(1 + exp(x))`.
    Softplus,
    /// `x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2`, near GELU; of integers alone.
    GeluTanh,
    /// `x · min(max(x + 3, 0), 6) / 6`; of integers alone.
    HardSwish,
    /// `x · sigmoid(x)` whose second factor was made an integer before; of integers alone.
    SiluProduct,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relu => f.write_str("ReLU"),
            Self::Relu6 => f.write_str("ReLU6"),
            Self::LeakyRelu(slope) => write!(f, "leaky ReLU of {slope}"),
            Self::Elu(factor) => write!(f, "ELU of {factor}"),
            Self::Sigmoid => f.write_str("sigmoid"),
            Self::Tanh => f.write_str("tanh"),
            Self::Gelu => f.write_str("GELU"),
            Self::Silu | Self::SiluProduct => f.write_str("SiLU"),
            Self::Softplus => f.write_str("softplus"),
            Self::GeluTanh => f.write_str("GELU by tanh"),
            Self::HardSwish => f.write_str("hard swish"),
        }
    }
}
