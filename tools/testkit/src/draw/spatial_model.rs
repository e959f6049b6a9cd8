//! Whole models of layers that work position by position, with true digests.

use crate::arithmetic::Arithmetic;
use crate::blob::{Blob, Layer, Part};
use crate::draw::model::tested;
use crate::draw::{Weights, tables_in_use};
use crate::float::{Activation, F32};
use crate::int8::{Channel, Int8};
use crate::places::Layout;
use crate::random::SplitMix64;
use crate::spatial::{Kind, Shape, Spatial};

/// An int8 autoencoder of spatial layers. `kinds` are those of the encoder's first and last layer
/// and of the decoder's; between them there is a dense layer in the decoder. Convolutions and dense
/// layers are in `layout`.
#[must_use]
pub fn int8(kinds: [Kind; 4], layout: Layout, random: &mut SplitMix64) -> Blob<Int8> {
    let (blob, latent) = autoencoder(kinds, random, |shape, is_output, random| {
        int8_layer(shape, layout, is_output, random)
    });
    let latent_map = [1.0_f32, 0.0].map(f32::to_le_bytes).concat().repeat(latent);
    let test_latent = random.bytes(latent);
    tested(Blob { latent_map, ..blob }, test_latent, random)
}

/// An f32 autoencoder as [`int8`].
#[must_use]
pub fn float(kinds: [Kind; 4], random: &mut SplitMix64) -> Blob<F32> {
    let (blob, latent) = autoencoder(kinds, random, |shape, _, random| float_layer(shape, random));
    let test_latent = (0..latent).flat_map(|_| random.real().to_le_bytes()).collect();
    tested(blob, test_latent, random)
}

/// The numbers of an int8 layer: any of the format, or such that outputs spread over i8.
#[must_use]
pub fn int8_layer(shape: Shape, layout: Layout, is_output: bool, random: &mut SplitMix64) -> Int8 {
    let Shape { kind, inputs, outputs } = shape;
    let (has_weights, is_spatial) = (kind.is_none_or(Kind::has_weights), kind.is_some());
    let weights = random.one_of(&Weights::ALL);
    let channel = if random.below(2) == 0 { Channel::any } else { Channel::spread };
    let channels = if has_weights { outputs } else { 0 };
    let layout = match kind {
        None | Some(Kind::Convolution) => layout,
        Some(Kind::Depthwise) => Layout::Taps,
        Some(_) => Layout::Rows,
    };
    let any = |random: &mut SplitMix64| random.one_of(&[-128, 0, 127, 5, -7]);
    let wanted = random.below(4).max(usize::from(is_output));
    Int8 {
        layout,
        is_rounded_twice: (has_weights || kind == Some(Kind::Average)) && random.below(3) == 0,
        zero_point: if has_weights { any(random) } else { 0 },
        padding: if has_weights && is_spatial { any(random) } else { 0 },
        channels: (0..channels).map(|_| channel(inputs, weights, random)).collect(),
        tables: random.bytes(256 * tables_in_use(wanted, outputs)),
    }
}

/// The numbers of an f32 layer.
#[must_use]
pub fn float_layer(shape: Shape, random: &mut SplitMix64) -> F32 {
    let Shape { kind, inputs, outputs } = shape;
    let outputs = if kind.is_none_or(Kind::has_weights) { outputs } else { 0 };
    F32 {
        activation: random.one_of(&Activation::ALL),
        weights: (0..inputs * outputs).map(|_| random.real()).collect(),
        biases: (0..outputs).map(|_| random.real()).collect(),
    }
}

/// Layers of `kinds`, with a dense one before the last. `arithmetic` is told whether a layer gives
/// pixels. The number of latent values comes with it.
fn autoencoder<A: Arithmetic>(
    kinds: [Kind; 4],
    random: &mut SplitMix64,
    mut arithmetic: impl FnMut(Shape, bool, &mut SplitMix64) -> A,
) -> (Blob<A>, usize) {
    let [first, to_latent, from_latent, last] = kinds;
    let few = |random: &mut SplitMix64| random.one_of(&[1, 6, 12, 24, 35, 60]);
    let last = Spatial::any(last, few(random), random);
    let first = Spatial::any(first, last.outputs(), random);
    let to_latent = Spatial::any(to_latent, first.outputs(), random);
    let latent = to_latent.outputs();
    let from_latent = Spatial::any(from_latent, latent, random);
    let mut of = |spatial: Spatial, is_output: bool, random: &mut SplitMix64| {
        Layer::of(spatial, arithmetic(spatial.shape(), is_output, random))
    };
    let encoder = vec![of(first, false, random), of(to_latent, false, random)];
    let mut decoder = vec![of(from_latent, false, random), of(last, true, random)];
    let (inputs, outputs) = (from_latent.outputs(), last.inputs());
    let arithmetic = arithmetic(Shape { kind: None, inputs, outputs }, false, random);
    decoder.insert(1, Layer { inputs, outputs, spatial: None, digest: 0, arithmetic });
    (untested(encoder, decoder), latent)
}

/// The layers of both parts as a blob, without test inputs and a latent map.
pub(super) fn untested<A>(encoder: Vec<Layer<A>>, decoder: Vec<Layer<A>>) -> Blob<A> {
    let part = |layers| Some(Part { layers, test_input: Vec::new() });
    Blob {
        model_id: [0xae; 16],
        in_strips: false,
        latent_map: Vec::new(),
        tool: "ae-testkit".into(),
        config: vec![7, 8],
        data: vec![9],
        detection: Vec::new(),
        encoder: part(encoder),
        decoder: part(decoder),
    }
}
