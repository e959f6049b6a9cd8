//! The half of a detector that decides.

use ae_core::Detection;

use super::apart::Apart;
use super::companion::{Companion, Findings, Observation, Seen};
use super::decision::{Decision, Recent};
use super::error::DetectorError;
use crate::autoencoder::Autoencoder;
use crate::compute::Compute;
use crate::score::{Evidence, evidence};

/// Decides window after window: encode, decode, score, compare, debounce. It may take as long as the
/// samples of a stride take; see [`Detector::split`](super::Detector::split).
#[derive(Debug)]
pub struct Judge<'a, 'm, A: Compute<'a>> {
    model: Autoencoder<'a, A>,
    detection: Detection<'a>,
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
        Self { model, detection, channels, reconstruction, scratch, recent, apart }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Autoencoder<'a, A> {
        &self.model
    }

    /// The blob's detection section.
    #[must_use]
    pub fn detection(&self) -> &Detection<'a> {
        &self.detection
    }

    /// Decides about the next window, which a [`Sampler`](super::Sampler) gathered. Windows are
    /// given in their order, and none is left out, or an alarm that takes several looks at others.
    ///
    /// # Errors
    /// The window does not have [`ae_core::features`] codes. It does not count then.
    pub fn decide(&mut self, window: &[u8]) -> Result<Decision, DetectorError> {
        let (evidence, _) = self.score(window)?;
        Ok(self.recent.decide(evidence))
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
        let (mut evidence, [is_apart, is_first]) = self.score(window)?;
        let (threshold, source) = companion.threshold().or(evidence.threshold);
        evidence.threshold = threshold;
        let decision = self.recent.decide(evidence);
        let (score, channels) = (evidence.score, self.channels);
        companion.see(&Seen { score, codes: window, channels, is_apart, is_first });
        let mut findings = Findings::default();
        companion.find(&mut findings);
        Ok(Observation { decision, source, findings })
    }

    /// What is known of the next window, and how it lies to those before.
    // Once in a program, not once for each type of sample.
    #[inline(never)]
    fn score(&mut self, window: &[u8]) -> Result<(Evidence, [bool; 2]), DetectorError> {
        self.model.reconstruct(window, self.reconstruction, self.scratch)?;
        let evidence = evidence(&self.detection, self.channels, window, self.reconstruction);
        Ok((evidence, self.apart.next()))
    }

    /// The model's reconstruction of the last window, in codes.
    #[must_use]
    pub fn reconstruction(&self) -> &[u8] {
        self.reconstruction
    }

    /// Forgets the windows so far: for a signal that was interrupted, or a window that was lost.
    pub fn reset(&mut self) {
        self.recent = Recent::new(self.detection.debounce);
        self.apart.reset();
    }
}
