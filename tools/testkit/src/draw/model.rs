//! Whole models, with true digests.

use crate::arithmetic::Arithmetic;
use crate::blob::{Blob, Layer, Part};
use crate::draw::{Weights, tables_in_use};
use crate::float::{Activation, F32};
use crate::int8::{Channel, Int8};
use crate::places::Layout;
use crate::random::SplitMix64;

/// An int8 autoencoder of `widths`, from pixels to latent values; the decoder has them reversed.
/// Its numbers are [any](Channel::any) that the format allows. `tables` says how many a layer
/// gets, layer after layer and from the front again; the decoder's last layer has at least one.
///
/// # Panics
/// If `widths` are fewer than two.
#[must_use]
pub fn int8(
    widths: &[usize],
    layout: Layout,
    weights: Weights,
    tables: &[usize],
    random: &mut SplitMix64,
) -> Blob<Int8> {
    let layers = 2 * (widths.len() - 1);
    let blob = autoencoder(widths, |index, inputs, outputs| {
        let is_output = index + 1 == layers;
        let wanted = tables[index % tables.len()].max(usize::from(is_output));
        let channels = (0..outputs).map(|_| Channel::any(inputs, weights, random)).collect();
        Int8 {
            layout,
            is_rounded_twice: random.below(3) == 0,
            zero_point: random.one_of(&[-128, 0, 127, 5]),
            padding: 0,
            tables: random.bytes(256 * tables_in_use(wanted, outputs)),
            channels,
        }
    });
    let latent = widths[widths.len() - 1];
    let latent_map = [1.0_f32, 0.0].map(f32::to_le_bytes).concat().repeat(latent);
    let test_latent = random.bytes(latent);
    tested(Blob { latent_map, ..blob }, test_latent, random)
}

/// An f32 autoencoder of `widths`, as [`int8`]. `activations` are those of its layers, layer after
/// layer and from the front again.
///
/// # Panics
/// If `widths` are fewer than two.
#[must_use]
pub fn float(widths: &[usize], activations: &[Activation], random: &mut SplitMix64) -> Blob<F32> {
    let blob = autoencoder(widths, |index, inputs, outputs| F32 {
        activation: activations[index % activations.len()],
        weights: (0..inputs * outputs).map(|_| random.real()).collect(),
        biases: (0..outputs).map(|_| random.real()).collect(),
    });
    let latent = widths[widths.len() - 1];
    let test_latent = (0..latent).flat_map(|_| random.real().to_le_bytes()).collect();
    tested(blob, test_latent, random)
}

/// Layers along `widths` and back. `layer` is given its number, inputs and outputs.
fn autoencoder<A: Arithmetic>(
    widths: &[usize],
    mut layer: impl FnMut(usize, usize, usize) -> A,
) -> Blob<A> {
    let pairs = widths.windows(2);
    let there = pairs.clone().map(|pair| (pair[0], pair[1]));
    let back = pairs.rev().map(|pair| (pair[1], pair[0]));
    let layers = there.chain(back).enumerate().map(|(index, (inputs, outputs))| {
        let arithmetic = layer(index, inputs, outputs);
        Layer { inputs, outputs, spatial: None, digest: 0, arithmetic }
    });
    let mut encoder: Vec<_> = layers.collect();
    let decoder = encoder.split_off(widths.len() - 1);
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

/// The same blob with random test inputs and true digests.
pub(super) fn tested<A: Arithmetic>(
    mut blob: Blob<A>,
    test_latent: Vec<u8>,
    random: &mut SplitMix64,
) -> Blob<A> {
    let features = blob.sizes().features;
    for (part, test_input) in
        [(&mut blob.encoder, random.pixels(features)), (&mut blob.decoder, test_latent)]
    {
        part.iter_mut().for_each(|part| part.test_input.clone_from(&test_input));
    }
    blob.with_digests()
}
