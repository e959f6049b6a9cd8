//! The half of a detector that decides.

use ae_core::Detection;

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
        Self { model, detection, channels, reconstruction, scratch, recent }
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
    // Once in a program, not once for each type of sample.
    #[inline(never)]
    pub fn decide(&mut self, window: &[u8]) -> Result<Decision, DetectorError> {
        self.model.reconstruct(window, self.reconstruction, self.scratch)?;
        let evidence: Evidence =
            evidence(&self.detection, self.channels, window, self.reconstruction);
        Ok(self.recent.decide(evidence))
    }

    /// The model's reconstruction of the last window, in codes.
    #[must_use]
    pub fn reconstruction(&self) -> &[u8] {
        self.reconstruction
    }

    /// Forgets the windows so far: for a signal that was interrupted, or a window that was lost.
    pub fn reset(&mut self) {
        self.recent = Recent::new(self.detection.debounce);
    }
}
