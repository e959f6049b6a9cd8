//! Models by lot: chains of operators whose shapes fit, with an output of the input's size.

use ae_import::{
    Codes, Convolution, Dense, Depthwise, Function, Numbers, Operation, Operator, Padding, Pool,
    SourceFormat, SourceModel, Transposed, Value,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::forward::{Sizes, shape_of, sizes};

/// Numbers by lot.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From 0 on, less than `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end as u64) as usize
    }

    /// Both ends included.
    pub(crate) fn within(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// From −1 to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        self.0.next_u32() as f32 / u32::MAX as f32 * 2.0 - 1.0
    }

    pub(crate) fn units(&mut self, count: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|_| scale * self.unit()).collect()
    }

    pub(crate) fn function(&mut self) -> Function {
        let number = self.unit().abs();
        self.of(&[
            Function::Relu,
            Function::Relu6,
            Function::LeakyRelu(number),
            Function::LeakyRelu(-number),
            Function::Elu(number),
            Function::Elu(-number),
            Function::Sigmoid,
            Function::Tanh,
            Function::Gelu,
            Function::Silu,
            Function::Softplus,
        ])
    }
}

/// What lies behind the operators that were drawn so far.
enum Shape {
    Flat(usize),
    Map(Sizes),
}

struct Chain<'d> {
    draw: &'d mut Draw,
    shape: Shape,
    is_signal: bool,
    channels_first: bool,
    operators: Vec<Operator>,
}

/// A model of real numbers.
pub(crate) fn model(draw: &mut Draw) -> SourceModel {
    let channels_first = draw.once_in(2);
    let is_signal = draw.once_in(3);
    let is_flat = draw.once_in(3);
    let height = if is_signal { 1 } else { draw.within(1, 6) };
    let map = [height, draw.within(1, 7), draw.within(1, 4)];
    let flat = map.iter().product();
    let shape = if is_flat { vec![flat] } else { shape_of(map, channels_first, is_signal) };
    let mut chain = Chain {
        shape: if is_flat { Shape::Flat(flat) } else { Shape::Map(map) },
        is_signal,
        channels_first,
        operators: Vec::new(),
        draw,
    };
    let mut is_reshaped = false;
    if is_flat && chain.draw.once_in(2) {
        // The file sees the values that go in as a map, whose order they have from then on.
        chain.reshape(map);
        is_reshaped = true;
    }
    for _ in 0..chain.draw.within(1, 8) {
        chain.any();
    }
    // An encoder has a layer.
    while !chain.has_layer() {
        chain.any();
    }
    chain.to_order(channels_first);
    chain.end(map, is_flat, is_reshaped);
    while chain.draw.once_in(3) {
        chain.value_by_value();
    }
    let operators = chain.operators;
    SourceModel {
        format: SourceFormat::Onnx,
        channels_first,
        input: Value { name: "in".into(), shape: shape.clone(), codes: None },
        operators,
        output: Value { name: "out".into(), shape, codes: None },
    }
}

/// An operator with a name of its own.
pub(crate) fn operator(index: usize, operation: Operation, codes: Option<Codes>) -> Operator {
    let kind = format!("{operation:?}");
    let kind = kind.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
    Operator { name: format!("op{index}"), kind, operation, codes }
}

