//! What a blob says to a detector of anomalies.

mod curves;
mod features;
mod groups;
mod samples;
mod signal;

use serde::{Deserialize, Serialize};

use crate::error::{DetectionError, FeaturesError};
use crate::format::MAX_DEBOUNCE_WINDOWS;

pub use curves::{CountCurve, ValueCurve};
pub use features::{
    Bands, Segment, SignalFeatures, Spectrum, Statistics, Taper, frame_len, window_len,
};
pub use groups::GroupThresholds;
pub use samples::{CountMap, SampleKind, SampleMap, ValueMap};
pub use signal::Samples;

/// How samples of a signal become the model's pixels, and which score is an alarm.
///
/// A window is `window` samples of `channels` values each, one sample after the other; its values
/// are the model's `features` pixels. Where features are computed of the signal, those of a frame take
/// the place of a sample. From [`Model::detection`](crate::Model::detection) it has
/// been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection<'a> {
    /// How a sample's values become pixels.
    #[serde(borrow)]
    pub samples: SampleMap<'a>,
    /// Samples of a window.
    pub window: u32,
    /// Samples from the start of a window to the start of the next.
    pub stride: u32,
    /// What each pixel's squared error counts, 1 to 255; empty where each counts 1.
    pub weights: &'a [u8],
    /// A window exceeds it if its score is larger.
    pub threshold: u64,
    /// Where the threshold comes from.
    pub calibration: Calibration<'a>,
    /// How many windows must exceed it.
    pub debounce: Debounce,
    /// The samples on each side of one whose errors are added to its own before they are squared, at
    /// most [`MAX_SMOOTHING`](Self::MAX_SMOOTHING).
    ///
    /// In a blob it stands behind the other fields, and only where it is not 0.
    #[serde(skip)]
    pub smoothing: u8,
    /// What is computed of the signal first; `None` where the signal's own values become pixels.
    ///
    /// In a blob it stands last.
    #[serde(skip)]
    pub features: Option<SignalFeatures<'a>>,
    /// What the maker's groups would have had for a threshold; none where the blob says nothing of them.
    ///
    /// In a blob it stands behind the smoothing, which says whether it does.
    #[serde(skip)]
    pub groups: GroupThresholds<'a>,
}

/// The split-conformal calibration of a threshold: of `scores` scores of normal windows that the
/// training did not see, the threshold is the [`rank`](Self::rank)-th smallest.
///
/// A new normal window exceeds it with a probability of at most the false-alarm rate, if it is
/// exchangeable with those windows (Lei et al. 2018, arXiv 1604.04173, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration<'a> {
    /// The false-alarm rate of a window, in parts per million, 1 to 999,999.
    pub alarm_ppm: u32,
    /// Scores that the threshold was chosen from.
    pub scores: u32,
    /// SHA-256 of these scores, each a u64 of 8 little-endian bytes.
    pub digest: &'a [u8],
}

/// An alarm is raised while at least `hits` of the last `of` windows exceed the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debounce {
    /// Windows that must exceed it, at least 1.
    pub hits: u8,
    /// Windows looked at, from `hits` to [`MAX_OF`](Self::MAX_OF). Those before the first count as
    /// normal.
    pub of: u8,
}

impl Debounce {
    /// Most windows that are looked at.
    pub const MAX_OF: u8 = MAX_DEBOUNCE_WINDOWS;
    /// Every window that exceeds the threshold is an alarm.
    pub const NONE: Self = Self { hits: 1, of: 1 };
}

const MILLION: u64 = 1_000_000;

impl Calibration<'_> {
    /// Bytes of the digest.
    pub const DIGEST_LEN: usize = 32;

    /// `⌈(n + 1)(1 − α)⌉` for n scores and the false-alarm rate α: the place of the threshold
    /// among the scores in rising order, from 1. Above n, there is none.
    ///
    /// ```
    /// # use ae_core::Calibration;
    /// let of = |scores| Calibration { alarm_ppm: 10_000, scores, digest: &[] };
    /// assert_eq!(of(99).rank(), 99);
    /// assert_eq!(of(98).rank(), 99);
    /// assert_eq!(of(1000).rank(), 991);
    /// ```
    #[must_use]
    pub const fn rank(&self) -> u64 {
        self.millionths().div_ceil(MILLION)
    }

    /// `(n + 1)(1 − α)` in millionths.
    const fn millionths(&self) -> u64 {
        let kept = MILLION.saturating_sub(self.alarm_ppm as u64);
        (self.scores as u64).saturating_add(1).saturating_mul(kept)
    }

    fn check(&self) -> Result<(), DetectionError> {
        let Self { alarm_ppm, scores, digest } = *self;
        if alarm_ppm == 0 || u64::from(alarm_ppm) >= MILLION {
            return Err(DetectionError::AlarmRate { found: alarm_ppm });
        }
        // Not by the rank: small cores have no division.
        if self.millionths() > u64::from(scores).saturating_mul(MILLION) {
            return Err(DetectionError::TooFewScores { alarm_ppm, found: scores });
        }
        if digest.len() != Self::DIGEST_LEN {
            let (expected, found) = (Self::DIGEST_LEN, digest.len());
            return Err(DetectionError::DigestLength { expected, found });
        }
        Ok(())
    }
}

