//! No model brings the lowering down, however broken it is: there is an error or a blob.

mod common;

use std::collections::HashSet;

use ae_core::Provenance;
use ae_data::npy::{Numbers as Samples, Values};
use ae_import::{
    Codes, Convolution, Dense, Depthwise, Function, IntegerModel, Lowered, Making, Numbers,
    Operation, Origin, OutputPixels, Padding, PixelMap, Pool, RealModel, Rounding, Runner,
    SourceModel, Transposed, lower, with_runtime_output,
};
use ae_quantize::{Seal, float_blob};
use common::draw::Draw;
use common::integers::model as integer_model;
use common::made::{MAKING, float, samples};
use common::models::model as real_model;
use common::parts::{self, dense, of_integers};

/// A size that makes trouble.
fn size(draw: &mut Draw) -> usize {
    let any = draw.below(70_000);
    draw.of(&[0, 1, 2, 3, 255, 4096, 65_535, 65_536, any, 1 << 31, usize::MAX / 2, usize::MAX])
}

fn number(draw: &mut Draw) -> f32 {
    let any = draw.unit();
    draw.of(&[
        0.0,
        -0.0,
        1.0,
        any,
        f32::NAN,
        f32::INFINITY,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
        -3.0,
    ])
}

fn codes(draw: &mut Draw) -> Option<Codes> {
    let (scale, zero_point) = (number(draw), draw.below(256) as u8 as i8);
    draw.of(&[None, Some(Codes { scale, zero_point }), Some(Codes { scale: 0.1, zero_point })])
}

/// Takes some away, puts some on, or changes one.
fn vector<T: Clone>(draw: &mut Draw, all: &mut Vec<T>, one: impl Fn(&mut Draw) -> T) {
    let at = draw.below(all.len() + 1);
    match draw.below(5) {
        0 => all.clear(),
        1 => all.truncate(at),
        2 => all.push(one(draw)),
        3 => all.extend_from_within(..at),
        _ => {
            let number = one(draw);
            all.iter_mut().skip(at).take(1).for_each(|place| *place = number.clone());
        }
    }
}

fn pair(draw: &mut Draw, pair: &mut [usize; 2]) {
    pair[draw.below(2)] = size(draw);
}

fn padding(draw: &mut Draw) -> Padding {
    let explicit = Padding::Explicit {
        before: [size(draw), draw.below(3)],
        after: [draw.below(3), size(draw)],
    };
    draw.of(&[Padding::Same, Padding::Valid, explicit])
}

fn numbers(draw: &mut Draw, numbers: &mut Numbers) {
    match numbers {
        Numbers::Real { weights, bias } => match draw.below(2) {
            0 => vector(draw, weights, number),
            _ => vector(draw, bias, number),
        },
        Numbers::Integers { weights, scales, bias } => match draw.below(3) {
            0 => vector(draw, weights, |draw| draw.of(&[-128, -127, 127, 0])),
            1 => vector(draw, scales, number),
            _ => vector(draw, bias, |draw| draw.of(&[i32::MIN, i32::MAX, 1 << 30, -1, 0])),
        },
    }
}