impl Chain<'_> {
    fn push(&mut self, operation: Operation) {
        self.operators.push(operator(self.operators.len(), operation, None));
    }

    fn has_layer(&self) -> bool {
        self.operators.iter().any(|operator| {
            !matches!(
                operator.operation,
                Operation::Function(_)
                    | Operation::Affine { .. }
                    | Operation::Identity
                    | Operation::Reshape(_)
                    | Operation::ChannelsFirst
                    | Operation::ChannelsLast
            )
        })
    }

    fn values(&self) -> usize {
        match self.shape {
            Shape::Flat(values) => values,
            Shape::Map(map) => map.iter().product(),
        }
    }

    fn numbers(&mut self, weights: usize, reads: usize, biases: usize) -> Numbers {
        let scale = (3.0 / reads as f32).sqrt();
        let weights = self.draw.units(weights, scale);
        let bias =
            if self.draw.once_in(4) { vec![0.0; biases] } else { self.draw.units(biases, 0.5) };
        Numbers::Real { weights, bias }
    }

    fn any(&mut self) {
        match self.shape {
            Shape::Flat(values) => match self.draw.below(6) {
                0 | 1 => {
                    let outputs = self.draw.within(1, 24);
                    self.dense(values, outputs);
                }
                2 => {
                    let map = self.factors(values);
                    if self.is_last_dense() || !self.channels_first {
                        self.reshape(map);
                    }
                }
                _ => self.value_by_value(),
            },
            Shape::Map(map) => match self.draw.below(16) {
                0 | 1 => self.convolution(map),
                2 | 3 => self.depthwise(map),
                4 | 5 => self.transposed(map),
                6 | 7 => self.pool(map),
                8 if self.draw.once_in(3) => {
                    self.push(Operation::GlobalAverage);
                    self.shape = Shape::Map([1, 1, map[2]]);
                }
                9 => {
                    let factor = [
                        if self.is_signal { 1 } else { self.draw.within(1, 2) },
                        self.draw.within(1, 3),
                    ];
                    let to = [map[0] * factor[0], map[1] * factor[1], map[2]];
                    if to.iter().product::<usize>() <= 400 {
                        self.push(Operation::Upsampling(factor));
                        self.shape = Shape::Map(to);
                    }
                }
                10 => {
                    self.push(Operation::Reshape(vec![map.iter().product()]));
                    self.shape = Shape::Flat(map.iter().product());
                }
                11 => self.other_map(map),
                12 => self.to_order(!self.channels_first),
                _ => self.value_by_value(),
            },
        }
    }

    /// Whether the values come from a dense layer, so that they may be seen as any map.
    fn is_last_dense(&self) -> bool {
        let works = self.operators.iter().rev().find(|operator| {
            !matches!(
                operator.operation,
                Operation::Function(_) | Operation::Affine { .. } | Operation::Identity
            )
        });
        works.is_some_and(|it| matches!(it.operation, Operation::Dense(_)))
    }

    fn factors(&mut self, values: usize) -> Sizes {
        let divisors = |of: usize| (1..=of).filter(|by| of.is_multiple_of(*by)).collect::<Vec<_>>();
        let channels = self.draw.of(&divisors(values));
        let height = if self.is_signal { 1 } else { self.draw.of(&divisors(values / channels)) };
        [height, values / channels / height, channels]
    }

    fn reshape(&mut self, map: Sizes) {
        self.push(Operation::Reshape(shape_of(map, self.channels_first, self.is_signal)));
        self.shape = Shape::Map(map);
    }

    /// The same values as another map; with channels first only one of as many channels.
    fn other_map(&mut self, map: Sizes) {
        let to = if self.channels_first {
            let places = self.factors(map[0] * map[1]);
            if self.is_signal { map } else { [places[0] * places[2], places[1], map[2]] }
        } else {
            self.factors(map.iter().product())
        };
        self.reshape(to);
    }

    fn to_order(&mut self, channels_first: bool) {
        if self.channels_first == channels_first {
            return;
        }
        if let Shape::Flat(values) = self.shape {
            if !self.is_last_dense() {
                self.dense(values, values);
            }
            self.reshape([1, 1, values]);
        }
        self.channels_first = channels_first;
        self.push(if channels_first { Operation::ChannelsFirst } else { Operation::ChannelsLast });
    }

    fn dense(&mut self, inputs: usize, outputs: usize) {
        let numbers = self.numbers(inputs * outputs, inputs, outputs);
        self.push(Operation::Dense(Dense { inputs, outputs, numbers }));
        self.shape = Shape::Flat(outputs);
    }

    fn value_by_value(&mut self) {
        let operation = match self.draw.below(5) {
            0 => Operation::Identity,
            1 | 2 => {
                let channels = match self.shape {
                    Shape::Flat(values) => values,
                    Shape::Map([_, _, channels]) => channels,
                };
                let lens = [1, channels, channels, self.values()];
                let (factors, shifts) = (self.draw.of(&lens), self.draw.of(&lens));
                let mut factor = self.draw.units(factors, 1.0);
                factor.iter_mut().for_each(|factor| *factor += factor.signum() * 0.3);
                if self.draw.once_in(2) {
                    factor.iter_mut().for_each(|factor| *factor = factor.abs());
                }
                let zero = self.draw.once_in(3);
                let shift = if zero { vec![0.0; shifts] } else { self.draw.units(shifts, 1.0) };
                Operation::Affine { factor, shift }
            }
            _ => Operation::Function(self.draw.function()),
        };
        self.push(operation);
    }

    /// Kernel, stride and dilation along one direction of so many places.
    fn taps(&mut self, places: usize, dilated: bool) -> [usize; 3] {
        let dilation = if dilated && self.draw.once_in(3) { 2 } else { 1 };
        [self.draw.within(1, 4.min(places + 1)), self.draw.within(1, 3), dilation]
    }

    /// A window over a map: kernel, stride, dilation, padding, and what comes out.
    fn window(
        &mut self,
        [height, width, _]: Sizes,
        dilated: bool,
    ) -> ([usize; 2], [usize; 2], [usize; 2], Padding, [usize; 2]) {
        let [mut high, wide] = [self.taps(height, dilated), self.taps(width, dilated)];
        if self.is_signal {
            high = [1, 1, 1];
        }
        let (places, axes) = ([height, width], [high, wide]);
        let pair = |at: usize| [axes[0][at], axes[1][at]];
        let (kernel, stride, dilation) = (pair(0), pair(1), pair(2));
        let extent = [0, 1].map(|at| (kernel[at] - 1) * dilation[at] + 1);
        let fits = (0..2).all(|at| extent[at] <= places[at]);
        let padding = match self.draw.below(3) {
            0 if fits => Padding::Valid,
            1 => Padding::Same,
            _ => {
                let mut before = [0; 2];
                let mut after = [0; 2];
                for at in 0..2 {
                    before[at] = self.draw.below(extent[at]);
                    let least = extent[at].saturating_sub(places[at] + before[at]);
                    after[at] = self.draw.within(least, extent[at] - 1);
                }
                Padding::Explicit { before, after }
            }
        };
        let outputs = [0, 1].map(|at| match padding {
            Padding::Same => places[at].div_ceil(stride[at]),
            Padding::Valid => (places[at] - extent[at]) / stride[at] + 1,
            Padding::Explicit { before, after } => {
                (places[at] + before[at] + after[at] - extent[at]) / stride[at] + 1
            }
        });
        (kernel, stride, dilation, padding, outputs)
    }

    fn convolution(&mut self, map: Sizes) {
        let (kernel, stride, dilation, padding, [high, wide]) = self.window(map, true);
        let (channels_in, channels_out) = (map[2], self.draw.within(1, 5));
        let reads = kernel[0] * kernel[1] * channels_in;
        let numbers = self.numbers(reads * channels_out, reads, channels_out);
        let it =
            Convolution { channels_in, channels_out, kernel, stride, dilation, padding, numbers };
        self.push(Operation::Convolution(it));
        self.shape = Shape::Map([high, wide, channels_out]);
    }

    fn depthwise(&mut self, map: Sizes) {
        let (kernel, stride, dilation, padding, [high, wide]) = self.window(map, true);
        let (channels, multiplier) = (map[2], self.draw.of(&[1, 1, 2, 3]));
        let taps = kernel[0] * kernel[1];
        let channels_out = channels * multiplier;
        let numbers = self.numbers(taps * channels_out, taps, channels_out);
        let it = Depthwise { channels, multiplier, kernel, stride, dilation, padding, numbers };
        self.push(Operation::Depthwise(it));
        self.shape = Shape::Map([high, wide, channels_out]);
    }

    fn pool(&mut self, map: Sizes) {
        let (kernel, stride, _, padding, [high, wide]) = self.window(map, false);
        let counts_padding = padding == Padding::Valid && self.draw.once_in(2);
        let pool = Pool { kernel, stride, padding, counts_padding };
        let is_mean = self.draw.once_in(2);
        self.push(if is_mean { Operation::Average(pool) } else { Operation::Maximum(pool) });
        self.shape = Shape::Map([high, wide, map[2]]);
    }

    /// A kernel, a stride, what is cut off in front and behind, what is put behind, and what comes
    /// out along one direction.
    fn spread(&mut self, places: usize) -> [usize; 6] {
        let (kernel, stride) = (self.draw.within(1, 5), self.draw.within(1, 3));
        let reached = (places - 1) * stride + kernel;
        let before = self.draw.below(kernel.min(reached));
        let after = self.draw.below(kernel.min(reached - before));
        let further = if self.draw.once_in(2) { 0 } else { self.draw.below(stride) };
        [kernel, stride, before, after, further, reached - before - after + further]
    }

    fn transposed(&mut self, map: Sizes) {
        let high = if self.is_signal { [1, 1, 0, 0, 0, 1] } else { self.spread(map[0]) };
        let (axes, places) = ([high, self.spread(map[1])], [map[0], map[1]]);
        let pair = |at: usize| [axes[0][at], axes[1][at]];
        let (kernel, stride, further) = (pair(0), pair(1), pair(4));
        let (padding, outputs) = match self.draw.below(3) {
            0 => (Padding::Same, [0, 1].map(|at| places[at] * stride[at] + further[at])),
            1 => {
                let reached =
                    |at: usize| (places[at] - 1) * stride[at] + kernel[at].max(stride[at]);
                (Padding::Valid, [0, 1].map(|at| reached(at) + further[at]))
            }
            _ => (Padding::Explicit { before: pair(2), after: pair(3) }, pair(5)),
        };
        let channels_out = self.draw.within(1, 4);
        if outputs[0] * outputs[1] * channels_out > 400 {
            return;
        }
        self.push_transposed(map[2], channels_out, kernel, stride, padding, further);
        self.shape = Shape::Map([outputs[0], outputs[1], channels_out]);
    }

    fn push_transposed(
        &mut self,
        channels_in: usize,
        channels_out: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: Padding,
        output_padding: [usize; 2],
    ) {
        let taps = kernel[0] * kernel[1];
        let weights = taps * channels_in * channels_out;
        let numbers = self.numbers(weights, (taps * channels_in).max(1), channels_out);
        self.push(Operation::Transposed(Transposed {
            channels_in,
            channels_out,
            kernel,
            stride,
            padding,
            output_padding,
            numbers,
        }));
    }

    /// Comes back to the input's shape: by a transposed convolution where there is a map, or by a
    /// dense layer.
    fn end(&mut self, to: Sizes, is_flat: bool, is_reshaped: bool) {
        let reaches = match self.shape {
            Shape::Map([height, width, _]) => height <= to[0] && width <= to[1],
            Shape::Flat(_) => false,
        };
        let keeps = !is_flat || is_reshaped || to[2] == 1 || !self.channels_first;
        if let Shape::Map(map) = self.shape
            && reaches
            && keeps
            && self.draw.once_in(2)
        {
            // So many outputs that some are cut off behind.
            let stride = [0, 1].map(|at| to[at].div_ceil(map[at]));
            let kernel = stride.map(|stride| stride + self.draw.below(3));
            let after = [0, 1].map(|at| (map[at] - 1) * stride[at] + kernel[at] - to[at]);
            let padding = Padding::Explicit { before: [0; 2], after };
            self.push_transposed(map[2], to[2], kernel, stride, padding, [0; 2]);
            self.shape = Shape::Map(to);
            if is_flat {
                self.push(Operation::Reshape(vec![to.iter().product()]));
                self.shape = Shape::Flat(to.iter().product());
            }
            return;
        }
        let values = self.values();
        if let Shape::Map(_) = self.shape {
            self.push(Operation::Reshape(vec![values]));
        }
        self.dense(values, to.iter().product());
        if self.draw.once_in(2) {
            self.value_by_value();
        }
        if !is_flat && self.draw.once_in(2) {
            self.reshape(to);
        }
    }
}

