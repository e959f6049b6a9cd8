//! Watching a signal: windows, scores, alarms.

mod along;
mod apart;
mod companion;
mod companions;
mod constant;
mod decision;
mod error;
#[cfg(feature = "signal-features")]
mod frames;
mod judge;
mod sample;
mod sampler;
mod window;

use ae_core::{Detection, LoadError, SampleKind};

use crate::autoencoder::Autoencoder;
use crate::compute::Compute;
use crate::error::InferError;
use crate::float_mode;

use along::{Alone, Along, With};
pub use companion::{Companion, Findings, Observation, Seen, Threshold, ThresholdSource};
pub use companions::{CompanionPlan, Companions, CompanionsIn};
pub use constant::{ConstantChannels, ConstantChannelsIn};
pub use decision::Decision;
pub use error::DetectorError;
#[cfg(feature = "signal-features")]
use frames::Frames;
pub use judge::Judge;
pub use sample::Sample;
pub use sampler::Sampler;

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
/// let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
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
///
/// Where features are computed of the signal, nothing changes for the program. Its blob says so, and
/// sizes the window's buffer:
///
#[cfg_attr(feature = "signal-features", doc = "```")]
#[cfg_attr(not(feature = "signal-features"), doc = "```ignore")]
/// use ae_infer::Detector;
///
/// // Levels of bands and the RMS of frames of 32 samples, 16 apart; windows of two frames.
/// ae_infer::include_model!(
///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.features.int8.aeb")
/// );
///
/// // Beside the codes, samples and spectrum of a frame.
/// assert_eq!((tiny::FEATURES, tiny::WINDOW), (4, 4 + 2 * 32 + 4 * 32 + 3));
/// let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
/// let mut scratch = tiny::scratch();
/// let mut detector =
///     Detector::new(tiny::load()?, &mut window, &mut reconstruction, &mut scratch)?;
///
/// // A tone, two samples a period. A decision comes with a frame.
/// let mut decided = Vec::new();
/// for at in 0..80_i16 {
///     if detector.push(&[if at % 2 == 0 { 900_i16 } else { -900 }])?.is_some() {
///         decided.push(at);
///     }
/// }
/// assert_eq!(decided, [47, 63, 79]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The sample that ends a window waits for a whole inference. Where the next sample cannot wait so
/// long, [`split`](Self::split) the detector.
#[derive(Debug)]
pub struct Detector<'a, 'm, A: Compute<'a>> {
    sampler: Sampler<'a, 'm>,
    judge: Judge<'a, 'm, A>,
}