fn operation(draw: &mut Draw, operation: &mut Operation) {
    let part = draw.below(8);
    match operation {
        Operation::Dense(it) => match part {
            0 => it.inputs = size(draw),
            1 => it.outputs = size(draw),
            _ => numbers(draw, &mut it.numbers),
        },
        Operation::Convolution(it) if part == 7 => it.groups = size(draw),
        Operation::Convolution(Convolution {
            channels_in: from,
            channels_out: to,
            kernel,
            stride,
            dilation,
            padding: beyond,
            numbers: own,
            ..
        })
        | Operation::Depthwise(Depthwise {
            channels: from,
            multiplier: to,
            kernel,
            stride,
            dilation,
            padding: beyond,
            numbers: own,
        })
        | Operation::Transposed(Transposed {
            channels_in: from,
            channels_out: to,
            kernel,
            stride,
            output_padding: dilation,
            is_size_computed: _,
            padding: beyond,
            numbers: own,
        }) => match part {
            0 => *from = size(draw),
            1 => *to = size(draw),
            2 => pair(draw, kernel),
            3 => pair(draw, stride),
            4 => pair(draw, dilation),
            5 => *beyond = padding(draw),
            _ => numbers(draw, own),
        },
        Operation::Maximum(it) | Operation::Average(it) => match part {
            0 => pair(draw, &mut it.kernel),
            1 => pair(draw, &mut it.stride),
            2 => it.padding = padding(draw),
            _ => it.counts_padding ^= true,
        },
        Operation::Upsampling(factor) => pair(draw, factor),
        Operation::Affine { factor, shift } => match part % 2 {
            0 => vector(draw, factor, number),
            _ => vector(draw, shift, number),
        },
        Operation::Function(function) => {
            let number = number(draw);
            *function = draw.of(&[
                Function::LeakyRelu(number),
                Function::Elu(number),
                Function::Relu6,
                Function::Gelu,
            ]);
        }
        Operation::Reshape(shape) => vector(draw, shape, size),
        Operation::GlobalAverage
        | Operation::ChannelsFirst
        | Operation::ChannelsLast
        | Operation::Identity => *operation = any(draw),
    }
}

fn any(draw: &mut Draw) -> Operation {
    let pool = Pool {
        kernel: [size(draw), 1],
        stride: [1, size(draw)],
        padding: padding(draw),
        counts_padding: false,
    };
    let numbers =
        Numbers::Real { weights: vec![1.0; draw.below(9)], bias: vec![0.0; draw.below(3)] };
    let all = [
        Operation::Dense(Dense { inputs: size(draw), outputs: size(draw), numbers }),
        Operation::Maximum(pool.clone()),
        Operation::Average(pool),
        Operation::GlobalAverage,
        Operation::Upsampling([size(draw), size(draw)]),
        Operation::Affine { factor: vec![number(draw)], shift: vec![] },
        Operation::Affine { factor: vec![], shift: vec![] },
        Operation::Reshape(vec![size(draw), size(draw)]),
        Operation::ChannelsFirst,
        Operation::ChannelsLast,
        Operation::Function(draw.function()),
    ];
    draw.of(&all)
}

fn broken(draw: &mut Draw) -> SourceModel {
    let mut model = if draw.once_in(2) { real_model(draw) } else { integer_model(draw) };
    for _ in 0..draw.within(1, 3) {
        let count = model.operators.len();
        if count == 0 {
            return model;
        }
        let at = draw.below(count);
        match draw.below(16) {
            0 => vector(draw, &mut model.input.shape, size),
            1 => model.input.codes = codes(draw),
            2 => model.channels_first ^= true,
            3 => model.operators[at].codes = codes(draw),
            4 => drop(model.operators.remove(at)),
            5 => model.operators.swap(at, draw.below(count)),
            6 => {
                let one = vec![model.operators[at].clone(); draw.of(&[1, 33, 70])];
                model.operators.splice(at..at, one);
            }
            7 => model.operators[at].operation = any(draw),
            _ => operation(draw, &mut model.operators[at].operation),
        }
    }
    model
}

/// Everything that is done with a model of real numbers; whether there is a blob.
fn real(draw: &mut Draw, real: &RealModel) -> bool {
    let values = real.values();
    let data: Vec<f32> = (0..2 * values).map(|_| number(draw)).collect();
    let _ = real.pixel_maps(&data);
    let data = draw.units(2 * values, 3.0);
    let mut maps = real.pixel_maps(&data).unwrap();
    if draw.once_in(3) {
        vector(draw, &mut maps, |draw| PixelMap { scale: number(draw), offset: number(draw) });
    }
    let Ok(blob) = float(real, &maps) else { return false };
    let runner = Runner::new(&blob).unwrap();
    assert_eq!(runner.values(&samples(data, values)).unwrap().len(), 2 * values);
    true
}

