//! Models of integers give the bytes that LiteRT gives.

mod common;

use ae_data::Images;
use ae_data::npy::{Numbers, Values};
use ae_engine::reconstruct;
use ae_import::{
    Agreement, Codes, Making, Operation, OutputPixels, Padding, Pool, Runner, SourceFormat,
    SourceModel, Value,
};
use common::draw::Draw;
use common::integers::{forward, model, recoded};
use common::made::{MAKING, integers};
use common::models::{operator, words};

/// Inputs of a model.
const SAMPLES: usize = 8;

fn numbers(values: Vec<i8>, width: usize) -> Numbers {
    Numbers { samples: values.len() / width, shape: vec![width], values: Values::I8(values) }
}

#[test]
fn every_byte_is_that_of_the_runtime() {
    let mut seen = [0; 256];
    for seed in 0..120 {
        let mut draw = Draw::new(seed);
        let model = model(&mut draw);
        let text = || format!("seed {seed}: {}", words(&model));
        let width: usize = model.input.shape.iter().product();
        let inputs: Vec<i8> = (0..SAMPLES * width).map(|_| draw.below(256) as u8 as i8).collect();
        let wanted: Vec<i8> =
            inputs.chunks_exact(width).flat_map(|input| forward(&model, input)).collect();
        wanted.iter().for_each(|&code| seen[usize::from(code as u8)] += 1);
        let lowered = integers(&model).unwrap_or_else(|error| panic!("{error}\n{}", text()));
        for output in [OutputPixels::OfRuntime, OutputPixels::OfInput] {
            let blob = lowered.blob(&Making { output, ..MAKING });
            let blob = blob.unwrap_or_else(|error| panic!("{error}\n{}", text()));
            let runner = Runner::new(&blob).unwrap();
            let (inputs, outputs) =
                (numbers(inputs.clone(), width), numbers(wanted.clone(), width));
            let agreement = runner.compare(&inputs, &outputs).unwrap();
            let bytes = wanted.len();
            let all = Agreement::Integers { bytes, differ: 0, largest: 0, first: None };
            assert_eq!(agreement, all, "{output:?}, {}", text());
        }
    }
    // All codes come out, and not the bounds alone.
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
    let total: usize = seen.iter().sum();
    assert!(seen[0] + seen[255] < total / 2, "{seen:?}");
}

#[test]
fn a_byte_that_differs_is_found() {
    let mut draw = Draw::new(1);
    let model = model(&mut draw);
    let width: usize = model.input.shape.iter().product();
    let inputs = vec![3; 2 * width];
    let mut outputs: Vec<i8> =
        inputs.chunks_exact(width).flat_map(|x| forward(&model, x)).collect();
    let last = outputs.len() - 1;
    outputs[last] ^= 1;
    let blob = integers(&model).unwrap().blob(&MAKING).unwrap();
    let agreement = Runner::new(&blob).unwrap();
    let agreement = agreement.compare(&numbers(inputs, width), &numbers(outputs, width)).unwrap();
    let Agreement::Integers { bytes, differ: 1, largest: 1, first: Some((1, _)) } = agreement
    else {
        panic!("{agreement:?}")
    };
    assert_eq!(bytes, last + 1);
}

/// With the pixels of the input, the output is another code for the same number.
#[test]
fn pixels_of_the_input_stand_for_the_same_numbers() {
    for seed in 500..560 {
        let mut draw = Draw::new(seed);
        let model = model(&mut draw);
        let lowered = integers(&model).unwrap();
        // With channels first the pixels stand in another order than in the file.
        if model.channels_first {
            continue;
        }
        let width: usize = model.input.shape.iter().product();
        let input: Vec<i8> = (0..width).map(|_| draw.below(256) as u8 as i8).collect();
        let pixels: Vec<u8> = input.iter().map(|&code| code as u8 ^ 0x80).collect();
        let blob = lowered.blob(&Making { output: OutputPixels::OfInput, ..MAKING }).unwrap();
        let found = reconstruct(&blob, &Images::new(pixels, 1, width).unwrap()).unwrap();
        let (from, to) = (model.output.codes.unwrap(), model.input.codes.unwrap());
        for (&found, code) in found.iter().zip(forward(&model, &input)) {
            let wanted = recoded(i64::from(code) - i64::from(from.zero_point), from, to);
            assert_eq!(i64::from(found) - 128, wanted, "seed {seed}");
        }
    }
}

