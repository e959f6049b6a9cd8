//! The half of a detector that decides.

use ae_core::Detection;

use super::along::{Alone, Along, Scored, With};
use super::apart::Apart;
use super::companion::{Companion, Observation};
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
    apart: Apart,
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
        let apart = Apart::new(&detection);
        Self {
            decider: Decider { model, detection, channels, reconstruction, scratch, recent, apart },
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
        self.decide_along(window, Alone)
    }

    /// As [`decide`](Self::decide), with a [`Companion`] that sees the window: see
    /// [`Detector::push_with`](super::Detector::push_with).
    ///
    /// # Errors
    /// As [`decide`](Self::decide). The companion has not seen the window then.
    pub fn decide_with<C: Companion>(
        &mut self,
        window: &[u8],
        companion: &mut C,
    ) -> Result<Observation, DetectorError> {
        self.decide_along(window, With(companion))
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
        let frame = self.frame(frame)?;
        self.take_along(frame, Alone)
    }

    /// As [`take_frame`](Self::take_frame), with a [`Companion`] that sees the window.
    ///
    /// # Errors
    /// As [`take_frame`](Self::take_frame).
    #[cfg(feature = "signal-features")]
    pub fn take_frame_with<C: Companion>(
        &mut self,
        frame: &[i16],
        companion: &mut C,
    ) -> Result<Option<Observation>, DetectorError> {
        let frame = self.frame(frame)?;
        self.take_along(frame, With(companion))
    }

    /// A frame that was copied, if it has as many values as one.
    #[cfg(feature = "signal-features")]
    fn frame<'f>(&self, frame: &'f [i16]) -> Result<Rings<'f>, DetectorError> {
        let features = self.decider.detection.features.ok_or(DetectorError::NoFeatures)?;
        let (expected, found) = (features.frame_values(), frame.len());
        if expected != found {
            return Err(DetectorError::Frame { expected, found });
        }
        Ok(Rings::in_order(frame))
    }

    /// Of a frame as it lies where it was gathered.
    #[cfg(feature = "signal-features")]
    pub(super) fn take_along<W: Along>(
        &mut self,
        frame: Rings<'_>,
        along: W,
    ) -> Result<Option<W::Said>, DetectorError> {
        let frames = self.frames.as_mut();
        match frames.and_then(|frames| frames.take(frame, &self.decider.detection)) {
            Some(window) => self.decider.decide(window, along).map(Some),
            None => Ok(None),
        }
    }

    /// Of a window as it lies where it was gathered.
    pub(super) fn decide_along<W: Along>(
        &mut self,
        window: &[u8],
        along: W,
    ) -> Result<W::Said, DetectorError> {
        self.decider.decide(window, along)
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
        self.decider.apart.reset();
        #[cfg(feature = "signal-features")]
        if let Some(frames) = &mut self.frames {
            frames.reset();
        }
    }
}

impl<'a, A: Compute<'a>> Decider<'a, '_, A> {
    fn decide<W: Along>(&mut self, window: &[u8], along: W) -> Result<W::Said, DetectorError> {
        let (evidence, [is_apart, is_first]) = self.score(window)?;
        let (codes, channels) = (window, self.channels);
        let scored = Scored { evidence, codes, channels, is_apart, is_first };
        Ok(along.decide(scored, &mut self.recent))
    }

    /// What is known of the next window, and how it lies to those before.
    // Once in a program, not once for each type of sample.
    #[inline(never)]
    fn score(&mut self, window: &[u8]) -> Result<(Evidence, [bool; 2]), DetectorError> {
        self.model.reconstruct(window, self.reconstruction, self.scratch)?;
        let evidence = evidence(&self.detection, self.channels, window, self.reconstruction);
        Ok((evidence, self.apart.next()))
    }
}
