//! Models by lot: chains of operators whose shapes fit, with an output of the input's size.

use ae_import::{
    Codes, Convolution, Dense, Depthwise, Numbers, Operation, Operator, Padding, SourceFormat,
    SourceModel, Transposed, Value,
};

use super::draw::Draw;
use super::forward::{Sizes, shape_of, sizes};

/// What lies behind the operators that were drawn so far.
pub(crate) enum Shape {
    Flat(usize),
    Map(Sizes),
}

pub(crate) struct Chain<'d> {
    pub(crate) draw: &'d mut Draw,
    pub(crate) shape: Shape,
    pub(crate) is_signal: bool,
    pub(crate) channels_first: bool,
    pub(crate) operators: Vec<Operator>,
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
    chain.change_order(channels_first);
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
    pub(crate) fn push(&mut self, operation: Operation) {
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

    pub(crate) fn values(&self) -> usize {
        match self.shape {
            Shape::Flat(values) => values,
            Shape::Map(map) => map.iter().product(),
        }
    }

    pub(crate) fn numbers(&mut self, weights: usize, reads: usize, biases: usize) -> Numbers {
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
                12 => self.change_order(!self.channels_first),
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

    fn change_order(&mut self, channels_first: bool) {
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
