//! What is computed of a signal before the model sees it: frames, spectra, statistics.
//!
//! All of it is integers, and `FORMAT.md` has every rounding, so a host that trains and a board that
//! decides see the same values.

mod gatherer;
mod log2;
mod spectrum;
mod statistics;
mod tables;

use ae_core::SignalFeatures;

use crate::detector::DetectorError;

pub(crate) use gatherer::{Gatherer, Rings};
pub(crate) use tables::{RIGHT_ANGLE, TURN_BY, TWIDDLES};

/// Takes a signal sample by sample and gives the features of each frame.
///
/// ```
/// use ae_core::{SignalFeatures, Statistics};
/// use ae_infer::FeatureStream;
///
/// let features = SignalFeatures {
///     channels: 1,
///     frame: 32,
///     hop: 16,
///     units: &[],
///     raw: false,
///     statistics: Statistics(Statistics::MEAN.0 | Statistics::CROSSINGS.0),
///     bands: None,
/// };
/// let mut buffer = vec![0; features.buffer_len()];
/// let mut stream = FeatureStream::new(features, &mut buffer)?;
/// let mut frames = Vec::new();
/// for sample in 0..48_i16 {
///     if stream.push(&[if sample % 2 == 0 { 103 } else { 97 }]) {
///         stream.values(|value| frames.push(value));
///     }
/// }
/// assert_eq!(frames, [100, 31, 100, 31]);
/// # Ok::<(), ae_infer::DetectorError>(())
/// ```
#[derive(Debug)]
pub struct FeatureStream<'a, 'm> {
    gatherer: Gatherer<'a, 'm>,
    /// Where a spectrum is computed; empty where none is.
    spectrum: &'m mut [i32],
}

impl<'a, 'm> FeatureStream<'a, 'm> {
    /// A stream before its first sample. `buffer` has [`SignalFeatures::buffer_len`] bytes at least, on
    /// any boundary.
    ///
    /// # Errors
    /// The buffer is shorter, or no detector could follow the features.
    pub fn new(features: SignalFeatures<'a>, buffer: &'m mut [u8]) -> Result<Self, DetectorError> {
        let (gatherer, spectrum) = Gatherer::new(features, buffer)?;
        Ok(Self { gatherer, spectrum })
    }

    /// What is computed.
    #[must_use]
    pub fn features(&self) -> &SignalFeatures<'a> {
        self.gatherer.features()
    }

    /// Takes the next sample, an i16 for each channel. Says whether a frame is whole. A missing
    /// value counts as the one of a frame before, and one too many is not looked at.
    pub fn push(&mut self, sample: &[i16]) -> bool {
        self.gatherer.push(sample)
    }

    /// Takes the next sample of f32 values, each by its channel's map to i16. See [`push`](Self::push).
    pub fn push_values(&mut self, sample: &[f32]) -> bool {
        self.gatherer.push_values(sample)
    }

    /// Computes the features of the last frame samples, value after value, in the order of
    /// [`SignalFeatures`]: [`SignalFeatures::values`] of them.
    pub fn values(&mut self, value: impl FnMut(i16)) {
        values(self.gatherer.features(), self.gatherer.frame(), self.spectrum, value);
    }

    /// Copies the samples of the last frame: those of the first channel, the oldest first, then of the
    /// next.
    ///
    /// # Errors
    /// `whole` has not as many values as a frame of all channels.
    pub fn copy_frame(&self, whole: &mut [i16]) -> Result<(), DetectorError> {
        self.gatherer.copy_frame(whole)
    }

    /// Forgets the samples so far: for a signal that was interrupted.
    pub fn reset(&mut self) {
        self.gatherer.reset();
    }
}

/// Computes the features of a frame, value after value. `spectrum` is where a spectrum is computed.
#[inline(always)]
pub(crate) fn values(
    features: &SignalFeatures<'_>,
    Rings { samples, oldest }: Rings<'_>,
    spectrum: &mut [i32],
    mut value: impl FnMut(i16),
) {
    let (frame, hop) = (gatherer::frame_len(features), usize::from(features.hop));
    if features.raw {
        // The last sample stands before the oldest.
        let first = oldest.wrapping_sub(hop);
        for sample in 0..hop {
            let place = first.wrapping_add(sample) & frame.wrapping_sub(1);
            for ring in samples.chunks_exact(frame) {
                value(ring.get(place).copied().unwrap_or_default());
            }
        }
    }
    if !features.statistics.is_empty() {
        for ring in samples.chunks_exact(frame) {
            statistics::each(Frame::new(ring, oldest), features.statistics, &mut value);
        }
    }
    if let Some(bands) = &features.bands {
        for ring in samples.chunks_exact(frame) {
            let scale = spectrum::transform(Frame::new(ring, oldest), bands.taper, spectrum);
            spectrum::each_band(bands, spectrum, scale, &mut value);
        }
    }
}

/// The samples of one channel in a frame, the oldest first: in two pieces, as they lie in a ring.
#[derive(Debug, Clone, Copy)]
struct Frame<'m> {
    pieces: [&'m [i16]; 2],
    /// A frame has `2^log2` samples.
    log2: u32,
}

impl<'m> Frame<'m> {
    fn new(ring: &'m [i16], oldest: usize) -> Self {
        let log2 = ring.len().trailing_zeros();
        let (newer, older) = ring.split_at_checked(oldest).unwrap_or((&[], ring));
        Self { pieces: [older, newer], log2 }
    }

    fn samples(self) -> impl Iterator<Item = i16> + Clone {
        let [older, newer] = self.pieces;
        older.iter().chain(newer).copied()
    }
}
