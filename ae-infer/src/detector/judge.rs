//! The half of a detector that decides.

use ae_core::Detection;

use super::decision::{Decision, Recent};
use super::error::DetectorError;
#[cfg(feature = "signal-features")]
use super::frames::Frames;
use crate::autoencoder::Autoencoder;
use crate::compute::Compute;
#[cfg(feature = "signal-features")]
use crate::features::Rings;
use crate::score::{Evidence, evidence};

/// Decides window after window: encode, decode, score, compare, debounce. It may take as long as the
/// samples of a stride take; see [`Detector::split`](super::Detector::split). Where features are
/// computed of the signal it takes frames, and computes them, too.
#[derive(Debug)]
pub struct Judge<'a, 'm, A: Compute<'a>> {
    decider: Decider<'a, 'm, A>,
    #[cfg(feature = "signal-features")]
    frames: Option<Frames<'m>>,
}

/// What decides about the codes of a window.
#[derive(Debug)]
struct Decider<'a, 'm, A: Compute<'a>> {
    model: Autoencoder<'a, A>,
    detection: Detection<'a>,
    /// Codes of a sample, or of a frame.
    channels: usize,
    reconstruction: &'m mut [u8],
    scratch: &'m mut [A::Element],
    recent: Recent,
}

impl<'a, 'm, A: Compute<'a>> Judge<'a, 'm, A> {
    pub(super) fn new(
        model: Autoencoder<'a, A>,
        detection: Detection<'a>,
        channels: usize,
        reconstruction: &'m mut [u8],
        scratch: &'m mut [A::Element],
    ) -> Self {
        let recent = Recent::new(detection.debounce);
        Self {
            decider: Decider { model, detection, channels, reconstruction, scratch, recent },
            #[cfg(feature = "signal-features")]
            frames: None,
        }
    }

    /// The same of frames.
    #[cfg(feature = "signal-features")]
    pub(super) fn of_frames(self, frames: Frames<'m>) -> Self {
        Self { frames: Some(frames), ..self }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Autoencoder<'a, A> {
        &self.decider.model
    }

    /// The blob's detection section.
    #[must_use]
    pub fn detection(&self) -> &Detection<'a> {
        &self.decider.detection
    }

    /// Decides about the next window, which a [`Sampler`](super::Sampler) gathered. Windows are
    /// given in their order, and none is left out, or an alarm that takes several looks at others.
    ///
    /// # Errors
    /// The window does not have [`ae_core::features`] codes. It does not count then.
    pub fn decide(&mut self, window: &[u8]) -> Result<Decision, DetectorError> {
        self.decider.decide(window)
    }

    /// Takes the next frame, which a [`Sampler`](super::Sampler) gathered and
    /// [copied](super::Sampler::copy_frame), computes its features, and decides if it ends a window.
    /// Frames are given in their order. If one is left out, both halves must [`reset`](Self::reset).
    ///
    /// # Errors
    /// No features are computed of the signal, or the frame does not have [`ae_core::frame_len`] values.
    /// It does not count then.
    #[cfg(feature = "signal-features")]
    pub fn take_frame(&mut self, frame: &[i16]) -> Result<Option<Decision>, DetectorError> {
        let features = self.decider.detection.features.ok_or(DetectorError::NoFeatures)?;
        let (expected, found) = (features.frame_values(), frame.len());
        if expected != found {
            return Err(DetectorError::Frame { expected, found });
        }
        self.take(Rings::in_order(frame))
    }

    /// The same of a frame as it lies where it was gathered.
    #[cfg(feature = "signal-features")]
    pub(super) fn take(&mut self, frame: Rings<'_>) -> Result<Option<Decision>, DetectorError> {
        let frames = self.frames.as_mut();
        match frames.and_then(|frames| frames.take(frame, &self.decider.detection)) {
            Some(window) => self.decider.decide(window).map(Some),
            None => Ok(None),
        }
    }

    /// The window of features that the last decision was about; `None` where none are computed.
    #[cfg(feature = "signal-features")]
    pub(super) fn window(&self) -> Option<&[u8]> {
        self.frames.as_ref().map(Frames::window)
    }

    /// The model's reconstruction of the last window, in codes.
    #[must_use]
    pub fn reconstruction(&self) -> &[u8] {
        self.decider.reconstruction
    }

    /// Forgets the windows so far: for a signal that was interrupted, or a window that was lost.
    pub fn reset(&mut self) {
        self.decider.recent = Recent::new(self.decider.detection.debounce);
        #[cfg(feature = "signal-features")]
        if let Some(frames) = &mut self.frames {
            frames.reset();
        }
    }
}

impl<'a, A: Compute<'a>> Decider<'a, '_, A> {
    // Once in a program, not once for each type of sample.
    #[inline(never)]
    fn decide(&mut self, window: &[u8]) -> Result<Decision, DetectorError> {
        self.model.reconstruct(window, self.reconstruction, self.scratch)?;
        let evidence: Evidence =
            evidence(&self.detection, self.channels, window, self.reconstruction);
        Ok(self.recent.decide(evidence))
    }
}