/// The same for one of integers.
fn integers(draw: &mut Draw, integers: &IntegerModel) -> bool {
    let output = draw.of(&[OutputPixels::OfInput, OutputPixels::OfRuntime]);
    let Ok(blob) = integers.blob(&Making { output, ..MAKING }) else { return false };
    let width = ae_engine::check(&blob).unwrap().features as usize;
    let values = Values::I8((0..width).map(|_| draw.below(256) as u8 as i8).collect());
    let numbers = Samples { samples: 1, shape: vec![width], values };
    Runner::new(&blob).unwrap().compare(&numbers, &numbers).unwrap();
    true
}

#[test]
fn there_is_an_error_or_a_blob() {
    let mut seen = [0; 3];
    for seed in 0..600 {
        let mut draw = Draw::new(seed);
        let model = broken(&mut draw);
        let is_blob = match lower(&mut model.clone(), Rounding::Once) {
            Err(error) => {
                assert!(error.to_string().contains("; "), "nothing to do: {error}");
                false
            }
            Ok(Lowered::Real(lowered)) => real(&mut draw, &lowered),
            Ok(Lowered::Integers(lowered)) => integers(&mut draw, &lowered),
        };
        match (is_blob, model.input.codes) {
            (false, _) => seen[0] += 1,
            (true, None) => seen[1] += 1,
            (true, Some(_)) => seen[2] += 1,
        }
    }
    assert!(seen.iter().all(|&count| count > 30), "{seen:?}");
}

/// A blob says what it was made of, and may say anything.
#[test]
fn what_a_blob_says_of_its_making_is_not_believed() {
    let layer = |inputs, outputs| Operation::Dense(dense(inputs, outputs));
    let end = Operation::Function(Function::Relu6);
    let mut model = of_integers(&[4], vec![layer(4, 2), layer(2, 4), end]);
    model.operators[2].codes = Some(Codes { scale: 0.03, zero_point: 5 });
    let Ok(Lowered::Integers(lowered)) = lower(&mut model.clone(), Rounding::Once) else {
        panic!("{model:?}")
    };
    let blob = lowered.blob(&MAKING).unwrap();
    let bytes = ae_engine::provenance(&blob).unwrap().config.to_vec();
    let mut tables = HashSet::new();
    for at in 0..bytes.len() {
        for byte in 0..=255 {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            let origin = Origin::from_bytes(&bytes);
            let Some(ends) = origin.and_then(|origin| origin.integers) else { continue };
            tables.extend(with_runtime_output(&blob, &ends));
        }
    }
    assert!(tables.len() > 100, "{} tables", tables.len());
}

/// The same of the order of its values and of what its pixels stand for.
#[test]
fn an_order_that_is_not_that_of_the_blob_is_not_followed() {
    let layer = |inputs, outputs| Operation::Dense(dense(inputs, outputs));
    let Ok(Lowered::Real(lowered)) =
        lower(&mut parts::model(&[4], vec![layer(4, 2), layer(2, 4)]), Rounding::Once)
    else {
        panic!("real numbers")
    };
    let origin = lowered.origin(&[PixelMap::PLAIN], &MAKING);
    let made = lowered.network(&[PixelMap::PLAIN], MAKING.division).unwrap();
    let values = samples(vec![1.0, 2.0, 3.0, 4.0], 4);
    let run = |channels_first, pixels: Vec<PixelMap>| {
        let config = Origin { channels_first, pixels, ..origin.clone() }.to_bytes();
        let seal = Seal {
            parts: MAKING.parts,
            latent_map: &[],
            provenance: Provenance { tool: "", config: &config, data: &[] },
            test_image: &[0; 4],
        };
        let blob = float_blob(&made.network, &seal).unwrap();
        Runner::new(&blob).unwrap().values(&values).unwrap()
    };
    let plain = run(None, vec![PixelMap::PLAIN]);
    for sizes in [[0, 4, 1], [1, 1, 3], [u32::MAX; 3], [4, 0, 0]] {
        assert_eq!(run(Some(sizes), vec![PixelMap::PLAIN]), plain, "{sizes:?}");
    }
    for count in [0, 3, 5] {
        assert_eq!(run(None, vec![PixelMap { scale: 3.0, offset: 1.0 }; count]), plain, "{count}");
    }
    let zero = PixelMap { scale: 0.0, offset: f32::NAN };
    assert!(run(None, vec![zero]).iter().all(|value| value.is_nan()));
}