/// A pool over `count` values, and each mean for all of them.
fn means(count: usize) -> SourceModel {
    let codes = Some(Codes { scale: 0.5, zero_point: 3 });
    let pool = Pool {
        kernel: [1, count],
        stride: [1, count],
        padding: Padding::Valid,
        counts_padding: false,
    };
    let value = || Value { name: String::new(), shape: vec![2 * count, 1], codes };
    SourceModel {
        format: SourceFormat::TensorFlowLite,
        channels_first: false,
        input: value(),
        operators: vec![
            operator(0, Operation::Average(pool), codes),
            operator(1, Operation::Upsampling([1, count]), codes),
        ],
        output: value(),
    }
}

#[test]
fn halves_of_means_are_rounded_away_from_zero() {
    for count in 2..=6 {
        let model = means(count);
        let lowered = integers(&model).unwrap();
        assert!(lowered.notes.differences.is_empty());
        let blob = lowered.blob(&MAKING).unwrap();
        // Every sum there is: first some values at −128, then all that are between, at last 127.
        let low = -128 * count as i32;
        for sum in low..=127 * count as i32 {
            let mut left = sum - low;
            let codes: Vec<i32> = (0..2 * count)
                .map(|_| {
                    let step = left.min(255);
                    left -= step;
                    step - 128
                })
                .collect();
            let sum: i32 = codes.iter().take(count).sum();
            let pixels = codes.iter().map(|code| (code + 128) as u8).collect();
            let found = reconstruct(&blob, &Images::new(pixels, 1, 2 * count).unwrap()).unwrap();
            let found = i32::from(found[0]) - 128;
            let n = count as i32;
            // As the runtime rounds it.
            let wanted = if sum > 0 { (sum + n / 2) / n } else { (sum - n / 2) / n };
            assert_eq!(found, wanted, "{sum} of {count}");
        }
    }
}

#[test]
fn means_of_other_formats_are_rounded_half_up() {
    let model = SourceModel { format: SourceFormat::Onnx, ..means(2) };
    let lowered = integers(&model).unwrap();
    let note = "halves of a mean are rounded up here, and may be rounded down there";
    assert_eq!(lowered.notes.differences, [note]);
    let blob = lowered.blob(&MAKING).unwrap();
    let pixels = [-1_i8, -2, 1, 2].map(|code| code as u8 ^ 0x80).to_vec();
    let found = reconstruct(&blob, &Images::new(pixels, 1, 4).unwrap()).unwrap();
    assert_eq!(found, [127, 127, 130, 130], "−1 and 2");
}

#[test]
fn a_mean_of_the_whole_map_changes_the_scale_in_the_same_step() {
    let mut model = means(4);
    model.operators[0].operation = Operation::GlobalAverage;
    model.operators[1].operation = Operation::Upsampling([1, 8]);
    for (scale, halves) in [(0.2371, 0), (0.25, 128)] {
        let other = Some(Codes { scale, zero_point: -9 });
        model.operators[0].codes = other;
        model.operators[1].codes = other;
        let notes = integers(&model).unwrap().notes;
        // Halves to even are those of no blob.
        let of_halves = format!(
            "of the 2041 sums that the values of a mean may have, {halves} are rounded to the other neighbour"
        );
        let expected = if halves == 0 { vec![] } else { vec![of_halves] };
        assert_eq!(notes.differences, expected);
        assert_eq!(notes.became[0], "layer 0: depthwise convolution 8, 1×8×1 → 1×1×1");
    }
    model.format = SourceFormat::Onnx;
    let expected = [
        "halves of a mean are rounded up here, and may be rounded down there",
        "a mean is rounded twice where its scale changes",
    ];
    let notes = integers(&model).unwrap().notes;
    assert_eq!(notes.differences, expected);
    assert_eq!(notes.became[0], "the table of layer 0");
}