impl<'a> Detection<'a> {
    /// The most samples on each side whose errors are added. The weighted square of such a sum fits 32
    /// bits.
    pub const MAX_SMOOTHING: u8 = 3;
    /// Added to the smoothing, in a blob, where thresholds of groups stand behind it.
    pub(crate) const WITH_GROUPS: u8 = 0x80;

    /// Values of a sample of the window, for a model with `features` features: of a sample of the signal,
    /// or of a frame.
    ///
    /// # Errors
    /// The features are not a whole number of samples for each window.
    pub fn channels(&self, features: usize) -> Result<usize, DetectionError> {
        let window = self.window as usize;
        match features.checked_div(window) {
            Some(channels) if channels > 0 && channels.checked_mul(window) == Some(features) => {
                Ok(channels)
            }
            _ => Err(DetectionError::Window { features, found: self.window }),
        }
    }

    /// The features that are computed: none in a program without the code for them, where the compiler
    /// then leaves out all that asks for them.
    const fn computed(&self) -> Option<&SignalFeatures<'a>> {
        if cfg!(feature = "signal-features") { self.features.as_ref() } else { None }
    }

    /// The type of the signal's values.
    #[must_use]
    pub const fn kind(&self) -> SampleKind {
        match self.computed() {
            Some(features) => features.kind(),
            None => self.samples.kind(),
        }
    }

    /// Values of a sample of the signal, for a model with `features` features.
    ///
    /// # Errors
    /// As [`channels`](Self::channels).
    pub fn signal_channels(&self, features: usize) -> Result<usize, DetectionError> {
        let channels = self.channels(features)?;
        Ok(self.computed().map_or(channels, |features| features.channels.into()))
    }

    /// Samples of the signal up to the end of the first window. [`window`](Self::window) counts frames
    /// where features are computed.
    #[must_use]
    pub const fn signal_window(&self) -> u32 {
        match self.computed() {
            // The first frame, then a hop for each other.
            Some(SignalFeatures { frame, hop, .. }) => {
                let hops = self.window.saturating_sub(1).saturating_mul(*hop as u32);
                hops.saturating_add(*frame as u32)
            }
            None => self.window,
        }
    }

    /// Samples of the signal from the end of a window to the end of the next.
    #[must_use]
    pub const fn signal_stride(&self) -> u32 {
        match self.computed() {
            Some(features) => self.stride.saturating_mul(features.hop as u32),
            None => self.stride,
        }
    }

    /// Bytes of the buffer for a detector's window with a model of `features` features, as
    /// [`window_len`] gives it.
    #[must_use]
    pub const fn window_len(&self, features: usize) -> usize {
        match self.computed() {
            Some(of) => features.saturating_add(of.buffer_len()),
            None => features,
        }
    }

    /// What a pixel's squared error counts.
    #[must_use]
    pub fn weight(&self, pixel: usize) -> u8 {
        self.weights.get(pixel).copied().unwrap_or(1)
    }

    /// Whether a detector can follow all this with a model that has `features` features.
    pub(crate) fn check(&self, features: usize) -> Result<(), DetectionError> {
        let values = self.channels(features)?;
        self.samples.check(values)?;
        if self.features.is_some() && self.computed().is_none() {
            return Err(FeaturesError::NotBuilt.into());
        }
        if let Some(features) = self.computed() {
            match self.samples.kind() {
                SampleKind::Counts => features.check()?,
                found => return Err(FeaturesError::Map { found }.into()),
            }
            let (expected, found) = (values, features.values());
            if expected != found {
                return Err(FeaturesError::Values { expected, found }.into());
            }
        }
        if self.stride == 0 {
            return Err(DetectionError::NoStride);
        }
        let found = self.weights.len();
        if found != 0 && found != features {
            return Err(DetectionError::WeightCount { expected: features, found });
        }
        if let Some(pixel) = self.weights.iter().position(|&weight| weight == 0) {
            return Err(DetectionError::NoWeight { pixel });
        }
        self.calibration.check()?;
        let Debounce { hits, of } = self.debounce;
        if hits == 0 || hits > of || of > Debounce::MAX_OF {
            return Err(DetectionError::Debounce { hits, of });
        }
        let found = self.smoothing;
        if found > Self::MAX_SMOOTHING {
            return Err(DetectionError::Smoothing { found });
        }
        self.groups.check()
    }
}
