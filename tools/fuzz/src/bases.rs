//! The models that hostile blobs are made from: small, and with every kind of field in them.

use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::draw::{Weights, float, int8, runs, spatial_model};
use ae_testkit::float::Activation;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::section::{Bands, CountMap, Curve, Features, Samples, Section, ValueMap};
use ae_testkit::spatial::Kind;

use crate::fields::Parsed;
use crate::parts::Parts;

/// All bases, the same every time.
#[must_use]
pub fn all() -> Vec<Parsed> {
    let random = &mut SplitMix64::new(1);
    let mut blobs = Vec::new();
    for layout in [Layout::Rows, Layout::RowPairs] {
        let mut base = |widths: &[usize], parts: Parts, weights, tables: &[usize]| {
            blobs.push(parts.of(int8(widths, layout, weights, tables, random)).write());
        };
        for parts in [Parts::Both, Parts::Encoder, Parts::Decoder] {
            let widths: &[usize] = if parts == Parts::Both { &[6, 4, 2] } else { &[9, 5, 3, 2] };
            base(widths, parts, Weights::Any, &[0]);
        }
        base(&[12, 7, 3], Parts::Both, Weights::Any, &[1, 0, 3, 2]);
        base(&[5, 1], Parts::Both, Weights::Extreme, &[0, 3]);
        base(&[4, 4, 4, 4], Parts::Both, Weights::Small, &[0]);
    }
    use Activation::{Gelu, Identity, Relu, Sigmoid, Silu};
    for (parts, activations) in [
        (Parts::Both, &[Gelu, Identity, Silu, Sigmoid][..]),
        (Parts::Encoder, &[Silu, Relu]),
        (Parts::Decoder, &[Relu, Gelu, Sigmoid]),
    ] {
        blobs.push(parts.of(float(&[7, 4, 2], activations, random)).write());
    }
    let random_int8 = int8(&[9, 6, 5], Layout::RowPairs, Weights::Any, &[0, 2], random);
    blobs.push(random_int8.with_one_hot_latent().write());
    blobs.push(float(&[8, 5], &[Identity, Sigmoid], random).with_one_hot_latent().write());
    blobs.push(float(&[12, 7, 3], &[Relu, Identity, Relu, Sigmoid], random).write());
    blobs.push(float(&[3, 3, 3], &[Identity], random).write());
    blobs.extend(with_sections(random));
    blobs.extend(with_features(random));
    blobs.extend(spatial(random));
    blobs.into_iter().map(Parsed::of).collect()
}

/// Models of layers that work position by position: each kind first and last in a part of each
/// contract, so that the numbers of its map are those of the part.
fn spatial(random: &mut SplitMix64) -> Vec<Vec<u8>> {
    let mut blobs = Vec::new();
    for (index, first) in Kind::ALL.into_iter().enumerate() {
        let next = |step: usize| Kind::ALL[(index + step) % Kind::ALL.len()];
        let kinds = [first, next(1), next(2), first];
        for layout in [Layout::Rows, Layout::RowPairs] {
            blobs.push(spatial_model::int8(kinds, layout, random).write());
        }
        for parts in [Parts::Encoder, Parts::Decoder] {
            let layout = [Layout::Rows, Layout::RowPairs][index % 2];
            blobs.push(parts.of(spatial_model::int8(kinds, layout, random)).write());
            blobs.push(parts.of(spatial_model::float(kinds, random)).write());
        }
        blobs.push(spatial_model::float(kinds, random).write());
    }
    // In strips.
    blobs.push(runs::int8(3, Layout::Rows, random).write());
    blobs.push(runs::float(2, random).write());
    blobs
}

