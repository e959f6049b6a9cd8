//! Models of real numbers give what their operators say, whatever was folded, moved and reordered.

mod common;

use ae_import::{
    Convolution, Function, Numbers, Operation, Padding, PixelMap, Pool, Runner, SourceModel,
};
use common::draw::Draw;
use common::forward::{forward, place};
use common::made::{float, real, samples};
use common::models::{map_first, model, words};
use common::parts::{self, affine, convolution, dense, depthwise};

/// Inputs of a model.
const SAMPLES: usize = 4;

/// Largest difference that may be, over the outputs' spread.
///
/// The engine computes in f32, each number of which is off by 2⁻²⁴ of itself. A chain of ten layers
/// adds these up, and normalisation may subtract values that are much larger than what is left.
const TOLERANCE: f64 = 1e-5;

/// The largest difference from the forward pass, over the outputs' spread.
fn difference(model: &SourceModel, inputs: &[f32], blob: &[u8]) -> f64 {
    let width = inputs.len() / SAMPLES;
    let found = Runner::new(blob).unwrap().values(&samples(inputs.to_vec(), width)).unwrap();
    let wanted: Vec<f64> =
        inputs.chunks_exact(width).flat_map(|input| forward(model, &reals(input))).collect();
    assert_eq!(found.len(), wanted.len());
    let count = wanted.len() as f64;
    let mean = wanted.iter().sum::<f64>() / count;
    let spread = (wanted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    // Outputs that hardly differ are as exact as their own size lets them be.
    let largest = wanted.iter().map(|value| value.abs()).fold(0.0, f64::max);
    let scale = spread.max(largest / 10.0).max(1e-3);
    let pairs = found.iter().zip(&wanted);
    pairs.map(|(&found, wanted)| (f64::from(found) - wanted).abs()).fold(0.0, f64::max) / scale
}

fn reals(input: &[f32]) -> Vec<f64> {
    input.iter().copied().map(f64::from).collect()
}

fn inputs(draw: &mut Draw, model: &SourceModel) -> Vec<f32> {
    let width: usize = model.input.shape.iter().product();
    draw.units(SAMPLES * width, 2.0)
}

/// Inputs as a blob has them, channels last.
fn ordered(model: &SourceModel, order: Option<[u32; 3]>, inputs: &[f32]) -> Vec<f32> {
    let width: usize = model.input.shape.iter().product();
    let Some(sizes) = order.map(|sizes| sizes.map(|size| size as usize)) else {
        return inputs.to_vec();
    };
    let mut ordered = inputs.to_vec();
    for (to, from) in ordered.chunks_exact_mut(width).zip(inputs.chunks_exact(width)) {
        for y in 0..sizes[0] {
            for x in 0..sizes[1] {
                for c in 0..sizes[2] {
                    let at = [y, x, c];
                    to[place(sizes, false, at)] = from[place(sizes, true, at)];
                }
            }
        }
    }
    ordered
}

#[test]
fn values_are_those_of_the_operators() {
    let mut worst = (0.0, 0);
    for seed in 0..300 {
        let mut draw = Draw::new(seed);
        let model = model(&mut draw);
        let inputs = inputs(&mut draw, &model);
        let real =
            real(&model).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", words(&model)));
        let blob = float(&real, &[PixelMap::PLAIN])
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", words(&model)));
        let difference = difference(&model, &inputs, &blob);
        assert!(difference <= TOLERANCE, "seed {seed}: {difference:e}\n{}", words(&model));
        if difference > worst.0 {
            worst = (difference, seed);
        }
    }
    eprintln!("the largest difference is {:e}, of seed {}", worst.0, worst.1);
}

/// An end for which the pixels' range is known, or has a bound.
fn with_end(model: &mut SourceModel, draw: &mut Draw) -> Option<Function> {
    let end =
        draw.of(&[None, Some(Function::Sigmoid), Some(Function::Tanh), Some(Function::Relu)])?;
    let last = model.operators.last()?.clone();
    model.operators.push(ae_import::Operator { operation: Operation::Function(end), ..last });
    Some(end)
}

#[test]
fn pixels_that_stand_for_the_data_change_no_values() {
    let mut worst = (0.0, 0);
    for seed in 10_000..10_300 {
        let mut draw = Draw::new(seed);
        let mut model = model(&mut draw);
        let end = with_end(&mut model, &mut draw);
        let mut inputs = inputs(&mut draw, &model);
        match end {
            Some(Function::Sigmoid | Function::Relu) => {
                inputs.iter_mut().for_each(|value| *value = value.abs() / 2.0);
            }
            Some(Function::Tanh) => inputs.iter_mut().for_each(|value| *value /= 2.0),
            _ => (),
        }
        let real =
            real(&model).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", words(&model)));
        let data = ordered(&model, real.channels_first(), &inputs);
        let maps = real.pixel_maps(&data).unwrap();
        let blob = float(&real, &maps)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", words(&model)));
        let difference = difference(&model, &inputs, &blob);
        assert!(
            difference <= TOLERANCE,
            "seed {seed}: {difference:e}\n{maps:?}\n{}",
            words(&model)
        );
        if difference > worst.0 {
            worst = (difference, seed);
        }
        // All data has a pixel that stands for it.
        let runner = Runner::new(&blob).unwrap();
        let width = inputs.len() / SAMPLES;
        let pixels = runner.pixels(&samples(inputs.clone(), width));
        for (at, (&pixel, &value)) in pixels.iter().zip(&data).enumerate() {
            let map = maps[at % width % maps.len()];
            let error = (map.value(pixel) - f64::from(value)).abs();
            assert!(error <= f64::from(map.scale) * 0.51, "seed {seed}, value {at}: {error}");
        }
    }
    eprintln!("the largest difference is {:e}, of seed {}", worst.0, worst.1);
}

#[test]
fn the_blob_has_the_order_of_the_input() {
    let (mut first, mut last) = (0, 0);
    for seed in 0..100 {
        let model = model(&mut Draw::new(seed));
        let order = real(&model).unwrap().channels_first();
        match map_first(&model).filter(|&[h, w, c]| c > 1 && h * w > 1) {
            Some(sizes) => {
                assert_eq!(order, Some(sizes.map(|size| size as u32)), "seed {seed}");
                first += 1;
            }
            None => {
                // Flat values may be seen as a map at once.
                assert!(order.is_none() || model.input.shape.len() == 1, "seed {seed}");
                last += 1;
            }
        }
    }
    assert!(first > 10 && last > 10);
}

/// Chains that lots seldom bring, each of which was lowered wrongly once.
#[test]
fn single_chains() {
    let identity = |channels: usize| Convolution { padding: Padding::Valid, ..one_tap(channels) };
    let numbers = |count: usize| (1..=count).map(|at| at as f32).collect::<Vec<_>>();
    let relu = || Operation::Function(Function::Relu);
    let wide =
        Pool { kernel: [1, 2], stride: [1, 1], padding: Padding::Same, counts_padding: false };
    let cases = [
        // Numbers of 6 channels and of 4 wait for the same layer.
        vec![
            Operation::Convolution(identity(6)),
            relu(),
            affine(&numbers(6), &numbers(6)),
            Operation::Reshape(vec![3, 4]),
            affine(&numbers(4), &numbers(4)),
            Operation::Dense(dense(12, 12)),
            Operation::Reshape(vec![2, 6]),
        ],
        // The largest value has not the largest GELU.
        vec![
            Operation::Convolution(identity(6)),
            Operation::Maximum(wide),
            Operation::Function(Function::Gelu),
        ],
        // A negative factor turns the ReLU around.
        vec![
            Operation::Convolution(identity(6)),
            relu(),
            affine(&[-2.0], &[0.0]),
            Operation::Convolution(identity(6)),
        ],
        // Zeros beyond the map are zeros behind the normalisation.
        vec![affine(&[2.0], &[1.0]), Operation::Depthwise(depthwise(6, 1)), relu()],
    ];
    for (case, operations) in cases.into_iter().enumerate() {
        let model = parts::model(&[2, 6], operations);
        let inputs = Draw::new(case as u64).units(SAMPLES * 12, 2.0);
        let blob = float(&real(&model).unwrap(), &[PixelMap::PLAIN]).unwrap();
        let difference = difference(&model, &inputs, &blob);
        assert!(difference <= TOLERANCE, "case {case}: {difference:e}");
    }
}

/// A convolution of one tap, each weight another.
fn one_tap(channels: usize) -> Convolution {
    let weights = Draw::new(7).units(channels * channels, 1.0);
    let numbers = Numbers::Real { weights, bias: vec![0.1; channels] };
    Convolution { kernel: [1; 2], numbers, ..convolution(channels, channels) }
}