/// The map that goes into a model, with its channels first, if it is one.
pub(crate) fn map_first(model: &SourceModel) -> Option<Sizes> {
    let is_map = model.channels_first && model.input.shape.len() > 1;
    is_map.then(|| sizes(&model.input.shape, true))
}

/// A model in short: its operators without the numbers of layers.
pub(crate) fn words(model: &SourceModel) -> String {
    let of = |operation: &Operation| {
        let mut operation = operation.clone();
        match &mut operation {
            Operation::Dense(Dense { numbers, .. })
            | Operation::Convolution(Convolution { numbers, .. })
            | Operation::Depthwise(Depthwise { numbers, .. })
            | Operation::Transposed(Transposed { numbers, .. }) => {
                *numbers = Numbers::Real { weights: Vec::new(), bias: Vec::new() };
            }
            Operation::Affine { factor, shift } => {
                return format!("Affine of {} and {} numbers", factor.len(), shift.len());
            }
            _ => (),
        }
        let words = format!("{operation:?}");
        words.replace(", numbers: Real { weights: [], bias: [] }", "")
    };
    let start = format!("{:?}, channels first: {}", model.input.shape, model.channels_first);
    let operators = model.operators.iter().map(|operator| of(&operator.operation));
    std::iter::once(start).chain(operators).collect::<Vec<_>>().join("\n")
}
