//! Models of layers that go on with each other's maps, in the encoder and in the decoder.

use crate::arithmetic::Arithmetic;
use crate::blob::{Blob, Layer};
use crate::draw::model::tested;
use crate::draw::spatial_model::{float_layer, int8_layer, untested};
use crate::float::F32;
use crate::int8::Int8;
use crate::places::Layout;
use crate::random::SplitMix64;
use crate::spatial::{Axis, Kind, Shape, Spatial};

/// Latent values.
const LATENT: usize = 4;
/// Most outputs along a direction, and values of a map.
const MOST_OUTPUTS: usize = 600;
const MOST_VALUES: usize = 8000;

/// An int8 autoencoder: so many layers that go on with each other's maps, and a dense one to the latent;
/// and the same back.
#[must_use]
pub fn int8(layers: usize, layout: Layout, random: &mut SplitMix64) -> Blob<Int8> {
    let blob = autoencoder(layers, random, |shape, is_output, random| {
        int8_layer(shape, layout, is_output, random)
    });
    let latent_map = [1.0_f32, 0.0].map(f32::to_le_bytes).concat().repeat(LATENT);
    let test_latent = random.bytes(LATENT);
    tested(Blob { latent_map, ..blob }, test_latent, random)
}

/// An f32 autoencoder as [`int8`].
#[must_use]
pub fn float(layers: usize, random: &mut SplitMix64) -> Blob<F32> {
    let blob = autoencoder(layers, random, |shape, _, random| float_layer(shape, random));
    let test_latent = (0..LATENT).flat_map(|_| random.real().to_le_bytes()).collect();
    tested(blob, test_latent, random)
}

fn autoencoder<A: Arithmetic>(
    layers: usize,
    random: &mut SplitMix64,
    mut arithmetic: impl FnMut(Shape, bool, &mut SplitMix64) -> A,
) -> Blob<A> {
    let is_signal = random.below(3) == 0;
    let height = if is_signal { 1 } else { 16 + random.below(30) };
    let width = if is_signal { 200 + random.below(400) } else { 6 + random.below(20) };
    let map = [height, width, 2 + random.below(5)];
    let back = run(map, layers, random);
    let last = back[layers - 1];
    let pixels = [last.axes[0].outputs, last.axes[1].outputs, last.channels_out];
    let there = run(pixels, layers, random);
    let mut of = |spatial: Spatial, is_output: bool, random: &mut SplitMix64| {
        Layer::of(spatial, arithmetic(spatial.shape(), is_output, random))
    };
    let mut encoder: Vec<_> = there.iter().map(|&it| of(it, false, random)).collect();
    let mut decoder: Vec<_> =
        (1..).zip(&back).map(|(index, &it)| of(it, index == layers, random)).collect();
    let mut dense = |inputs, outputs, random: &mut SplitMix64| {
        let arithmetic = arithmetic(Shape { kind: None, inputs, outputs }, false, random);
        Layer { inputs, outputs, spatial: None, digest: 0, arithmetic }
    };
    encoder.push(dense(there[layers - 1].outputs(), LATENT, random));
    decoder.insert(0, dense(LATENT, back[0].inputs(), random));
    Blob { in_strips: true, ..untested(encoder, decoder) }
}

/// So many layers, the first of which reads a map of this height, width and channels.
fn run(mut map: [usize; 3], layers: usize, random: &mut SplitMix64) -> Vec<Spatial> {
    let is_signal = map[0] == 1;
    let mut run = Vec::new();
    while run.len() < layers {
        let [height, width, channels_in] = map;
        let kind = random.one_of(&Kind::ALL);
        let channels_out =
            if kind == Kind::Convolution { 1 + random.below(5) } else { channels_in };
        let along =
            |inputs, random: &mut SplitMix64| Axis::any_up_to(MOST_OUTPUTS, kind, inputs, random);
        let height = if is_signal { Axis::of(1) } else { along(height, random) };
        let axes = [height, along(width, random)];
        let next = Spatial { kind, channels_in, channels_out, axes };
        // Most kernels are short and most maps stay large, for else a window is a whole map.
        let [along, _] = if is_signal { [&axes[1], &axes[0]] } else { [&axes[0], &axes[1]] };
        let is_small = along.extent() > 5 || next.outputs() < 2000;
        let is_refused = is_small && random.below(32) > 0;
        if next.follows_the_rules() && next.outputs() <= MOST_VALUES && !is_refused {
            map = [axes[0].outputs, axes[1].outputs, channels_out];
            run.push(next);
        }
    }
    run
}
