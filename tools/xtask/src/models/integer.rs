//! Models of the int8 contract.

use ae_core::{Calibration, CountMap, Debounce, Detection, Int8, LayerSpec, Layout, SampleMap};
use ae_infer::{Digests, Int8Autoencoder};
use anyhow::Result;

use super::random::Random;
use super::seal::{Run, seal};
use super::{Hidden, Widths};

/// Tables of a hidden layer with tables.
const TABLES: i32 = 4;

/// A layer before it is written.
struct Layer {
    inputs: usize,
    outputs: usize,
    zero_point: i8,
    tables: Vec<u8>,
    data: Vec<u8>,
}

/// What stands behind a layer's sums.
#[derive(Clone, Copy)]
enum Role {
    Hidden(Hidden),
    Latent,
    Output,
}

impl Role {
    /// The zero point of the requantised sum.
    fn zero_point(self) -> i8 {
        match self {
            Self::Hidden(Hidden::Saturate) => i8::MIN,
            _ => 0,
        }
    }

    /// The zero point of what comes out in the end.
    fn output_zero_point(self) -> i8 {
        match self {
            Self::Hidden(Hidden::Tables) => TABLE_ZERO_POINT,
            _ => self.zero_point(),
        }
    }

    fn tables(self) -> Vec<u8> {
        match self {
            Self::Hidden(Hidden::Saturate) | Self::Latent => Vec::new(),
            Self::Hidden(Hidden::Tables) => (0..TABLES).flat_map(curve).collect(),
            Self::Output => (0..=u8::MAX).collect(),
        }
    }
}

const TABLE_ZERO_POINT: i8 = -120;

/// A table that is flat below zero, with a dip, and rises above it, as GELU does.
fn curve(table: i32) -> impl Iterator<Item = u8> {
    (-128..128).map(move |q: i32| {
        let y = if q >= 0 { q * (15 - table) / 8 } else { -(q + 128) / 16 };
        (i32::from(TABLE_ZERO_POINT) + y) as u8
    })
}

pub(super) fn blob(widths: &Widths, hidden: Hidden) -> Result<Vec<u8>> {
    blob_with(widths, hidden, None)
}

/// With GELU and a detection section.
pub(super) fn monitor(widths: &Widths) -> Result<Vec<u8>> {
    const CHANNELS: usize = 6;
    const WINDOW: u32 = 64;
    // 16 counts a step.
    let map = CountMap { bias: 0, multiplier: 1 << 30, shift: 10 };
    let weights: Vec<u8> = (0..widths[0]).map(|pixel| 1 + (pixel * 37 % 255) as u8).collect();
    let detection = Detection {
        samples: SampleMap::Counts(&map.to_bytes().repeat(CHANNELS)),
        window: WINDOW,
        stride: WINDOW / 4,
        weights: &weights,
        threshold: 100_000_000,
        calibration: Calibration { alarm_ppm: 10_000, scores: 999, digest: &[0; 32] },
        debounce: Debounce { hits: 2, of: 3 },
    };
    blob_with(widths, Hidden::Tables, Some(detection))
}

fn blob_with(widths: &Widths, hidden: Hidden, detection: Option<Detection<'_>>) -> Result<Vec<u8>> {
    let mut random = Random::new(if hidden == Hidden::Tables { 2 } else { 1 });
    let encoder = part(widths, 0, Role::Latent, hidden, &mut random);
    let mut reversed = widths.to_vec();
    reversed.reverse();
    let decoder = part(&reversed, 0, Role::Output, hidden, &mut random);
    let image = random.pixels(widths[0]);
    let scale_and_offset = [1.0 / 16.0, 0.0_f32].map(f32::to_le_bytes).concat();
    let latent_map = scale_and_offset.repeat(widths[widths.len() - 1]);
    seal(specs(&encoder), specs(&decoder), &latent_map, detection, &image, run)
}

fn part(
    widths: &Widths,
    input_zero_point: i8,
    last: Role,
    hidden: Hidden,
    random: &mut Random,
) -> Vec<Layer> {
    let mut zero_point = input_zero_point;
    let layers = widths.windows(2).enumerate().map(|(index, pair)| {
        let role = if index + 2 == widths.len() { last } else { Role::Hidden(hidden) };
        let layer = layer(pair[0], pair[1], zero_point, role, random);
        zero_point = role.output_zero_point();
        layer
    });
    layers.collect()
}

/// A layer whose requantised sums use much of the range of i8.
fn layer(inputs: usize, outputs: usize, zero_point: i8, role: Role, random: &mut Random) -> Layer {
    let rows: Vec<Vec<i8>> =
        (0..outputs).map(|_| (0..inputs).map(|_| random.weight()).collect()).collect();
    let biases = rows.iter().map(|row| {
        // The input's zero point is folded into the bias.
        let sum: i32 = row.iter().map(|&weight| i32::from(weight)).sum();
        -i32::from(zero_point) * sum + (1000.0 * random.signed_unit()) as i32
    });
    let biases: Vec<u8> = biases.flat_map(i32::to_le_bytes).collect();
    let (multiplier, shift) = requant(48.0 / ((inputs as f64).sqrt() * 73.0 * 74.0));
    let mut data: Vec<u8> = rows.concat().into_iter().map(|weight| weight as u8).collect();
    data.resize(data.len().next_multiple_of(4), 0);
    data.extend(biases);
    data.extend(multiplier.to_le_bytes().repeat(outputs));
    data.extend(vec![shift; outputs]);
    Layer { inputs, outputs, zero_point: role.zero_point(), tables: role.tables(), data }
}

/// Multiplier and shift that stand for `factor`, which is below 1/4.
fn requant(factor: f64) -> (i32, u8) {
    let mut shift = 1;
    let mut multiplier = factor * 2_f64.powi(33);
    while multiplier < 2_f64.powi(30) {
        multiplier *= 2.0;
        shift += 1;
    }
    (multiplier as i32, shift)
}

fn specs(layers: &[Layer]) -> Vec<LayerSpec<'_, Int8<'_>>> {
    let specs = layers.iter().map(|layer| LayerSpec {
        inputs: layer.inputs as u32,
        outputs: layer.outputs as u32,
        digest: 0,
        arithmetic: Int8::new(Layout::Rows, layer.zero_point, &layer.tables),
        data: &layer.data,
    });
    specs.collect()
}

fn run(draft: &[u8], image: &[u8]) -> Result<Run> {
    let model = Int8Autoencoder::load(draft)?;
    let header = model.model().header();
    let mut scratch = vec![0; header.scratch_len()];
    let mut latent = vec![0; header.latent as usize];
    let mut pixels = vec![0; image.len()];
    let mut digests = Digests::default();
    model.encode_traced(image, &mut latent, &mut scratch, &mut digests)?;
    model.decode_traced(&latent, &mut pixels, &mut scratch, &mut digests)?;
    let latent = latent.into_iter().map(|value: i8| value as u8).collect();
    Ok((latent, digests.as_slice().to_vec()))
}
