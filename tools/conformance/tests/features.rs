//! The digests of features are those of an oracle that knows `FORMAT.md` alone.

use ae_conformance::features::{BLOCKS, Block, DIGESTS, in_units};
use ae_core::{Spectrum, Taper, crc32c};
use ae_testkit::oracle::features::frames;
use ae_testkit::section::{Bands, Features, ValueMap};
use ae_testkit::signal::Signal;

/// What the oracle computes of a block's signal.
fn oracle(block: Block) -> Vec<Vec<i16>> {
    let mut bytes = vec![0; 4096];
    let of = block.features(&mut bytes).expect("bands");
    assert_eq!(of.check(), Ok(()));
    let units = of.units().map(|map| ValueMap { offset: map.offset, scale: map.scale });
    let bands = of.bands.map(|bands| Bands {
        taper: usize::from(bands.taper == Taper::Hann),
        spectrum: usize::from(bands.spectrum == Spectrum::Magnitude),
        first: bands.first.into(),
        segments: bands.segments().map(|segment| segment.weights().collect()).collect(),
    });
    let features = Features {
        channels: of.channels.into(),
        frame: of.frame.into(),
        hop: of.hop.into(),
        units: units.collect(),
        raw: of.raw.into(),
        statistics: of.statistics.0,
        bands,
    };
    let (mut signal, values) = (block.signal(), block.samples() * features.channels);
    let counts = (0..values).map(|_| signal.next());
    let signal = match block.is_real {
        true => Signal::Values(counts.map(in_units).collect()),
        false => Signal::Counts(counts.collect()),
    };
    frames(&features, &signal)
}

#[test]
fn the_digests_are_those_of_the_oracle() {
    let digests = BLOCKS.map(|block| {
        let frames = oracle(block);
        assert_eq!(frames.len(), block.frames.into(), "{block:?}");
        let values: Vec<i16> = frames.concat();
        // Of signals that differ in all that is computed.
        let mut kinds = values.clone();
        kinds.sort_unstable();
        kinds.dedup();
        assert!(kinds.len() > 100, "{block:?} has {} values", kinds.len());
        crc32c(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
    });
    assert_eq!(digests, DIGESTS, "DIGESTS must be {digests:#010x?}");
}

#[test]
fn blocks_have_all_lengths_tapers_spectra_and_types() {
    for frame in [32, 64, 128, 256, 512, 1024, 2048] {
        let some = BLOCKS.iter().filter(|block| block.frame == frame);
        assert!(some.count() >= 2, "{frame} samples");
    }
    for taper in [Taper::Rectangular, Taper::Hann] {
        for spectrum in [Spectrum::Power, Spectrum::Magnitude] {
            assert!(BLOCKS.iter().any(|block| block.bands == Some((taper, spectrum))));
        }
    }
    assert!(BLOCKS.iter().any(|block| block.is_real && block.channels == 2 && block.raw));
}
