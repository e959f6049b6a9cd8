//! The features of a signal against an oracle that knows `FORMAT.md` alone: recursive transforms and
//! numbers of 128 bits, which also see whether a number leaves the bits that the page gives it.

mod blobs;
mod detector;
mod rules;
mod signals;

use ae_core::{SignalFeatures, Spectrum, Statistics, Taper};
use ae_infer::FeatureStream;
use ae_testkit::oracle::features::frames;
use ae_testkit::random::SplitMix64;
use ae_testkit::section::{Bands, Features, ValueMap};
use ae_testkit::signal::Signal;

use crate::signals::{counts, extremes};

const FRAMES: [usize; 7] = [32, 64, 128, 256, 512, 1024, 2048];

/// Little-endian bytes of numbers of 16 bits.
fn bytes(numbers: impl Iterator<Item = u16>) -> Vec<u8> {
    numbers.flat_map(u16::to_le_bytes).collect()
}

/// What `ae-infer` gives for the frames of a signal.
fn found(of: &Features, signal: &Signal) -> Vec<Vec<i16>> {
    let units: Vec<u8> = of
        .units
        .iter()
        .flat_map(|it| ae_core::ValueMap { offset: it.offset, scale: it.scale }.to_bytes())
        .collect();
    let segments = of.bands.iter().flat_map(|it| &it.segments).map(|it| it.len() as u16);
    let segments = bytes(segments);
    let weights = bytes(of.bands.iter().flat_map(|it| &it.segments).flatten().copied());
    let bands = of.bands.as_ref().map(|it| ae_core::Bands {
        taper: [Taper::Rectangular, Taper::Hann][it.taper],
        spectrum: [Spectrum::Power, Spectrum::Magnitude][it.spectrum],
        first: it.first as u16,
        segments: &segments,
        weights: &weights,
    });
    let features = SignalFeatures {
        channels: of.channels as u16,
        frame: of.frame as u16,
        hop: of.hop as u16,
        units: &units,
        raw: of.raw == 1,
        statistics: Statistics(of.statistics),
        bands,
    };
    // At every boundary in turn.
    let offset = of.hop % 4;
    let mut buffer = vec![0xa5; features.buffer_len() + offset];
    let mut stream = FeatureStream::new(features, &mut buffer[offset..]).expect("features");
    let mut frames = Vec::new();
    let samples = match signal {
        Signal::Counts(counts) => counts.len() / of.channels,
        Signal::Values(values) => values.len() / of.channels,
        Signal::Pixels(_) => panic!("pixels have no features"),
    };
    for sample in 0..samples {
        let place = sample * of.channels..(sample + 1) * of.channels;
        let is_whole = match signal {
            Signal::Counts(counts) => stream.push(&counts[place]),
            Signal::Values(values) => stream.push_values(&values[place]),
            Signal::Pixels(_) => false,
        };
        if is_whole {
            let mut frame = Vec::new();
            stream.values(|value| frame.push(value));
            assert_eq!(frame.len(), features.values());
            frames.push(frame);
        }
    }
    frames
}

/// Random bands over bins of a frame: some without a bin, weights at both ends among them.
fn random_bands(frame: usize, random: &mut SplitMix64) -> Bands {
    let bins = frame / 2 + 1;
    let first = random.below(bins);
    let mut left = bins - first;
    let segments = (0..2 + random.below(40)).map(|_| {
        let count = random.below(left.min(1 + bins / 8) + 1);
        left -= count;
        let weight = |random: &mut SplitMix64| match random.below(6) {
            0 => 0,
            1 => 1 << 15,
            _ => random.below((1 << 15) + 1) as u16,
        };
        (0..count).map(|_| weight(random)).collect()
    });
    let segments = segments.collect();
    Bands { taper: random.below(2), spectrum: random.below(2), first, segments }
}

/// Two bands over all bins: whatever a bin has comes up.
fn wide_bands(frame: usize, taper: usize, spectrum: usize) -> Bands {
    let weight = |at: usize| (at * 37 % 32_769) as u16;
    let half = frame / 4;
    let segments = [(0..1).map(weight).collect(), (1..half).map(weight).collect()];
    let rest = (half..frame / 2 + 1).map(weight).collect();
    let segments = segments.into_iter().chain([rest]).collect();
    Bands { taper, spectrum, first: 0, segments }
}

