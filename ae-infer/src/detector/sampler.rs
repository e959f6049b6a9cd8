//! The half of a detector that takes samples.

use ae_core::{Detection, SampleKind, SampleMap};

use super::error::DetectorError;
use super::sample::Sample;
use super::window::Window;
#[cfg(feature = "signal-features")]
use crate::features::FeatureStream;

/// Takes a signal sample by sample and says when a window is whole. What it does for a sample is
/// short and needs no model, so an interrupt can do it; see [`Detector::split`](super::Detector::split).
/// Where features are computed of the signal, the sample that ends a frame takes as long as they do.
#[derive(Debug)]
pub struct Sampler<'a, 'm> {
    samples: SampleMap<'a>,
    kind: SampleKind,
    channels: usize,
    window: Window<'m>,
    #[cfg(feature = "signal-features")]
    features: Option<FeatureStream<'a, 'm>>,
}

impl<'a, 'm> Sampler<'a, 'm> {
    /// `channels` are those of the window. `buffer` has a byte for each of the model's features, and
    /// behind them what features of the signal are computed in.
    pub(super) fn new(
        detection: &Detection<'a>,
        channels: usize,
        features: usize,
        buffer: &'m mut [u8],
    ) -> Result<Self, DetectorError> {
        let (needed, found) = (detection.window_len(features), buffer.len());
        let too_small = DetectorError::Window { needed, found };
        let (codes, rest) = buffer.split_at_mut_checked(features).ok_or(too_small)?;
        let window = Window::new(codes, channels, detection.window, detection.stride);
        let (samples, kind) = (detection.samples, detection.kind());
        #[cfg(feature = "signal-features")]
        if let Some(of) = detection.features {
            let channels = of.channels.into();
            let of = FeatureStream::new(of, rest).map_err(|error| match error {
                // Of the whole buffer, not of what is left of it.
                DetectorError::Window { .. } => too_small,
                other => other,
            })?;
            return Ok(Self { samples, kind, channels, window, features: Some(of) });
        }
        _ = rest;
        Ok(Self {
            samples,
            kind,
            channels,
            window,
            #[cfg(feature = "signal-features")]
            features: None,
        })
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
        let (expected, found) = (self.kind, S::KIND);
        if expected != found {
            return Err(DetectorError::Samples { expected, found });
        }
        let (expected, found) = (self.channels, sample.len());
        if expected != found {
            return Err(DetectorError::Channels { expected, found });
        }
        #[cfg(feature = "signal-features")]
        if let Some(features) = &mut self.features {
            if !S::gather(sample, features) {
                return Ok(false);
            }
            let Some(place) = self.window.next_sample() else { return Ok(false) };
            features.codes(&self.samples, place);
            return Ok(self.window.is_full());
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
        #[cfg(feature = "signal-features")]
        if let Some(features) = &mut self.features {
            features.reset();
        }
    }
}
