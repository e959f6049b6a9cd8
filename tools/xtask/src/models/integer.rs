//! Models of the int8 contract.

use ae_testkit::blob::Layer;
use ae_testkit::int8::{Channel, Int8};
use ae_testkit::places::{Layout, Parameters};
use ae_testkit::random::SplitMix64;
use ae_testkit::section::{CountMap, Samples, Section};

use super::seal::seal;
use super::{Hidden, Widths};

/// Tables of a hidden layer with tables.
const TABLES: i32 = 4;

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

pub(super) fn blob(widths: &Widths, hidden: Hidden) -> Vec<u8> {
    blob_with(widths, hidden, Vec::new())
}

/// With GELU and a detection section.
pub(super) fn monitor(widths: &Widths, channels: usize) -> Vec<u8> {
    let window = widths[0] / channels;
    // 16 counts a step.
    let map = CountMap { bias: 0, multiplier: 1 << 30, shift: 10 };
    let section = Section {
        samples: Samples::Counts(vec![map; channels]),
        window,
        stride: window / 4,
        weights: (0..widths[0]).map(|pixel| 1 + (pixel * 37 % 255) as u8).collect(),
        threshold: 100_000_000,
        alarm_ppm: 10_000,
        scores: 999,
        digest: vec![0; 32],
        hits: 2,
        of: 3,
        smoothing: 0,
        groups: Vec::new(),
        features: None,
    };
    blob_with(widths, Hidden::Tables, section.write())
}

fn blob_with(widths: &Widths, hidden: Hidden, detection: Vec<u8>) -> Vec<u8> {
    let mut random = SplitMix64::new(if hidden == Hidden::Tables { 2 } else { 1 });
    let encoder = part(widths, 0, Role::Latent, hidden, &mut random);
    let reversed: Vec<usize> = widths.iter().rev().copied().collect();
    let decoder = part(&reversed, 0, Role::Output, hidden, &mut random);
    let image = random.bytes(widths[0]);
    let scale_and_offset = [1.0 / 16.0, 0.0_f32].map(f32::to_le_bytes).concat();
    let latent_map = scale_and_offset.repeat(widths[widths.len() - 1]);
    seal([encoder, decoder], latent_map, detection, image)
}

fn part(
    widths: &Widths,
    input_zero_point: i8,
    last: Role,
    hidden: Hidden,
    random: &mut SplitMix64,
) -> Vec<Layer<Int8>> {
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
fn layer(
    inputs: usize,
    outputs: usize,
    zero_point: i8,
    role: Role,
    random: &mut SplitMix64,
) -> Layer<Int8> {
    let rows = (0..outputs).map(|_| (0..inputs).map(|_| random.between(-127, 127) as i8).collect());
    let rows: Vec<Vec<i8>> = rows.collect();
    let (multiplier, shift) = requant(48.0 / ((inputs as f64).sqrt() * 73.0 * 74.0));
    let channels = rows.into_iter().map(|weights| {
        // The input's zero point is folded into the bias.
        let sum: i32 = weights.iter().map(|&weight| i32::from(weight)).sum();
        let bias = -i32::from(zero_point) * sum + (1000.0 * random.signed_unit()) as i32;
        Channel { weights, parameters: Parameters { bias, multiplier, shift } }
    });
    let arithmetic = Int8 {
        layout: Layout::Rows,
        is_rounded_twice: false,
        zero_point: role.zero_point(),
        padding: 0,
        tables: role.tables(),
        channels: channels.collect(),
    };
    Layer { inputs, outputs, spatial: None, digest: 0, arithmetic }
}

/// Multiplier and shift that stand for `factor`, which is below 1/4.
pub(super) fn requant(factor: f64) -> (i32, u8) {
    let mut shift = 1;
    let mut multiplier = factor * 2_f64.powi(33);
    while multiplier < 2_f64.powi(30) {
        multiplier *= 2.0;
        shift += 1;
    }
    (multiplier as i32, shift)
}
