//! The half of a detector that takes samples.

use ae_core::{Detection, SampleKind, SampleMap};

use super::error::DetectorError;
use super::sample::Sample;
use super::window::Window;
#[cfg(feature = "signal-features")]
use crate::features::{Gatherer, Rings};

/// Takes a signal sample by sample and says when a window is whole, or, where features are computed of
/// the signal, a frame. What it does for a sample is short and needs no model, so an interrupt can do
/// it; see [`Detector::split`](super::Detector::split).
#[derive(Debug)]
pub struct Sampler<'a, 'm> {
    samples: SampleMap<'a>,
    kind: SampleKind,
    channels: usize,
    /// Where features are computed it has no codes: those are the judge's.
    window: Window<'m>,
    /// What a judge computes features of.
    #[cfg(feature = "signal-features")]
    frame: Option<Gatherer<'a, 'm>>,
}

impl<'a, 'm> Sampler<'a, 'm> {
    /// Gathers windows. `codes` has a byte for each of the model's features.
    pub(super) fn of_windows(
        detection: &Detection<'a>,
        channels: usize,
        codes: &'m mut [u8],
    ) -> Self {
        Self {
            samples: detection.samples,
            kind: detection.kind(),
            channels,
            window: Window::new(codes, channels, detection.window, detection.stride),
            #[cfg(feature = "signal-features")]
            frame: None,
        }
    }

    /// Gathers frames.
    #[cfg(feature = "signal-features")]
    pub(super) fn of_frames(detection: &Detection<'a>, frame: Gatherer<'a, 'm>) -> Self {
        let channels = frame.features().channels.into();
        let none = Self::of_windows(detection, channels, Default::default());
        Self { frame: Some(frame), ..none }
    }

    /// Values of a sample.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Takes the next sample, one value for each channel. Says whether it is the last of a window, or,
    /// where features are computed, of a frame.
    ///
    /// # Errors
    /// Values of another type, or not as many as there are channels. The sample is not taken then.
    pub fn push<S: Sample>(&mut self, sample: &[S]) -> Result<bool, DetectorError> {
        let (expected, found) = (self.kind, S::KIND);
        if expected != found {
            return Err(DetectorError::Samples { expected, found });
        }
        let (expected, found) = (self.channels, sample.len());
        if expected != found {
            return Err(DetectorError::Channels { expected, found });
        }
        #[cfg(feature = "signal-features")]
        if let Some(frame) = &mut self.frame {
            return Ok(S::gather(sample, frame));
        }
        let Some(place) = self.window.next_sample() else { return Ok(false) };
        S::codes(sample, &self.samples, place);
        Ok(self.window.is_full())
    }

    /// The codes of the whole window, until the next sample: a byte for each value, sample after
    /// sample, as the model takes them. Where features are computed there are none, but frames.
    #[must_use]
    pub fn window(&self) -> &[u8] {
        self.window.codes()
    }

    /// Copies the samples of the whole frame, until the next sample: those of the first channel, the
    /// oldest first, then of the next. It is for [`Judge::take_frame`](super::Judge::take_frame).
    ///
    /// # Errors
    /// No features are computed, or `whole` has not [`ae_core::frame_len`] values.
    #[cfg(feature = "signal-features")]
    pub fn copy_frame(&self, whole: &mut [i16]) -> Result<(), DetectorError> {
        match &self.frame {
            Some(frame) => frame.copy_frame(whole),
            None => Err(DetectorError::NoFeatures),
        }
    }

    /// The same frame where it lies; `None` where there are windows.
    #[cfg(feature = "signal-features")]
    pub(super) fn frame(&self) -> Option<Rings<'_>> {
        self.frame.as_ref().map(Gatherer::frame)
    }

    /// Forgets the samples so far: for a signal that was interrupted. The judge must forget, too.
    pub fn reset(&mut self) {
        self.window.reset();
        #[cfg(feature = "signal-features")]
        if let Some(frame) = &mut self.frame {
            frame.reset();
        }
    }
}
