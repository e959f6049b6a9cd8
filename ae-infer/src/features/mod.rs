//! What is computed of a signal before the model sees it: frames, spectra, statistics.
//!
//! All of it is integers, and `FORMAT.md` has every rounding, so a host that trains and a board that
//! decides see the same values.

mod log2;
mod spectrum;
mod statistics;
mod tables;

use ae_core::{LoadError, SignalFeatures};

use crate::detector::DetectorError;

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
    features: SignalFeatures<'a>,
    /// Where a spectrum is computed; empty where none is.
    spectrum: &'m mut [i32],
    /// The last samples: those of the first channel in a ring, then of the second.
    samples: &'m mut [i16],
    /// The oldest sample of a ring, which the next one takes the place of.
    oldest: usize,
    /// Samples that are still missing for a frame.
    missing: u16,
}

impl<'a, 'm> FeatureStream<'a, 'm> {
    /// A stream before its first sample. `buffer` has [`SignalFeatures::buffer_len`] bytes at least, on
    /// any boundary.
    ///
    /// # Errors
    /// The buffer is shorter, or no detector could follow the features.
    pub fn new(features: SignalFeatures<'a>, buffer: &'m mut [u8]) -> Result<Self, DetectorError> {
        features.check().map_err(|error| LoadError::Detection(error.into()))?;
        let (needed, found) = (features.buffer_len(), buffer.len());
        let missing = features.frame;
        let (_, words, _) = bytemuck::pod_align_to_mut::<u8, i32>(buffer);
        let too_small = DetectorError::Window { needed, found };
        if found < needed {
            return Err(too_small);
        }
        let (spectrum, rest) =
            words.split_at_mut_checked(features.spectrum_words()).ok_or(too_small)?;
        let samples = bytemuck::must_cast_slice_mut::<i32, i16>(rest);
        let samples = samples.get_mut(..features.frame_values()).ok_or(too_small)?;
        Ok(Self { features, spectrum, samples, oldest: 0, missing })
    }

    /// What is computed.
    #[must_use]
    pub fn features(&self) -> &SignalFeatures<'a> {
        &self.features
    }

    /// Takes the next sample, an i16 for each channel. Says whether a frame is whole. A missing
    /// value counts as the one of a frame before, and one too many is not looked at.
    pub fn push(&mut self, sample: &[i16]) -> bool {
        self.push_each(sample.iter().copied())
    }

    /// Takes the next sample of f32 values, each by its channel's map to i16. See [`push`](Self::push).
    pub fn push_values(&mut self, sample: &[f32]) -> bool {
        let units = self.features.units();
        self.push_each(sample.iter().zip(units).map(|(&value, unit)| unit.count(value)))
    }

    fn push_each(&mut self, sample: impl Iterator<Item = i16>) -> bool {
        let frame = self.frame_len();
        for (ring, value) in self.samples.chunks_exact_mut(frame).zip(sample) {
            if let Some(place) = ring.get_mut(self.oldest) {
                *place = value;
            }
        }
        // A frame is a power of two.
        self.oldest = self.oldest.wrapping_add(1) & frame.wrapping_sub(1);
        self.missing = self.missing.saturating_sub(1);
        let is_whole = self.missing == 0;
        if is_whole {
            self.missing = self.features.hop;
        }
        is_whole
    }

    /// Computes the features of the last frame samples, value after value, in the order of
    /// [`SignalFeatures`]: [`SignalFeatures::values`] of them.
    pub fn values(&mut self, mut value: impl FnMut(i16)) {
        let (frame, hop) = (self.frame_len(), usize::from(self.features.hop));
        if self.features.raw {
            // The last sample stands before the oldest.
            let first = self.oldest.wrapping_sub(hop);
            for sample in 0..hop {
                let place = first.wrapping_add(sample) & frame.wrapping_sub(1);
                for ring in self.samples.chunks_exact(frame) {
                    value(ring.get(place).copied().unwrap_or_default());
                }
            }
        }
        if !self.features.statistics.is_empty() {
            for ring in self.samples.chunks_exact(frame) {
                statistics::each(
                    Frame::new(ring, self.oldest),
                    self.features.statistics,
                    &mut value,
                );
            }
        }
        if let Some(bands) = &self.features.bands {
            for ring in self.samples.chunks_exact(frame) {
                let frame = Frame::new(ring, self.oldest);
                let scale = spectrum::transform(frame, bands.taper, self.spectrum);
                spectrum::each_band(bands, self.spectrum, scale, &mut value);
            }
        }
    }

    /// Samples of a frame, which are not none.
    fn frame_len(&self) -> usize {
        usize::from(self.features.frame).max(1)
    }

    /// Forgets the samples so far: for a signal that was interrupted.
    pub fn reset(&mut self) {
        (self.oldest, self.missing) = (0, self.features.frame);
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