impl<'a, 'm, A: Compute<'a>> Detector<'a, 'm, A> {
    /// A detector before its first sample. `window` has [`ae_core::window_len`] bytes,
    /// `reconstruction` has [`ae_core::features`], and `scratch` at least [`ae_core::scratch_len`]
    /// elements.
    ///
    /// # Errors
    /// The blob has no detection section, or one that is refused; it lacks the encoder or the
    /// decoder; a buffer has the wrong size; [`LoadError::FloatMode`] for f32 samples, as
    /// [`Autoencoder::load`] for an f32 model.
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
        // Their map is computed in f32, whatever the model is.
        if detection.kind() == SampleKind::Values && !float_mode::is_kept() {
            return Err(LoadError::FloatMode.into());
        }
        // What features of the signal are computed in stands behind the window's codes.
        let codes = match detection.features {
            Some(_) if cfg!(feature = "signal-features") => features,
            _ => window.len(),
        };
        for found in [codes, reconstruction.len()] {
            if found != features {
                return Err(InferError::Pixels { expected: features, found }.into());
            }
        }
        if scratch.len() < needed {
            return Err(InferError::Scratch { needed, found: scratch.len() }.into());
        }
        let channels = detection.channels(features).map_err(LoadError::Detection)?;
        let judge = Judge::new(model, detection, channels, reconstruction, scratch);
        #[cfg(feature = "signal-features")]
        if let Some(of) = detection.features {
            let (frame, frames) = Frames::new(of, &detection, features, window)?;
            let sampler = Sampler::of_frames(&detection, frame);
            return Ok(Self { sampler, judge: judge.of_frames(frames) });
        }
        let sampler = Sampler::of_windows(&detection, channels, window);
        Ok(Self { sampler, judge })
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Autoencoder<'a, A> {
        self.judge.model()
    }

    /// The blob's detection section.
    #[must_use]
    pub fn detection(&self) -> &Detection<'a> {
        self.judge.detection()
    }

    /// Values of a sample.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.sampler.channels()
    }

    /// Takes the next sample, one value for each channel: `u8`, `i16` or `f32`, as the blob's
    /// [`SampleMap`](ae_core::SampleMap) says. Where the sample is the last of a window, there is
    /// a decision.
    ///
    /// # Errors
    /// Values of another type, or not as many as there are channels. The sample is not taken then.
    pub fn push<S: Sample>(&mut self, sample: &[S]) -> Result<Option<Decision>, DetectorError> {
        self.push_along(sample, Alone)
    }

    /// As [`push`](Self::push), with a [`Companion`] that sees every window: a
    /// [`Calibration`](crate::Calibration), which finds a threshold where the board is mounted, or a
    /// [`Drift`](crate::Drift), or several of them.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_with<S: Sample, C: Companion>(
        &mut self,
        sample: &[S],
        companion: &mut C,
    ) -> Result<Option<Observation>, DetectorError> {
        self.push_along(sample, With(companion))
    }

    fn push_along<S: Sample, W: Along>(
        &mut self,
        sample: &[S],
        along: W,
    ) -> Result<Option<W::Said>, DetectorError> {
        if self.sampler.push(sample)? {
            #[cfg(feature = "signal-features")]
            if let Some(frame) = self.sampler.frame() {
                return self.judge.take_along(frame, along);
            }
            return self.judge.decide_along(self.sampler.window(), along).map(Some);
        }
        Ok(None)
    }

    /// Forgets the samples and the windows so far: for a signal that was interrupted. A companion
    /// keeps what it has learnt.
    pub fn reset(&mut self) {
        self.sampler.reset();
        self.judge.reset();
    }

    /// The codes of the window that the last decision was about, until the next sample, or the next
    /// frame of features: a byte for each value, sample after sample, as the model takes them.
    #[must_use]
    pub fn window(&self) -> &[u8] {
        #[cfg(feature = "signal-features")]
        if let Some(window) = self.judge.window() {
            return window;
        }
        self.sampler.window()
    }

    /// The model's reconstruction of that window, in codes.
    #[must_use]
    pub fn reconstruction(&self) -> &[u8] {
        self.judge.reconstruction()
    }

    /// The detector in two: one half takes samples, in an interrupt perhaps; the other decides while
    /// samples come. Together they give the decisions of [`push`](Self::push).
    ///
    /// When the sampler says that a window is whole, the program copies the window into a buffer of
    /// its own and hands that to the judge. So there are two buffers of a window, and the judge has
    /// as long as a stride takes before the next window needs its buffer. Where features are computed of
    /// the signal, frames of samples take the place of windows, and the judge computes the features.
    ///
    /// ```
    /// use ae_infer::Detector;
    ///
    /// ae_infer::include_model!(
    ///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.counts.int8.aeb")
    /// );
    ///
    /// let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
    /// let mut scratch = tiny::scratch();
    /// let detector = Detector::new(tiny::load()?, &mut window, &mut reconstruction, &mut scratch)?;
    /// let (mut sampler, mut judge): (tiny::Sampler<'_>, tiny::Judge<'_>) = detector.split();
    ///
    /// // In the interrupt:
    /// let mut whole = tiny::pixels();
    /// assert!(!sampler.push(&[120_i16, -40])?);
    /// if sampler.push(&[130_i16, -35])? {
    ///     whole.copy_from_slice(sampler.window());
    /// }
    /// // Elsewhere, while the interrupt goes on:
    /// assert!(!judge.decide(&whole)?.is_alarm());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// With features:
    ///
    #[cfg_attr(feature = "signal-features", doc = "```")]
    #[cfg_attr(not(feature = "signal-features"), doc = "```ignore")]
    /// use ae_infer::Detector;
    ///
    /// ae_infer::include_model!(
    ///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.features.int8.aeb")
    /// );
    ///
    /// let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
    /// let mut scratch = tiny::scratch();
    /// let detector = Detector::new(tiny::load()?, &mut window, &mut reconstruction, &mut scratch)?;
    /// let (mut sampler, mut judge) = detector.split();
    ///
    /// let (mut whole, mut decisions) = (tiny::frame(), 0);
    /// for at in 0..64_i16 {
    ///     // In the interrupt:
    ///     let is_whole = sampler.push(&[300 * (at % 7)])?;
    ///     if is_whole {
    ///         sampler.copy_frame(&mut whole)?;
    ///     }
    ///     // Elsewhere, while the interrupt goes on:
    ///     if is_whole {
    ///         decisions += usize::from(judge.take_frame(&whole)?.is_some());
    ///     }
    /// }
    /// // Frames of 32 samples, 16 apart, are whole with sample 32, 48 and 64; windows have two.
    /// assert_eq!(decisions, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn split(self) -> (Sampler<'a, 'm>, Judge<'a, 'm, A>) {
        (self.sampler, self.judge)
    }
}
