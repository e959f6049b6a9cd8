//! A small model whose detector computes features of a signal.

use ae_core::{Detection, LoadError, Model};
use ae_testkit::blob::Blob;
use ae_testkit::draw::{self, Weights};
use ae_testkit::int8::Int8;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::section::{Bands, CountMap, Features, Samples, Section, ValueMap};

/// Pixels of the model.
pub(crate) const PIXELS: usize = 24;

/// The model, without a section.
pub(crate) fn model(random: &mut SplitMix64) -> Blob<Int8> {
    draw::int8(&[PIXELS, 6, 3], Layout::Rows, Weights::Any, &[0], random)
}

/// Two channels of real values: per channel two statistics and two bands, 8 values of a frame, and 3
/// frames of a window.
pub(crate) fn section() -> Section {
    let map = CountMap { bias: -256 * 5000, multiplier: 1_400_000_000, shift: 14 };
    let unit = ValueMap { offset: 0.0, scale: 1000.0 };
    let bands = Bands {
        taper: 1,
        spectrum: 0,
        first: 1,
        segments: vec![vec![16_384, 32_768], vec![8192, 20_000, 32_768], vec![3; 6]],
    };
    Section {
        samples: Samples::Counts(vec![map; 8]),
        window: 3,
        stride: 2,
        weights: Vec::new(),
        threshold: 50_000,
        alarm_ppm: 10_000,
        scores: 99,
        digest: vec![0xd1; 32],
        hits: 2,
        of: 3,
        smoothing: 0,
        groups: Vec::new(),
        features: Some(Features {
            channels: 2,
            frame: 64,
            hop: 40,
            units: vec![unit; 2],
            raw: 0,
            statistics: 0b10_0010,
            bands: Some(bands),
        }),
    }
}

/// The model with a section of these bytes.
pub(crate) fn with_section(section: Vec<u8>) -> Vec<u8> {
    Blob { detection: section, ..model(&mut SplitMix64::new(5)) }.write()
}

/// What the loader says of the blob's section.
pub(crate) fn detection(blob: &[u8]) -> Result<Option<Detection<'_>>, LoadError> {
    Model::<ae_core::Int8<'_>>::parse(blob).expect("a good model").detection()
}
