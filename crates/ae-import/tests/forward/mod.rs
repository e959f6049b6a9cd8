//! What a model computes, by simple loops in f64: to compare what was read with what the runtime of
//! its format gives.

mod layer;

use ae_import::{Codes, Function, Operation, SourceModel};

/// Values in the order of the file.
#[derive(Clone, Debug)]
struct Array {
    dims: Vec<usize>,
    data: Vec<f64>,
    /// Whether a map's channels are its first dimension.
    channels_first: bool,
}

/// A map with its channels last.
struct Map {
    height: usize,
    width: usize,
    channels: usize,
    data: Vec<f64>,
}

impl Map {
    fn at(&self, y: usize, x: usize, channel: usize) -> f64 {
        self.data[(y * self.width + x) * self.channels + channel]
    }
}

impl Array {
    fn map(&self) -> Map {
        let dims = match (self.dims.as_slice(), self.channels_first) {
            (&[c, h, w], true) | (&[h, w, c], false) => [h, w, c],
            (&[c, w], true) | (&[w, c], false) => [1, w, c],
            (&[c], _) => [1, 1, c],
            (dims, _) => panic!("{dims:?} is no map"),
        };
        let [height, width, channels] = dims;
        let places = height * width;
        let data = (0..self.data.len()).map(|at| {
            let (place, channel) = (at / channels, at % channels);
            self.data[if self.channels_first { channel * places + place } else { at }]
        });
        Map { height, width, channels, data: data.collect() }
    }

    /// A map in the file's order, with as many dimensions as this has.
    fn of(&self, map: Map) -> Self {
        let Map { height, width, channels, data } = map;
        let places = height * width;
        let data = (0..data.len()).map(|at| {
            let (channel, place) = (at / places, at % places);
            data[if self.channels_first { place * channels + channel } else { at }]
        });
        let signal = self.dims.len() == 2;
        let places = if signal { vec![width] } else { vec![height, width] };
        let dims = match self.channels_first {
            true => [vec![channels], places].concat(),
            false => [places, vec![channels]].concat(),
        };
        Self { dims, data: data.collect(), channels_first: self.channels_first }
    }

    fn flat(&self, data: Vec<f64>) -> Self {
        Self { dims: vec![data.len()], data, channels_first: self.channels_first }
    }
}

/// What comes out, in real numbers.
pub(crate) fn forward(model: &SourceModel, input: &[f64]) -> Vec<f64> {
    let dims = model.input.shape.clone();
    let data = input.to_vec();
    let mut value = Array { dims, data, channels_first: model.channels_first };
    let mut codes = model.input.codes;
    round(&mut value, codes);
    for operator in &model.operators {
        value = apply(&operator.operation, value, codes);
        codes = operator.codes;
        round(&mut value, codes);
    }
    assert_eq!(value.dims, model.output.shape, "the shape of what comes out");
    value.data
}

/// As integers have them: multiples of the scale, as far as 8 bits reach.
fn round(value: &mut Array, codes: Option<Codes>) {
    let Some(Codes { scale, zero_point }) = codes else { return };
    let (scale, zero) = (f64::from(scale), f64::from(zero_point));
    for real in &mut value.data {
        *real = ((*real / scale).round().clamp(-128.0 - zero, 127.0 - zero)) * scale;
    }
}

fn apply(operation: &Operation, value: Array, codes: Option<Codes>) -> Array {
    match operation {
        Operation::Dense(dense) => value.flat(layer::dense(dense, &value.data, codes)),
        Operation::Convolution(conv) => value.of(layer::convolution(conv, &value.map(), codes)),
        Operation::Depthwise(conv) => value.of(layer::depthwise(conv, &value.map(), codes)),
        Operation::Transposed(conv) => value.of(layer::transposed(conv, &value.map(), codes)),
        Operation::Maximum(pool) => value.of(layer::pool(pool, &value.map(), false)),
        Operation::Average(pool) => value.of(layer::pool(pool, &value.map(), true)),
        Operation::GlobalAverage => {
            let map = value.map();
            let places = (map.height * map.width) as f64;
            let of = |channel| map.data.iter().skip(channel).step_by(map.channels).sum::<f64>();
            value.flat((0..map.channels).map(|channel| of(channel) / places).collect())
        }
        Operation::Upsampling([vertical, horizontal]) => {
            let map = value.map();
            let (height, width) = (map.height * vertical, map.width * horizontal);
            let mut data = Vec::new();
            for y in 0..height {
                for x in 0..width {
                    data.extend((0..map.channels).map(|c| map.at(y / vertical, x / horizontal, c)));
                }
            }
            value.of(Map { height, width, channels: map.channels, data })
        }
        Operation::Affine { factor, shift } => affine(value, factor, shift),
        Operation::Function(function) => {
            let data = value.data.iter().map(|x| of_value(*function, *x)).collect();
            Array { data, ..value }
        }
        Operation::Reshape(dims) => {
            assert_eq!(dims.iter().product::<usize>(), value.data.len(), "a reshaping to {dims:?}");
            Array { dims: dims.clone(), ..value }
        }
        Operation::ChannelsFirst | Operation::ChannelsLast => {
            let map = value.map();
            let channels_first = *operation == Operation::ChannelsFirst;
            assert_ne!(value.channels_first, channels_first);
            Array { channels_first, ..value }.of(map)
        }
        Operation::Identity => value,
    }
}

fn affine(value: Array, factor: &[f32], shift: &[f32]) -> Array {
    assert_eq!(factor.len(), shift.len());
    let number = |numbers: &[f32], channel: usize| {
        f64::from(if numbers.len() == 1 { numbers[0] } else { numbers[channel] })
    };
    let mut map = value.map();
    for (at, x) in map.data.iter_mut().enumerate() {
        let channel = at % map.channels;
        *x = number(factor, channel) * *x + number(shift, channel);
    }
    match value.dims.len() {
        1 => value.flat(map.data),
        _ => value.of(map),
    }
}

fn of_value(function: Function, x: f64) -> f64 {
    match function {
        Function::Relu => x.max(0.0),
        Function::Relu6 => x.clamp(0.0, 6.0),
        Function::LeakyRelu(slope) => {
            if x > 0.0 {
                x
            } else {
                f64::from(slope) * x
            }
        }
        Function::Elu(factor) => {
            if x > 0.0 {
                x
            } else {
                f64::from(factor) * x.exp_m1()
            }
        }
        Function::Sigmoid => sigmoid(x),
        Function::Tanh => x.tanh(),
        Function::Gelu => x * normal(x),
        Function::Silu | Function::SiluProduct => x * sigmoid(x),
        Function::GeluTanh | Function::HardSwish => panic!("of integers alone"),
        Function::Softplus => x.exp().ln_1p(),
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The standard normal distribution, by its series around 0: for the small values of tests.
fn normal(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= x * x / f64::from(2 * n + 1);
        sum += term;
    }
    0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}
