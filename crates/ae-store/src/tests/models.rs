//! Models that are really loaded and tested, and what a board remembers of its windows.

use ae_core::{Header, features, scratch_len};
use ae_infer::Int8Autoencoder;
use ae_testkit::nor::Nor;
use std::vec::Vec;

use crate::{MappedFlash, Verify};

impl<const WORD: usize, const PAGE: usize> MappedFlash for Nor<WORD, PAGE> {
    fn map(&self, offset: u32, len: u32) -> Option<&[u8]> {
        self.mapped(offset, len)
    }
}

const BLOBS: [&[u8]; 3] = [
    include_bytes!("../../../../tests/golden/tiny.int8.aeb"),
    include_bytes!("../../../../tests/golden/tiny.counts.int8.aeb"),
    include_bytes!("../../../../tests/golden/tiny.prototypes.int8.aeb"),
];

/// The file of a version: a blob, and the version behind it in place of a signature.
pub(super) fn file(version: u32) -> Vec<u8> {
    let blob = BLOBS[version as usize % BLOBS.len()];
    [blob, &version.to_le_bytes()].concat()
}

/// Loads a model and runs its self-test.
pub(super) struct Check;

/// A model that passed, and the file that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed<'f> {
    pub(super) file: &'f [u8],
    pub(super) version: u32,
}

impl Verify for Check {
    type Model<'f> = Passed<'f>;
    type Error = &'static str;

    fn verify<'f>(
        &mut self,
        place: &'f [u8],
        _least: u32,
    ) -> Result<(u32, Passed<'f>), &'static str> {
        let len = Header::total_len(place).map_err(|_| "no blob")? as usize;
        let file = place.get(..len + 4).ok_or("cut")?;
        let (blob, version) = file.split_last_chunk().ok_or("cut")?;
        let version = u32::from_le_bytes(*version);
        let model = Int8Autoencoder::load(blob).map_err(|_| "does not load")?;
        let (mut pixels, mut scratch) = ([0; 64], [0; 256]);
        let (pixels, scratch) = (
            pixels.get_mut(..features(blob).ok_or("no blob")?).ok_or("many pixels")?,
            scratch.get_mut(..scratch_len(blob).ok_or("no blob")?).ok_or("much scratch")?,
        );
        model.self_test(pixels, scratch).map_err(|_| "computes something else")?;
        Ok((version, Passed { file, version }))
    }
}

/// A calibration in progress: how many windows were scored by the model of `version`, and the two
/// largest scores.
pub(super) fn calibration(version: u32, windows: u32) -> Vec<u8> {
    let score = |window: u32| u64::from(window.wrapping_mul(2_654_435_761) ^ version) % 10_007;
    let mut scores: Vec<u64> = (0..windows).map(score).collect();
    scores.sort_unstable_by(|a, b| b.cmp(a));
    let largest = scores.into_iter().chain([0, 0]).take(2).flat_map(u64::to_le_bytes);
    windows.to_le_bytes().into_iter().chain(largest).collect()
}

/// The windows of a calibration.
pub(super) fn windows(remembered: &[u8]) -> u32 {
    remembered.first_chunk().map_or(0, |count| u32::from_le_bytes(*count))
}
