//! The half of a detector that takes samples.

use ae_core::{Detection, SampleMap};

use super::error::DetectorError;
use super::sample::Sample;
use super::window::Window;

/// Takes a signal sample by sample and says when a window is whole. What it does for a sample is
/// short and needs no model, so an interrupt can do it; see [`Detector::split`](super::Detector::split).
#[derive(Debug)]
pub struct Sampler<'a, 'm> {
    samples: SampleMap<'a>,
    channels: usize,
    window: Window<'m>,
}

impl<'a, 'm> Sampler<'a, 'm> {
    pub(super) fn new(detection: &Detection<'a>, channels: usize, window: &'m mut [u8]) -> Self {
        let window = Window::new(window, channels, detection.window, detection.stride);
        Self { samples: detection.samples, channels, window }
    }

    /// Values of a sample.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Takes the next sample, one value for each channel. Says whether it is the last of a window.
    ///
    /// # Errors
    /// Values of another type, or not as many as there are channels. The sample is not taken then.
    pub fn push<S: Sample>(&mut self, sample: &[S]) -> Result<bool, DetectorError> {
        let (expected, found) = (self.samples.kind(), S::KIND);
        if expected != found {
            return Err(DetectorError::Samples { expected, found });
        }
        let (expected, found) = (self.channels, sample.len());
        if expected != found {
            return Err(DetectorError::Channels { expected, found });
        }
        let Some(place) = self.window.next_sample() else { return Ok(false) };
        S::codes(sample, &self.samples, place);
        Ok(self.window.is_full())
    }

    /// The codes of the whole window, until the next sample: a byte for each value, sample after
    /// sample, as the model takes them.
    #[must_use]
    pub fn window(&self) -> &[u8] {
        self.window.codes()
    }

    /// Forgets the samples so far: for a signal that was interrupted. The judge must forget, too.
    pub fn reset(&mut self) {
        self.window.reset();
    }
}
