//! The samples that frames are made of, as they come.

use ae_core::{LoadError, SignalFeatures};

use crate::detector::DetectorError;

/// Keeps the last samples of a signal, and says when they are a frame. What it does for a sample is short.
#[derive(Debug)]
pub struct Gatherer<'a, 'm> {
    features: SignalFeatures<'a>,
    /// The last samples: those of the first channel in a ring, then of the second.
    samples: &'m mut [i16],
    /// The oldest sample of a ring, which the next one takes the place of.
    oldest: usize,
    /// Samples that are still missing for a frame.
    missing: u16,
}

/// The samples of a frame, in the ring of each channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rings<'m> {
    pub(super) samples: &'m [i16],
    /// The oldest sample of each ring.
    pub(super) oldest: usize,
}

impl<'m> Rings<'m> {
    /// Of a frame whose oldest samples stand first.
    pub(crate) const fn in_order(samples: &'m [i16]) -> Self {
        Self { samples, oldest: 0 }
    }
}

impl<'a, 'm> Gatherer<'a, 'm> {
    /// Before the first sample, and the words that a spectrum is computed in, none where there is no
    /// spectrum. `buffer` has [`SignalFeatures::buffer_len`] bytes at least, on any boundary.
    pub(crate) fn new(
        features: SignalFeatures<'a>,
        buffer: &'m mut [u8],
    ) -> Result<(Self, &'m mut [i32]), DetectorError> {
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
        Ok((Self { features, samples, oldest: 0, missing }, spectrum))
    }

    pub(crate) fn features(&self) -> &SignalFeatures<'a> {
        &self.features
    }

    /// Takes the next sample. Says whether a frame is whole.
    pub(crate) fn push(&mut self, sample: &[i16]) -> bool {
        self.push_each(sample.iter().copied())
    }

    /// Takes the next sample of f32 values, each by its channel's map to i16.
    pub(crate) fn push_values(&mut self, sample: &[f32]) -> bool {
        let units = self.features.units();
        self.push_each(sample.iter().zip(units).map(|(&value, unit)| unit.count(value)))
    }

    fn push_each(&mut self, sample: impl Iterator<Item = i16>) -> bool {
        let frame = frame_len(&self.features);
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

    /// The last frame, until the next sample.
    pub(crate) fn frame(&self) -> Rings<'_> {
        Rings { samples: self.samples, oldest: self.oldest }
    }

    /// Copies the last frame, of each channel the oldest sample first.
    pub(crate) fn copy_frame(&self, whole: &mut [i16]) -> Result<(), DetectorError> {
        let (expected, found) = (self.features.frame_values(), whole.len());
        if expected != found {
            return Err(DetectorError::Frame { expected, found });
        }
        let frame = frame_len(&self.features);
        let rings = self.samples.chunks_exact(frame).zip(whole.chunks_exact_mut(frame));
        for (ring, whole) in rings {
            let (newer, older) = ring.split_at_checked(self.oldest).unwrap_or((&[], ring));
            let Some((first, last)) = whole.split_at_mut_checked(older.len()) else { continue };
            copy(first, older);
            copy(last, newer);
        }
        Ok(())
    }

    pub(crate) fn reset(&mut self) {
        (self.oldest, self.missing) = (0, self.features.frame);
    }
}

/// Copies as many as both have.
fn copy(to: &mut [i16], from: &[i16]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// Samples of a frame, which are not none.
pub(super) fn frame_len(features: &SignalFeatures<'_>) -> usize {
    usize::from(features.frame).max(1)
}
