//! A model of real numbers as its operators say it, in f64 and in the file's own order. It shares
//! nothing with what is tested.

pub(crate) mod codes;
mod function;
mod window;

use ae_import::{
    Convolution, Dense, Depthwise, Numbers, Operation, Padding, Pool, SourceModel, Transposed,
};

pub(crate) use function::of;
use window::Window;

/// Height, width and channels.
pub(crate) type Sizes = [usize; 3];

/// Values between two operators, in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f64>,
    pub(crate) channels_first: bool,
}

/// Where the value of a channel stands at a place.
pub(crate) fn place([height, width, channels]: Sizes, first: bool, [y, x, c]: Sizes) -> usize {
    if first { (c * height + y) * width + x } else { (y * width + x) * channels + c }
}

/// Height, width and channels that a shape says.
pub(crate) fn sizes(shape: &[usize], channels_first: bool) -> Sizes {
    match (shape, channels_first) {
        (&[c, w], true) | (&[w, c], false) => [1, w, c],
        (&[c, h, w], true) | (&[h, w, c], false) => [h, w, c],
        _ => panic!("{shape:?} is no map"),
    }
}

/// The shape that says height, width and channels; two dimensions of a signal.
pub(crate) fn shape_of([h, w, c]: Sizes, channels_first: bool, is_signal: bool) -> Vec<usize> {
    match (channels_first, is_signal) {
        (true, true) => vec![c, w],
        (true, false) => vec![c, h, w],
        (false, true) => vec![w, c],
        (false, false) => vec![h, w, c],
    }
}

/// What a model gives.
pub(crate) fn forward(model: &SourceModel, input: &[f64]) -> Vec<f64> {
    steps(model, input).pop().expect("an operator")
}

/// What each operator gives.
pub(crate) fn steps(model: &SourceModel, input: &[f64]) -> Vec<Vec<f64>> {
    let mut flow = Flow {
        shape: model.input.shape.clone(),
        values: input.to_vec(),
        channels_first: model.channels_first,
    };
    let mut steps = Vec::new();
    for operator in &model.operators {
        flow = flow.behind(&operator.operation);
        steps.push(flow.values.clone());
    }
    steps
}

impl Flow {
    fn sizes(&self) -> Sizes {
        sizes(&self.shape, self.channels_first)
    }

    fn at(&self, y: usize, x: usize, c: usize) -> f64 {
        self.values[place(self.sizes(), self.channels_first, [y, x, c])]
    }

    /// A map of other sizes, whose every value is a function of its place.
    fn map(&self, sizes: Sizes, value: impl Fn(Sizes) -> f64) -> Self {
        let [height, width, channels] = sizes;
        let mut values = vec![0.0; height * width * channels];
        for y in 0..height {
            for x in 0..width {
                for c in 0..channels {
                    values[place(sizes, self.channels_first, [y, x, c])] = value([y, x, c]);
                }
            }
        }
        let shape = shape_of(sizes, self.channels_first, self.shape.len() == 2);
        Self { shape, values, channels_first: self.channels_first }
    }

