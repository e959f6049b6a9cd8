//! The models that hostile blobs are made from: small, and with every kind of field in them.

use ae_core::{
    Activation, Calibration, CountMap, Debounce, Detection, Layout, SampleMap, ValueMap,
};
use ae_testkit::random::SplitMix64;

use crate::fields::Parsed;
use crate::made::{Parts, Weights, detecting, float, integer};

/// All bases, the same every time.
#[must_use]
pub fn all() -> Vec<Parsed> {
    let random = &mut SplitMix64::new(1);
    let mut blobs = Vec::new();
    for layout in [Layout::Rows, Layout::RowPairs] {
        for parts in [Parts::Both, Parts::Encoder, Parts::Decoder] {
            let widths: &[usize] = if parts == Parts::Both { &[6, 4, 2] } else { &[9, 5, 3, 2] };
            blobs.push(integer(widths, parts, layout, Weights::Any, &[0], random));
        }
        blobs.push(integer(&[12, 7, 3], Parts::Both, layout, Weights::Any, &[1, 0, 3, 2], random));
        blobs.push(integer(&[5, 1], Parts::Both, layout, Weights::Extreme, &[0, 3], random));
        blobs.push(integer(&[4, 4, 4, 4], Parts::Both, layout, Weights::Small, &[0], random));
    }
    use Activation::{Gelu, Identity, Relu, Sigmoid, Silu};
    for (parts, activations) in [
        (Parts::Both, &[Gelu, Identity, Silu, Sigmoid][..]),
        (Parts::Encoder, &[Silu, Relu]),
        (Parts::Decoder, &[Relu, Gelu, Sigmoid]),
    ] {
        blobs.push(float(&[7, 4, 2], parts, activations, random));
    }
    blobs.push(float(&[12, 7, 3], Parts::Both, &[Relu, Identity, Relu, Sigmoid], random));
    blobs.push(float(&[3, 3, 3], Parts::Both, &[Identity], random));
    blobs.extend(with_sections(random));
    blobs.into_iter().map(Parsed::of).collect()
}

/// Models that speak to a detector, of every kind of samples, with and without weights, with
/// windows that overlap, touch and leave gaps.
fn with_sections(random: &mut SplitMix64) -> [Vec<u8>; 4] {
    use Activation::{Gelu, Identity, Sigmoid};
    let count = |bias, shift| CountMap { bias, multiplier: 1_300_000_000, shift }.to_bytes();
    let counts = [count(-25_600, 10), count(0, 12), count(i32::MAX - (1 << 23), 22)].concat();
    let value = |offset, scale| ValueMap { offset, scale }.to_bytes();
    let values = [value(0.0, 16.0), value(9.81, 0.5), value(-1e9, 1e-7)].concat();
    let weights: Vec<u8> = (1..=12).map(|index| 21 * index).collect();
    let section = |samples, window, stride, debounce| Detection {
        samples,
        window,
        stride,
        weights: &weights[..if stride == 1 { 12 } else { 0 }],
        threshold: 300_000,
        calibration: Calibration { alarm_ppm: 10_000, scores: 99, digest: &[0xd1; 32] },
        debounce,
    };
    let two_of_three = Debounce { hits: 2, of: 3 };
    let mut model = |parts, layout| integer(&[12, 5, 2], parts, layout, Weights::Any, &[0], random);
    let [rows, pairs] = [Layout::Rows, Layout::RowPairs].map(|layout| model(Parts::Both, layout));
    let alone = model(Parts::Encoder, Layout::Rows);
    let real = float(&[12, 4, 2], Parts::Both, &[Gelu, Identity, Gelu, Sigmoid], random);
    [
        detecting(&rows, section(SampleMap::Counts(&counts), 4, 1, two_of_three)),
        detecting(&pairs, section(SampleMap::Pixels, 3, 3, Debounce { hits: 1, of: 32 })),
        detecting(&alone, section(SampleMap::Pixels, 6, 9, Debounce::NONE)),
        detecting(&real, section(SampleMap::Values(&values), 4, 5, Debounce::NONE)),
    ]
}