/// Models that speak to a detector, of every kind of samples, with and without weights, with
/// windows that overlap, touch and leave gaps.
fn with_sections(random: &mut SplitMix64) -> [Vec<u8>; 6] {
    use Activation::{Gelu, Identity, Sigmoid};
    let count = |bias, shift| CountMap { bias, multiplier: 1_300_000_000, shift };
    let counts = vec![count(-25_600, 10), count(0, 12), count(i32::MAX - (1 << 23), 22)];
    let value = |offset, scale| ValueMap { offset, scale };
    let values = vec![value(0.0, 16.0), value(9.81, 0.5), value(-1e9, 1e-7)];
    let count_curves = [(vec![-700, 300], vec![0, 1, 2]), (vec![], vec![1]), (vec![0], vec![2, 0])];
    let count_curves = count_curves.map(|(bounds, maps)| Curve {
        bounds,
        maps: maps.into_iter().map(|at| counts[at]).collect(),
    });
    let value_curves = [(vec![0.5], vec![1, 0]), (vec![-1e9, -1.0, 1e-3], vec![2, 0, 1, 0])];
    let value_curves = value_curves.map(|(bounds, maps)| Curve {
        bounds,
        maps: maps.into_iter().map(|at| values[at]).collect(),
    });
    let section = |samples, window, stride, [hits, of]: [u8; 2]| Section {
        samples,
        window,
        stride,
        weights: if stride == 1 { (1..=12).map(|index| 21 * index).collect() } else { Vec::new() },
        threshold: 300_000,
        alarm_ppm: 10_000,
        scores: 99,
        digest: vec![0xd1; 32],
        hits,
        of,
        // As the model with gaps between its windows.
        smoothing: if stride == 5 { 2 } else { 0 },
        // As the models of one window after the other, and with gaps.
        groups: if stride >= 5 || stride == 3 {
            vec![7, 280_000, 280_000, 320_000]
        } else {
            Vec::new()
        },
        features: None,
    };
    let mut model = |layout| int8(&[12, 5, 2], layout, Weights::Any, &[0], random);
    let [rows, pairs] = [Layout::Rows, Layout::RowPairs].map(&mut model);
    let levels = model(Layout::Rows);
    let alone = Parts::Encoder.of(model(Layout::Rows));
    let real = float(&[12, 4, 2], &[Gelu, Identity, Gelu, Sigmoid], random);
    [
        detecting(rows, &section(Samples::Counts(counts), 4, 1, [2, 3])),
        detecting(pairs, &section(Samples::Pixels, 3, 3, [1, 32])),
        detecting(alone, &section(Samples::Pixels, 6, 9, [1, 1])),
        detecting(real.clone(), &section(Samples::Values(values), 4, 5, [1, 1])),
        detecting(levels, &section(Samples::CountCurves(count_curves.into()), 4, 2, [1, 2])),
        detecting(real, &section(Samples::ValueCurves(value_curves.into()), 6, 1, [1, 1])),
    ]
}

/// Models whose detector computes features of the signal: all kinds of them, of counts and of real
/// values, of short frames, so that much is computed in little time.
fn with_features(random: &mut SplitMix64) -> [Vec<u8>; 3] {
    use Activation::{Gelu, Identity, Sigmoid};
    // Levels are some thousands.
    let levels = CountMap { bias: -256 * 9000, multiplier: 1_300_000_000, shift: 13 };
    let unit = ValueMap { offset: 0.5, scale: 900.0 };
    let bands = |taper, spectrum, first, segments: &[&[u16]]| {
        let segments = segments.iter().map(|weights| weights.to_vec()).collect();
        Some(Bands { taper, spectrum, first, segments })
    };
    let section = |samples, window, smoothing, features| Section {
        samples,
        window,
        stride: 1,
        weights: Vec::new(),
        threshold: 40_000,
        alarm_ppm: 10_000,
        scores: 99,
        digest: vec![0xd1; 32],
        hits: 1,
        of: 2,
        smoothing,
        groups: if window == 1 { vec![39_000, 1 << 40] } else { Vec::new() },
        features: Some(features),
    };
    let curve = Curve { bounds: vec![-20, 9000], maps: vec![levels; 3] };
    let of_bands = Features {
        channels: 1,
        frame: 32,
        hop: 16,
        units: Vec::new(),
        raw: 0,
        statistics: 0b1,
        bands: bands(1, 0, 1, &[&[16_384, 32_768], &[], &[9000, 20_000, 32_768], &[0, 0, 77]]),
    };
    let of_all = Features {
        channels: 2,
        frame: 64,
        hop: 1,
        units: vec![unit; 2],
        raw: 1,
        statistics: 0b10_1010,
        bands: bands(0, 1, 0, &[&[32_768], &[1], &[]]),
    };
    let of_statistics = Features {
        channels: 1,
        frame: 128,
        hop: 50,
        units: Vec::new(),
        raw: 0,
        statistics: 0b11_1111,
        bands: None,
    };
    let mut model = |layout| int8(&[12, 5, 2], layout, Weights::Any, &[0], random);
    let [rows, pairs] = [Layout::Rows, Layout::RowPairs].map(&mut model);
    let real = float(&[12, 4, 2], &[Gelu, Identity, Gelu, Sigmoid], random);
    let counts = |values| Samples::Counts(vec![levels; values]);
    [
        detecting(rows, &section(counts(4), 3, 0, of_bands)),
        detecting(pairs, &section(Samples::CountCurves(vec![curve; 12]), 1, 0, of_all)),
        detecting(real, &section(counts(6), 2, 1, of_statistics)),
    ]
}

/// The same model with this detection section.
fn detecting<A: Arithmetic>(blob: Blob<A>, section: &Section) -> Vec<u8> {
    Blob { detection: section.write(), ..blob }.write()
}
