//! Watching a signal: windows, scores, alarms.

mod decision;
mod error;
mod sample;
mod window;

use ae_core::Detection;

use crate::autoencoder::Autoencoder;
use crate::compute::Compute;
use crate::error::InferError;
use crate::score::{Evidence, evidence};

pub use decision::Decision;
pub use error::DetectorError;
pub use sample::Sample;

use decision::Recent;
use window::Window;

/// Takes a signal sample by sample and says of each window whether it is normal.
///
/// Everything but the signal is in the blob: how a sample's values become the model's input, the
/// length of a window and the stride between two, the weights of the score, the threshold, and how
/// many windows must exceed it for an alarm. All decisions are exact: the same signal gives the
/// same decisions on every core.
///
/// ```
/// use ae_infer::{Decision, Detector};
///
/// // Two channels of i16 counts, windows of two samples.
/// ae_infer::include_model!(
///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.counts.int8.aeb")
/// );
///
/// let (mut window, mut reconstruction) = (tiny::pixels(), tiny::pixels());
/// let mut scratch = tiny::scratch();
/// let mut detector =
///     Detector::new(tiny::load()?, &mut window, &mut reconstruction, &mut scratch)?;
///
/// assert_eq!(detector.push(&[120_i16, -40])?, None);
/// let decision = detector.push(&[130_i16, -35])?.expect("a whole window");
/// assert!(matches!(decision, Decision::Normal(_)));
///
/// let (mut alarms, mut loudest) = (0, 0);
/// for _ in 0..10 {
///     if let Some(Decision::Alarm(evidence)) = detector.push(&[3000_i16, -3000])? {
///         assert!(evidence.score > evidence.threshold);
///         (alarms, loudest) = (alarms + 1, evidence.channel);
///     }
/// }
/// assert_eq!((alarms, loudest), (9, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Detector<'a, 'm, A: Compute<'a>> {
    model: Autoencoder<'a, A>,
    detection: Detection<'a>,
    channels: usize,
    window: Window<'m>,
    reconstruction: &'m mut [u8],
    scratch: &'m mut [A::Element],
    recent: Recent,
}

impl<'a, 'm, A: Compute<'a>> Detector<'a, 'm, A> {
    /// A detector before its first sample. `window` and `reconstruction` have
    /// [`ae_core::features`] bytes, `scratch` has at least [`ae_core::scratch_len`] elements.
    ///
    /// # Errors
    /// The blob has no detection section, or one that is refused; it lacks the encoder or the
    /// decoder; a buffer has the wrong size.
    pub fn new(
        model: Autoencoder<'a, A>,
        window: &'m mut [u8],
        reconstruction: &'m mut [u8],
        scratch: &'m mut [A::Element],
    ) -> Result<Self, DetectorError> {
        let detection = model.model().detection()?.ok_or(DetectorError::NoDetection)?;
        let header = model.model().header();
        let (features, needed) = (header.features as usize, header.scratch_len());
        model.encoder()?;
        model.decoder()?;
        for found in [window.len(), reconstruction.len()] {
            if found != features {
                return Err(InferError::Pixels { expected: features, found }.into());
            }
        }
        if scratch.len() < needed {
            return Err(InferError::Scratch { needed, found: scratch.len() }.into());
        }
        let channels = detection.channels(features).map_err(ae_core::LoadError::Detection)?;
        let window = Window::new(window, channels, detection.window, detection.stride);
        let recent = Recent::new(detection.debounce);
        Ok(Self { model, detection, channels, window, reconstruction, scratch, recent })
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

    /// Values of a sample.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Takes the next sample, one value for each channel: `u8`, `i16` or `f32`, as the blob's
    /// [`SampleMap`](ae_core::SampleMap) says. Where the sample is the last of a window, there is
    /// a decision.
    ///
    /// # Errors
    /// Values of another type, or not as many as there are channels. The sample is not taken then.
    pub fn push<S: Sample>(&mut self, sample: &[S]) -> Result<Option<Decision>, DetectorError> {
        let (expected, found) = (self.detection.samples.kind(), S::KIND);
        if expected != found {
            return Err(DetectorError::Samples { expected, found });
        }
        let (expected, found) = (self.channels, sample.len());
        if expected != found {
            return Err(DetectorError::Channels { expected, found });
        }
        if let Some(place) = self.window.next_sample() {
            S::codes(sample, &self.detection.samples, place);
            if self.window.is_full() {
                return self.decide().map(Some);
            }
        }
        Ok(None)
    }

    /// Forgets the samples and the windows so far: for a signal that was interrupted.
    pub fn reset(&mut self) {
        self.window.reset();
        self.recent = Recent::new(self.detection.debounce);
    }

    /// The codes of the window that the last decision was about, until the next sample: a byte for
    /// each value, sample after sample, as the model takes them.
    #[must_use]
    pub fn window(&self) -> &[u8] {
        self.window.codes()
    }

    /// The model's reconstruction of that window, in codes.
    #[must_use]
    pub fn reconstruction(&self) -> &[u8] {
        self.reconstruction
    }

    // Once in a program, not once for each type of sample.
    #[inline(never)]
    fn decide(&mut self) -> Result<Decision, DetectorError> {
        let codes = self.window.codes();
        self.model.reconstruct(codes, self.reconstruction, self.scratch)?;
        let evidence: Evidence =
            evidence(&self.detection, self.channels, codes, self.reconstruction);
        Ok(self.recent.decide(evidence))
    }
}