    pub(crate) fn behind(mut self, operation: &Operation) -> Self {
        match operation {
            Operation::Dense(dense) => self.dense(dense),
            Operation::Convolution(it) => self.convolution(it),
            Operation::Depthwise(it) => self.depthwise(it),
            Operation::Transposed(it) => self.transposed(it),
            Operation::Maximum(it) => {
                self.pool(it, |values| values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            }
            Operation::Average(it) => {
                let count = it.counts_padding.then_some((it.kernel[0] * it.kernel[1]) as f64);
                self.pool(it, |values| {
                    values.iter().sum::<f64>() / count.unwrap_or(values.len() as f64)
                })
            }
            Operation::GlobalAverage => {
                let [height, width, channels] = self.sizes();
                self.map([1, 1, channels], |[_, _, c]| {
                    let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
                    places.map(|(y, x)| self.at(y, x, c)).sum::<f64>() / (height * width) as f64
                })
            }
            Operation::Upsampling([high, wide]) => {
                let [height, width, channels] = self.sizes();
                self.map([height * high, width * wide, channels], |[y, x, c]| {
                    self.at(y / high, x / wide, c)
                })
            }
            Operation::Affine { factor, shift } => self.affine(factor, shift),
            Operation::Function(function) => {
                self.values.iter_mut().for_each(|value| *value = of(*function, *value));
                self
            }
            Operation::Reshape(shape) => Self { shape: shape.clone(), ..self },
            Operation::ChannelsFirst => self.ordered(true),
            Operation::ChannelsLast => self.ordered(false),
            Operation::Identity => self,
        }
    }

    fn ordered(self, first: bool) -> Self {
        let flow = Self { channels_first: first, ..self.clone() };
        let shape = shape_of(self.sizes(), first, self.shape.len() == 2);
        Self { shape, ..flow }.map(self.sizes(), |[y, x, c]| self.at(y, x, c))
    }

    fn dense(&self, dense: &Dense) -> Self {
        let (weights, bias) = real(&dense.numbers);
        let output = |output: usize| {
            let row = &weights[output * dense.inputs..][..dense.inputs];
            let products = row.iter().zip(&self.values).map(|(&weight, x)| f64::from(weight) * x);
            f64::from(bias[output]) + products.sum::<f64>()
        };
        let values: Vec<f64> = (0..dense.outputs).map(output).collect();
        Self { shape: vec![values.len()], values, channels_first: self.channels_first }
    }

    fn convolution(&self, it: &Convolution) -> Self {
        let ([height, width, _], (weights, bias)) = (self.sizes(), real(&it.numbers));
        let rows = Window::new(height, it.kernel[0], it.stride[0], it.dilation[0], it.padding, 0);
        let columns = Window::new(width, it.kernel[1], it.stride[1], it.dilation[1], it.padding, 1);
        self.map([rows.outputs, columns.outputs, it.channels_out], |[y, x, out]| {
            let mut sum = f64::from(bias[out]);
            for (ky, y) in rows.inputs(y) {
                for (kx, x) in columns.inputs(x) {
                    let reads = it.channels_in / it.groups;
                    let first = out / (it.channels_out / it.groups) * reads;
                    for from in 0..reads {
                        let tap = (out * it.kernel[0] + ky) * it.kernel[1] + kx;
                        let weight = weights[tap * reads + from];
                        sum += f64::from(weight) * self.at(y, x, first + from);
                    }
                }
            }
            sum
        })
    }

    fn depthwise(&self, it: &Depthwise) -> Self {
        let ([height, width, _], (weights, bias)) = (self.sizes(), real(&it.numbers));
        let rows = Window::new(height, it.kernel[0], it.stride[0], it.dilation[0], it.padding, 0);
        let columns = Window::new(width, it.kernel[1], it.stride[1], it.dilation[1], it.padding, 1);
        let channels_out = it.channels * it.multiplier;
        self.map([rows.outputs, columns.outputs, channels_out], |[y, x, out]| {
            let mut sum = f64::from(bias[out]);
            for (ky, y) in rows.inputs(y) {
                for (kx, x) in columns.inputs(x) {
                    let weight = weights[(ky * it.kernel[1] + kx) * channels_out + out];
                    sum += f64::from(weight) * self.at(y, x, out / it.multiplier);
                }
            }
            sum
        })
    }

    /// Each value is added, weighted, to the outputs from `p · stride` on, and then some are cut off.
    fn transposed(&self, it: &Transposed) -> Self {
        let ([height, width, _], (weights, bias)) = (self.sizes(), real(&it.numbers));
        let outputs = |places: usize, direction: usize| -> (usize, usize) {
            let (kernel, stride) = (it.kernel[direction], it.stride[direction]);
            let reached = (places - 1) * stride + kernel;
            let (outputs, cut) = match it.padding {
                Padding::Same => (places * stride, kernel.saturating_sub(stride) / 2),
                Padding::Valid => (reached, 0),
                Padding::Explicit { before, after } => {
                    (reached - before[direction] - after[direction], before[direction])
                }
            };
            (outputs + it.output_padding[direction], cut)
        };
        let ((rows, above), (columns, left)) = (outputs(height, 0), outputs(width, 1));
        let start = self.map([rows, columns, it.channels_out], |[_, _, out]| f64::from(bias[out]));
        let (sizes, mut values) = (start.sizes(), start.values.clone());
        for y in 0..height * it.kernel[0] {
            for x in 0..width * it.kernel[1] {
                let ((y, ky), (x, kx)) =
                    ((y / it.kernel[0], y % it.kernel[0]), (x / it.kernel[1], x % it.kernel[1]));
                let row = (y * it.stride[0] + ky).checked_sub(above).filter(|&row| row < rows);
                let column =
                    (x * it.stride[1] + kx).checked_sub(left).filter(|&column| column < columns);
                let Some((row, column)) = row.zip(column) else { continue };
                for out in 0..it.channels_out {
                    for from in 0..it.channels_in {
                        let tap = (out * it.kernel[0] + ky) * it.kernel[1] + kx;
                        let weight = f64::from(weights[tap * it.channels_in + from]);
                        let to = place(sizes, self.channels_first, [row, column, out]);
                        values[to] += weight * self.at(y, x, from);
                    }
                }
            }
        }
        Self { values, ..start }
    }

    fn pool(&self, it: &Pool, of: impl Fn(&[f64]) -> f64) -> Self {
        let [height, width, channels] = self.sizes();
        let rows = Window::new(height, it.kernel[0], it.stride[0], 1, it.padding, 0);
        let columns = Window::new(width, it.kernel[1], it.stride[1], 1, it.padding, 1);
        self.map([rows.outputs, columns.outputs, channels], |[y, x, c]| {
            let mut values = Vec::new();
            for (_, y) in rows.inputs(y) {
                values.extend(columns.inputs(x).into_iter().map(|(_, x)| self.at(y, x, c)));
            }
            of(&values)
        })
    }

    fn affine(mut self, factor: &[f32], shift: &[f32]) -> Self {
        let number = |numbers: &[f32], at: usize| -> f64 {
            let index = match numbers.len() {
                1 => 0,
                len if len == self.values.len() => at,
                _ if self.channels_first => at / (self.values.len() / self.shape[0]),
                len => at % len,
            };
            numbers[index].into()
        };
        let affine = |(at, x): (usize, &f64)| number(factor, at) * x + number(shift, at);
        self.values = self.values.iter().enumerate().map(affine).collect();
        self
    }
}

fn real(numbers: &Numbers) -> (&[f32], &[f32]) {
    match numbers {
        Numbers::Real { weights, bias } => (weights, bias),
        Numbers::Integers { .. } => panic!("integers"),
    }
}
