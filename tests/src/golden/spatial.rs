//! A small model with a layer of every kind, in both contracts, written down as numbers.

use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::{Blob, Layer, Part};
use ae_testkit::float::{Activation, F32};
use ae_testkit::int8::{Channel, Int8};
use ae_testkit::places::{Layout, Parameters};
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::{Axis, Kind, Shape, Spatial};

use super::{SEED, sigmoid};
use crate::models::PROVENANCE;

/// The layers' kinds and sizes: from 4 × 4 pixels to two latent values, and back.
fn shapes() -> [Vec<Spatial>; 2] {
    let square = |kind, [channels_in, channels_out]: [usize; 2], axis| Spatial {
        kind,
        channels_in,
        channels_out,
        axes: [axis; 2],
    };
    let same = Axis { kernel: 3, before: 1, ..Axis::of(4) };
    let halves = Axis { outputs: 2, kernel: 2, stride: 2, ..Axis::of(4) };
    // Taps of the place itself and of the one behind it.
    let pairs = Axis { kernel: 2, ..Axis::of(2) };
    let whole = Axis { outputs: 1, kernel: 2, ..Axis::of(2) };
    let twice = Axis { outputs: 2, interleave: 2, ..Axis::of(1) };
    // Transposed: a kernel of 4 outputs with a stride of 2.
    let up = Axis { outputs: 4, kernel: 2, before: 1, interleave: 2, crop: 1, ..Axis::of(2) };
    let encoder = vec![
        square(Kind::Convolution, [1, 2], same),
        square(Kind::Maximum, [2, 2], halves),
        square(Kind::Depthwise, [2, 2], pairs),
        square(Kind::Average, [2, 2], whole),
    ];
    let decoder =
        vec![square(Kind::Upsampling, [2, 2], twice), square(Kind::Convolution, [2, 1], up)];
    [encoder, decoder]
}

/// With a dense layer of two values before the decoder's map.
fn layers<A: Arithmetic>(mut arithmetic: impl FnMut(Shape) -> A) -> [Vec<Layer<A>>; 2] {
    let [encoder, decoder] = shapes().map(|shapes| {
        let layers = shapes.into_iter().map(|it| Layer::of(it, arithmetic(it.shape())));
        layers.collect::<Vec<_>>()
    });
    let shape = Shape { kind: None, inputs: 2, outputs: 2 };
    let dense =
        Layer { inputs: 2, outputs: 2, spatial: None, digest: 0, arithmetic: arithmetic(shape) };
    [encoder, [dense].into_iter().chain(decoder).collect()]
}

pub(super) fn int8() -> Vec<u8> {
    let random = &mut SplitMix64::new(SEED);
    let mut layers = layers(|shape| int8_layer(shape, random));
    let last = layers[1].last_mut().expect("a decoder has layers");
    last.arithmetic.tables = sigmoid().to_vec();
    // A table for each of both channels, without sums before it.
    layers[0][1].arithmetic.tables =
        (0..=255_u8).chain((0..=255).rev()).map(|value| value ^ 0x80).collect();
    let latent_map = [0.5_f32.to_le_bytes(), (-1.0_f32).to_le_bytes()].concat().repeat(2);
    blob(layers, latent_map, random)
}

fn int8_layer(Shape { kind, inputs, outputs }: Shape, random: &mut SplitMix64) -> Int8 {
    let channels = if kind.is_none_or(Kind::has_weights) { outputs } else { 0 };
    let channels = (0..channels).map(|_| Channel {
        weights: (0..inputs).map(|_| random.between(-127, 127) as i8).collect(),
        parameters: Parameters {
            bias: random.between(-4000, 4000) as i32,
            multiplier: random.between(1 << 30, i64::from(i32::MAX)) as i32,
            shift: random.between(5, 6) as u8,
        },
    });
    let channels = channels.collect();
    let (layout, zero_point, padding) = match kind {
        // Black pixels around the map; behind it ReLU.
        Some(Kind::Convolution) if inputs == 9 => (Layout::Rows, -128, -128),
        Some(Kind::Convolution) => (Layout::Rows, 0, 3),
        Some(Kind::Depthwise) => (Layout::Taps, -5, 7),
        None => (Layout::Rows, 0, 0),
        Some(_) => (Layout::Rows, 0, 0),
    };
    let (is_rounded_twice, tables) = (false, Vec::new());
    Int8 { layout, is_rounded_twice, zero_point, padding, tables, channels }
}

pub(super) fn float() -> Vec<u8> {
    let random = &mut SplitMix64::new(SEED);
    let layers = layers(|Shape { kind, inputs, outputs }| {
        let outputs = if kind.is_none_or(Kind::has_weights) { outputs } else { 0 };
        F32 {
            activation: match kind {
                Some(Kind::Convolution) if inputs == 9 => Activation::Gelu,
                Some(Kind::Convolution) => Activation::Sigmoid,
                Some(Kind::Maximum) => Activation::Silu,
                Some(Kind::Depthwise) => Activation::Relu,
                _ => Activation::Identity,
            },
            weights: (0..inputs * outputs).map(|_| random.signed_unit()).collect(),
            biases: (0..outputs).map(|_| 0.3 * random.signed_unit()).collect(),
        }
    });
    blob(layers, Vec::new(), random)
}

/// The blob with a random image as its test input.
fn blob<A: Arithmetic>(
    [encoder, decoder]: [Vec<Layer<A>>; 2],
    latent_map: Vec<u8>,
    random: &mut SplitMix64,
) -> Vec<u8> {
    let part = |layers, test_input| Some(Part { layers, test_input });
    let pixels = random.pixels(16);
    let mut blob = Blob {
        model_id: [0xae; 16],
        in_strips: false,
        latent_map,
        tool: PROVENANCE.tool.into(),
        config: PROVENANCE.config.to_vec(),
        data: PROVENANCE.data.to_vec(),
        detection: Vec::new(),
        encoder: part(encoder, pixels.clone()),
        decoder: None,
    };
    let mut latent = Vec::new();
    blob.encode(&pixels).last().iter().for_each(|&value| A::push_bytes(value, &mut latent));
    blob.decoder = part(decoder, latent);
    blob.with_digests().write()
}
