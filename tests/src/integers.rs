//! Int8 layers written down as integers, without a float network behind them: what the quantiser
//! would never make is in the format too.

use ae_core::PartSelection;
use ae_quantize::{Int8Contract, Int8Parameters, LayerBytes, Seal, seal};
use ae_testkit::random::SplitMix64;

use crate::models::PROVENANCE;

/// A dense layer in the int8 contract.
#[derive(Debug, Clone)]
pub struct IntegerLayer {
    /// Values that come in.
    pub inputs: usize,
    /// Zero point and tables.
    pub parameters: Int8Parameters,
    /// The output channels.
    pub channels: Vec<IntegerChannel>,
}

/// One output channel.
#[derive(Debug, Clone)]
pub struct IntegerChannel {
    /// One an input, −127…127.
    pub weights: Vec<i8>,
    /// What the sum starts from.
    pub bias: i32,
    /// Not negative.
    pub multiplier: i32,
    /// 1…22.
    pub shift: u8,
}

/// How weights are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Any of −127…127.
    Any,
    /// −127 or 127.
    Extreme,
}

impl IntegerLayer {
    /// A layer whose outputs spread over i8, with a random zero point and random tables: `tables`
    /// of them, or as many fewer as it takes for each to have channels of its own.
    #[must_use]
    pub fn random(
        inputs: usize,
        outputs: usize,
        weights: Weights,
        tables: usize,
        random: &mut SplitMix64,
    ) -> Self {
        let channels = (0..outputs).map(|_| IntegerChannel::random(inputs, weights, random));
        let channels = channels.collect();
        let span = outputs.div_ceil(tables.max(1));
        let used = if tables == 0 { 0 } else { outputs.div_ceil(span) };
        let tables = (0..256 * used).map(|_| random.bits() as u8).collect();
        let zero_point = random.between(-128, 127) as i8;
        Self { inputs, parameters: Int8Parameters { zero_point, tables }, channels }
    }

    /// A layer of channels at the limits of the format: every combination of weights all 127, all
    /// −127 or all 0, of the largest bias that the loader accepts with them, its negative or none,
    /// and of the least and largest multiplier and shift.
    #[must_use]
    pub fn at_the_limits(inputs: usize, zero_point: i8) -> Self {
        let mut channels = Vec::new();
        for weight in [127_i8, -127, 0] {
            let largest = i64::from(i32::MAX) - 128 * inputs as i64 * i64::from(weight.abs());
            for bias in [largest as i32, -largest as i32, 0] {
                for multiplier in [0, 1, 1 << 30, i32::MAX] {
                    for shift in [1, 2, 11, 22] {
                        let weights = vec![weight; inputs];
                        channels.push(IntegerChannel { weights, bias, multiplier, shift });
                    }
                }
            }
        }
        Self { inputs, parameters: Int8Parameters { zero_point, tables: Vec::new() }, channels }
    }

    /// The data section: weights, zeros up to a multiple of four bytes, biases, multipliers,
    /// shifts.
    #[must_use]
    pub fn data(&self) -> Vec<u8> {
        let channels = || self.channels.iter();
        let mut data: Vec<u8> =
            channels().flat_map(|channel| &channel.weights).map(|&weight| weight as u8).collect();
        data.resize(data.len().next_multiple_of(4), 0);
        data.extend(channels().flat_map(|channel| channel.bias.to_le_bytes()));
        data.extend(channels().flat_map(|channel| channel.multiplier.to_le_bytes()));
        data.extend(channels().map(|channel| channel.shift));
        data
    }
}

impl IntegerChannel {
    fn random(inputs: usize, weights: Weights, random: &mut SplitMix64) -> Self {
        let weights: Vec<i8> = (0..inputs)
            .map(|_| match weights {
                Weights::Any => random.between(-127, 127) as i8,
                Weights::Extreme => [-127, 127][random.below(2)],
            })
            .collect();
        // The sum's usual size: products of weights with inputs of about ±74, which add up as
        // the root of their squares.
        let squares: f64 = weights.iter().map(|&weight| f64::from(weight).powi(2)).sum();
        let usual = 74.0 * squares.sqrt().max(1.0);
        let bias = (usual * f64::from(random.signed_unit())) as i32;
        // Most outputs within i8, some beyond.
        let factor = (60.0 / usual * 2.0_f64.powf(random.signed_unit().into())).min(0.249);
        let shifts =
            (1..=22_u8).take_while(|&shift| as_multiplier(factor, shift) < 2.0_f64.powi(31));
        let shift = shifts.clone().nth(random.below(shifts.count())).unwrap_or(1);
        Self { weights, bias, multiplier: as_multiplier(factor, shift) as i32, shift }
    }
}

/// The multiplier that stands for `factor` with this shift.
fn as_multiplier(factor: f64, shift: u8) -> f64 {
    (factor * 2.0_f64.powi(32 + i32::from(shift))).round()
}

/// SplitMix64 layers along `widths` (pixels, hidden layers, latent; the decoder has them reversed).
/// They have none, one or some tables in turn, and the decoder's last always has.
#[must_use]
pub fn random_layers(
    widths: &[usize],
    weights: Weights,
    random: &mut SplitMix64,
) -> [Vec<IntegerLayer>; 2] {
    let mut layer =
        |inputs, outputs, tables| IntegerLayer::random(inputs, outputs, weights, tables, random);
    let pairs = || widths.windows(2).enumerate();
    let encoder =
        pairs().map(|(index, pair)| layer(pair[0], pair[1], [0, 1, 4][index % 3])).collect();
    let decoder =
        pairs().rev().map(|(index, pair)| layer(pair[1], pair[0], [1, 0, 7][index % 3])).collect();
    [encoder, decoder]
}

/// The blob of two chains of layers.
///
/// # Panics
/// If the layers break a rule of the format.
#[must_use]
pub fn integer_blob(
    [encoder, decoder]: &[Vec<IntegerLayer>; 2],
    test_image: &[u8],
    parts: PartSelection,
) -> Vec<u8> {
    let data = |layers: &[IntegerLayer]| -> Vec<Vec<u8>> {
        layers.iter().map(IntegerLayer::data).collect()
    };
    let (encoder_data, decoder_data) = (data(encoder), data(decoder));
    let latent = encoder.last().map_or(0, |layer| layer.channels.len());
    let latent_map = [0.5_f32.to_le_bytes(), (-1.0_f32).to_le_bytes()].concat().repeat(latent);
    let with = Seal { parts, latent_map: &latent_map, provenance: PROVENANCE, test_image };
    let blob = seal::<Int8Contract>(
        &layer_bytes(encoder, &encoder_data),
        &layer_bytes(decoder, &decoder_data),
        &with,
    );
    blob.expect("layers that the format can hold")
}

fn layer_bytes<'a>(
    layers: &'a [IntegerLayer],
    data: &'a [Vec<u8>],
) -> Vec<LayerBytes<'a, Int8Contract>> {
    let layers = layers.iter().zip(data).map(|(layer, data)| LayerBytes {
        inputs: layer.inputs,
        outputs: layer.channels.len(),
        parameters: &layer.parameters,
        data,
    });
    layers.collect()
}
