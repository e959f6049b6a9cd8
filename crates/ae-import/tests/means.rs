//! Means of a whole map are LiteRT's, sum by sum: `means.txt` is what `import/make_means.py` made of LiteRT.

mod common;

use ae_core::Rounding;
use ae_data::Images;
use ae_engine::reconstruct;
use ae_import::{Codes, Lowered, Operation, SourceFormat, SourceModel, Value, lower};
use common::made::MAKING;
use common::models::operator;

const RECORDED: &str = include_str!("import/means.txt");
/// Sums of a line, each in a channel.
const SUMS: usize = 256;

/// What LiteRT gives for each sum.
struct Recorded {
    rounding: Rounding,
    places: usize,
    codes: [Codes; 2],
    given: Vec<i8>,
}

fn recorded() -> impl Iterator<Item = Recorded> {
    RECORDED.lines().map(|line| {
        let [kernels, places, scale_in, zero_in, scale_out, zero_out, given] =
            line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let codes = |scale: &str, zero: &str| Codes {
            scale: scale.parse().unwrap(),
            zero_point: zero.parse().unwrap(),
        };
        let byte = |at: usize| u8::from_str_radix(&given[2 * at..2 * at + 2], 16).unwrap() as i8;
        Recorded {
            rounding: match kernels {
                "xnnpack" => Rounding::Once,
                _ => Rounding::Twice,
            },
            places: places.parse().unwrap(),
            codes: [codes(scale_in, zero_in), codes(scale_out, zero_out)],
            given: (0..SUMS).map(byte).collect(),
        }
    })
}

/// The mean of a map, and its values repeated to as many as go in.
fn model(places: usize, [from, to]: [Codes; 2]) -> SourceModel {
    let value =
        |codes| Value { name: String::new(), shape: vec![1, places, SUMS], codes: Some(codes) };
    SourceModel {
        format: SourceFormat::TensorFlowLite,
        channels_first: false,
        input: value(from),
        operators: vec![
            operator(0, Operation::GlobalAverage, Some(to)),
            operator(1, Operation::Upsampling([1, places]), Some(to)),
        ],
        output: value(to),
    }
}

/// A map that has sum number i in channel i.
fn map(places: usize) -> Vec<u8> {
    let mut left: Vec<usize> =
        (0..SUMS).map(|i| (i * places + 7 * i % places).min(255 * places)).collect();
    let mut pixels = Vec::new();
    for _ in 0..places {
        for left in &mut left {
            let pixel = (*left).min(255);
            *left -= pixel;
            pixels.push(pixel as u8);
        }
    }
    pixels
}

/// What a blob gives, and whether the report says that it may differ.
fn found(places: usize, codes: [Codes; 2], rounding: Rounding) -> (Vec<i8>, bool) {
    let Ok(Lowered::Integers(lowered)) = lower(&mut model(places, codes), rounding) else {
        panic!("{places} places")
    };
    let blob = lowered.blob(&MAKING).unwrap();
    let images = Images::new(map(places), 1, places * SUMS).unwrap();
    let found = reconstruct(&blob, &images).unwrap();
    let found = found[..SUMS].iter().map(|&pixel| (pixel ^ 0x80) as i8).collect();
    (found, !lowered.notes.differences.is_empty())
}

#[test]
fn every_sum_becomes_what_it_does_in_the_runtime() {
    let (mut exact, mut said, mut other) = (0, 0, 0);
    for (line, Recorded { rounding, places, codes, given }) in recorded().enumerate() {
        let (found, differs) = found(places, codes, rounding);
        let [from, to] = codes;
        if differs {
            // Halves to even at the very scale of the input, or two roundings and a factor that is too large
            // for them here.
            let is_even = from == to && places % 2 == 0;
            let is_large = from.scale / to.scale / places as f32 >= 0.125;
            assert!(is_even || rounding == Rounding::Twice && is_large, "line {line}");
            assert!(found.iter().zip(&given).all(|(a, b)| a.abs_diff(*b) <= 1), "line {line}");
            said += 1;
            continue;
        }
        assert_eq!(found, given, "line {line}");
        exact += 1;
        if line % 8 > 1 {
            continue;
        }
        // With a slightly other scale they are others, so that the lines are no weak proof.
        let near = [from, Codes { scale: to.scale * 1.02, ..to }];
        other += usize::from(self::found(places, near, rounding).0 != given);
    }
    assert!(exact >= 100 && exact + said == 132, "{exact}, {said}");
    assert!(other > 10, "{other}");
}