#[test]
fn every_frame_of_extremes_is_what_the_page_says() {
    for frame in FRAMES {
        for (taper, spectrum) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let features = Features {
                channels: 1,
                frame,
                hop: frame,
                units: Vec::new(),
                raw: 0,
                statistics: 63,
                bands: Some(wide_bands(frame, taper, spectrum)),
            };
            for (name, samples) in extremes(frame) {
                let signal = Signal::Counts(samples);
                let case = format!("{name}, {frame} samples, taper {taper}, spectrum {spectrum}");
                assert_eq!(found(&features, &signal), frames(&features, &signal), "{case}");
            }
        }
    }
}

#[test]
fn any_features_of_any_signal_are_what_the_page_says() {
    let random = &mut SplitMix64::new(11);
    let mut all = 0;
    for case in 0..300 {
        let frame = FRAMES[case % FRAMES.len()];
        let channels = 1 + random.below(3);
        let hop = match random.below(4) {
            0 => frame,
            1 => frame / 2,
            2 => 1 + random.below(frame),
            _ => 1 + random.below(9),
        };
        let unit = |random: &mut SplitMix64| ValueMap {
            offset: 3.0 * random.signed_unit(),
            scale: 2.0_f32.powi(random.between(-2, 14) as i32) * 1.1,
        };
        let is_real = random.below(3) == 0;
        let features = Features {
            channels,
            frame,
            hop,
            units: (0..if is_real { channels } else { 0 }).map(|_| unit(random)).collect(),
            raw: random.below(2) as u8,
            statistics: random.below(64) as u8,
            bands: (random.below(4) > 0).then(|| random_bands(frame, random)),
        };
        let samples = frame + hop * random.below(4) + random.below(hop);
        let counts = counts(samples * channels, channels, random);
        let signal = if is_real {
            let real = |count: i16| match random.below(64) {
                0 => random.any_real(),
                _ => f32::from(count) / 3000.0,
            };
            Signal::Values(counts.into_iter().map(real).collect())
        } else {
            Signal::Counts(counts)
        };
        let expected = frames(&features, &signal);
        assert_eq!(found(&features, &signal), expected, "case {case}: {features:?}");
        all += expected.len();
    }
    assert!(all > 500, "{all} frames");
}

/// The comparison above sees the least change of what is computed.
#[test]
fn what_is_changed_by_the_least_is_noticed() {
    let random = &mut SplitMix64::new(12);
    let features = Features {
        channels: 2,
        frame: 64,
        hop: 20,
        units: vec![ValueMap { offset: 0.25, scale: 2000.0 }; 2],
        raw: 1,
        statistics: 63,
        bands: Some(wide_bands(64, 1, 0)),
    };
    let counts = counts(2 * 124, 2, random);
    let values: Vec<f32> = counts.iter().map(|&count| f32::from(count) / 2500.0).collect();
    let signal = Signal::Values(values.clone());
    let expected = frames(&features, &signal);
    assert_eq!(found(&features, &signal), expected);
    let bands = features.bands.as_ref().expect("bands");
    let with_bands = |change: &dyn Fn(&mut Bands)| {
        let mut bands = bands.clone();
        change(&mut bands);
        Features { bands: Some(bands), ..features.clone() }
    };
    let changes = [
        Features { hop: 19, ..features.clone() },
        Features { units: vec![ValueMap { offset: 0.25, scale: 2001.0 }; 2], ..features.clone() },
        with_bands(&|it| it.taper = 0),
        with_bands(&|it| it.spectrum = 1),
        with_bands(&|it| it.first = 1),
        with_bands(&|it| it.segments[1].iter_mut().for_each(|weight| *weight += 64)),
        with_bands(&|it| {
            let moved = it.segments[1].pop().expect("a bin");
            it.segments[2].insert(0, moved);
        }),
    ];
    for (change, changed) in changes.iter().enumerate() {
        if matches!(change, 4) {
            // One bin less at the end, so that the bands still end within the spectrum.
            let mut shorter = changed.clone();
            shorter.bands.as_mut().expect("bands").segments[2].pop();
            assert_ne!(found(&shorter, &signal), expected, "change {change}");
            continue;
        }
        assert_ne!(found(changed, &signal), expected, "change {change}");
    }
    // A count of one sample.
    let mut values = values;
    values[70] += 1.0 / 2000.0;
    assert_ne!(found(&features, &Signal::Values(values)), expected);
}
