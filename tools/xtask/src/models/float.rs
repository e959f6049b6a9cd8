//! A model of the f32 contract with ReLU.

use ae_testkit::blob::Layer;
use ae_testkit::float::{Activation, F32};
use ae_testkit::random::SplitMix64;

use super::Widths;
use super::seal::seal;

pub(super) fn blob(widths: &Widths) -> Vec<u8> {
    let mut random = SplitMix64::new(3);
    let encoder = part(widths, Activation::Identity, &mut random);
    let reversed: Vec<usize> = widths.iter().rev().copied().collect();
    let decoder = part(&reversed, Activation::Sigmoid, &mut random);
    let image = random.bytes(widths[0]);
    seal([encoder, decoder], Vec::new(), Vec::new(), image)
}

fn part(widths: &Widths, last: Activation, random: &mut SplitMix64) -> Vec<Layer<F32>> {
    let layers = widths.windows(2).enumerate().map(|(index, pair)| {
        let is_last = index + 2 == widths.len();
        let activation = if is_last { last } else { Activation::Relu };
        layer(pair[0], pair[1], activation, random)
    });
    layers.collect()
}

/// A layer whose values keep about their size.
fn layer(
    inputs: usize,
    outputs: usize,
    activation: Activation,
    random: &mut SplitMix64,
) -> Layer<F32> {
    let largest = (3.0 / inputs as f64).sqrt() as f32;
    let mut values = |count| (0..count).map(|_| largest * random.signed_unit()).collect();
    let (weights, biases) = (values(inputs * outputs), values(outputs));
    Layer {
        inputs,
        outputs,
        spatial: None,
        digest: 0,
        arithmetic: F32 { activation, weights, biases },
    }
}
