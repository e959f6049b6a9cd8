//! Why a detection section is refused.

use core::fmt;

use crate::detection::{Detection, GroupThresholds};
use crate::error::FeaturesError;
use crate::format::MAX_DEBOUNCE_WINDOWS;

/// Why a detection section is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetectionError {
    /// The model's features cannot be divided among the samples of a window.
    Window {
        /// Features of the model.
        features: usize,
        /// Samples of a window.
        found: u32,
    },
    /// The stride is 0.
    NoStride,
    /// The map from samples to pixels has the wrong length for the channels.
    MapLength {
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// A channel's map has no segment, or a bound between segments that is not finite or not larger
    /// than the one before.
    MapSegments {
        /// The channel.
        channel: usize,
    },
    /// A channel's map could overflow, or is not finite with a positive scale.
    MapValue {
        /// The channel.
        channel: usize,
    },
    /// There are weights, but not as many as pixels.
    WeightCount {
        /// The model's features.
        expected: usize,
        /// Weights there are.
        found: usize,
    },
    /// A weight is 0.
    NoWeight {
        /// The pixel whose weight it is.
        pixel: usize,
    },
    /// The false-alarm rate is not between 0 and 1.
    AlarmRate {
        /// Parts per million.
        found: u32,
    },
    /// There are too few scores for a threshold with this false-alarm rate.
    TooFewScores {
        /// The false-alarm rate in parts per million.
        alarm_ppm: u32,
        /// Scores there were.
        found: u32,
    },
    /// The digest of the scores has the wrong length.
    DigestLength {
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// An alarm takes no window, more windows than are looked at, or looks at too many.
    Debounce {
        /// Windows that must exceed it.
        hits: u8,
        /// Windows looked at.
        of: u8,
    },
    /// The errors of too many samples are added, or it is said that those of none are.
    Smoothing {
        /// Samples on each side.
        found: u8,
    },
    /// There are too few groups or too many, or bytes that are no whole threshold.
    Groups {
        /// Bytes of their thresholds.
        found: usize,
    },
    /// The threshold of a group is less than that of the one before.
    GroupOrder {
        /// The group, from 0.
        group: usize,
    },
    /// The features that are computed of the signal are refused.
    Features(FeaturesError),
}

impl fmt::Display for DetectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Window { features, found } => {
                write!(f, "{features} pixels cannot be divided among {found} samples")
            }
            Self::NoStride => f.write_str("the stride is 0 samples, expected at least 1"),
            Self::MapLength { expected, found } => {
                write!(f, "the map of samples has {found} bytes, expected {expected}")
            }
            Self::MapSegments { channel } => write!(
                f,
                "the map of channel {channel} has no segments, or bounds that do not rise"
            ),
            Self::MapValue { channel } => {
                write!(f, "the map of channel {channel} could overflow or is not finite")
            }
            Self::WeightCount { expected, found } => {
                write!(f, "there are {found} weights for {expected} pixels")
            }
            Self::NoWeight { pixel } => {
                write!(f, "the weight of pixel {pixel} is 0, expected 1 to 255")
            }
            Self::AlarmRate { found } => {
                write!(f, "the false-alarm rate is {found} in a million, expected 1 to 999999")
            }
            Self::TooFewScores { alarm_ppm, found } => write!(
                f,
                "{found} calibration scores are too few for a false-alarm rate of {alarm_ppm} in a million"
            ),
            Self::DigestLength { expected, found } => {
                write!(f, "the digest of the scores has {found} bytes, expected {expected}")
            }
            Self::Debounce { hits, of } => write!(
                f,
                "an alarm takes {hits} of the last {of} windows; expected 1 <= hits <= windows <= {}",
                MAX_DEBOUNCE_WINDOWS
            ),
            Self::Smoothing { found } => write!(
                f,
                "errors are added over {found} samples on each side, expected 1 to {} or nothing",
                Detection::MAX_SMOOTHING
            ),
            Self::Groups { found } => write!(
                f,
                "the thresholds of groups have {found} bytes, expected 8 for each of {} to {} groups",
                GroupThresholds::MIN,
                GroupThresholds::MAX
            ),
            Self::GroupOrder { group } => {
                write!(f, "the threshold of group {group} is less than that of the group before it")
            }
            Self::Features(error) => write!(f, "features: {error}"),
        }
    }
}

impl core::error::Error for DetectionError {}

impl From<FeaturesError> for DetectionError {
    fn from(error: FeaturesError) -> Self {
        Self::Features(error)
    }
}
