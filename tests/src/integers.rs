//! Int8 models written down as integers, without a float network behind them: what the quantiser
//! would never make is in the format too.

use ae_core::{Geometry, PartSelection, Rounding};
use ae_quantize::{Int8Contract, Int8Parameters, LayerBytes, Seal, seal};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::draw::Weights;
use ae_testkit::int8::Int8;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;

use crate::models::PROVENANCE;

/// Random layers along `widths` (pixels, hidden layers, latent; the decoder has them reversed).
/// They have none, one or some tables in turn, and the decoder's last always has.
#[must_use]
pub fn random_layers(
    widths: &[usize],
    weights: Weights,
    random: &mut SplitMix64,
) -> [Vec<Int8>; 2] {
    let mut layer =
        |inputs, outputs, tables| Int8::spread(inputs, outputs, weights, tables, random);
    let pairs = || widths.windows(2).enumerate();
    let encoder =
        pairs().map(|(index, pair)| layer(pair[0], pair[1], [0, 1, 4][index % 3])).collect();
    let decoder =
        pairs().rev().map(|(index, pair)| layer(pair[1], pair[0], [1, 0, 7][index % 3])).collect();
    [encoder, decoder]
}

/// The blob of two chains of layers in rows, as the quantiser seals it.
///
/// # Panics
/// If the layers break a rule of the format.
#[must_use]
pub fn integer_blob(layers: &[Vec<Int8>; 2], test_image: &[u8], parts: PartSelection) -> Vec<u8> {
    let latent = layers[0].last().map_or(0, |layer| layer.channels.len());
    let latent_map = [0.5_f32.to_le_bytes(), (-1.0_f32).to_le_bytes()].concat().repeat(latent);
    let with = Seal { parts, latent_map: &latent_map, provenance: PROVENANCE, test_image };
    let held: [Vec<Held>; 2] = [0, 1].map(|part| layers[part].iter().map(Held::of).collect());
    let [encoder, decoder]: [Vec<_>; 2] =
        [0, 1].map(|part| held[part].iter().map(Held::layer_bytes).collect());
    let blob = seal::<Int8Contract>(&encoder, &decoder, &with);
    blob.expect("layers that the format can hold")
}

/// What the quantiser's description of a layer borrows.
struct Held {
    inputs: usize,
    outputs: usize,
    parameters: Int8Parameters,
    data: Vec<u8>,
}

impl Held {
    fn of(layer: &Int8) -> Self {
        let inputs = layer.channels.first().map_or(0, |channel| channel.weights.len());
        Self {
            inputs,
            outputs: layer.channels.len(),
            parameters: match layer.layout {
                Layout::OneHot => Int8Parameters::OneHot,
                _ => Int8Parameters::Requantised {
                    rounding: match layer.is_rounded_twice {
                        true => Rounding::Twice,
                        false => Rounding::Once,
                    },
                    zero_point: layer.zero_point,
                    padding: layer.padding,
                    tables: layer.tables.clone(),
                },
            },
            data: layer.data(inputs),
        }
    }

    fn layer_bytes(&self) -> LayerBytes<'_, Int8Contract> {
        let Self { inputs, outputs, ref parameters, ref data } = *self;
        LayerBytes { geometry: Geometry::dense(inputs, outputs), parameters, data }
    }
}
