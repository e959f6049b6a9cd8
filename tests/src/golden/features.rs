//! A golden blob whose detector computes features of a signal.

use ae_core::{Bands, CountMap, Debounce, Detection, SampleMap};
use ae_core::{SignalFeatures, Spectrum, Statistics, Taper};

use super::counts;

/// The bytes that the section borrows.
pub(super) struct Bytes {
    maps: Vec<u8>,
    segments: Vec<u8>,
    weights: Vec<u8>,
}

impl Bytes {
    /// Maps of levels around 10 and 50 octaves, with an eighth of an octave a step, and one band of
    /// the bins 2 to 7 of 16.
    pub(super) fn new() -> Self {
        let map =
            |octaves: i32| CountMap { bias: -65_536 * octaves, multiplier: 1 << 30, shift: 11 };
        let numbers = |numbers: &[u16]| numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
        Self {
            maps: [10, 50].into_iter().flat_map(|octaves| map(octaves).to_bytes()).collect(),
            segments: numbers(&[4, 2]),
            weights: numbers(&[8192, 16_384, 24_576, 32_768, 21_845, 10_923]),
        }
    }

    /// Windows of two frames of 32 samples of one channel of counts: the RMS, and a band of the power.
    pub(super) fn detection(&self) -> Detection<'_> {
        let Self { maps, segments, weights } = self;
        Detection {
            samples: SampleMap::Counts(maps),
            threshold: 300_000,
            debounce: Debounce::NONE,
            features: Some(SignalFeatures {
                channels: 1,
                frame: 32,
                hop: 16,
                units: &[],
                raw: false,
                statistics: Statistics::RMS,
                bands: Some(Bands {
                    taper: Taper::Hann,
                    spectrum: Spectrum::Power,
                    first: 2,
                    segments,
                    weights,
                }),
            }),
            ..counts()
        }
    }
}
