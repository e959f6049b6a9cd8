//! Why a detection section is refused.

use core::fmt;

use crate::format::MAX_DEBOUNCE_WINDOWS;

/// Why a detection section is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetectionError {
    /// The model's features are not a whole number of samples for a window.
    Window {
        /// Features of the model.
        features: usize,
        /// Samples of a window.
        found: u32,
    },
    /// A stride of no sample.
    NoStride,
    /// The map from samples to pixels has the wrong length for the channels.
    MapLength {
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// A channel's map that could overflow, or is not finite with a positive scale.
    MapValue {
        /// The channel.
        channel: usize,
    },
    /// There are weights, but not one for each pixel.
    WeightCount {
        /// The model's features.
        expected: usize,
        /// Weights there are.
        found: usize,
    },
    /// A weight of 0.
    NoWeight {
        /// The pixel whose weight it is.
        pixel: usize,
    },
    /// A false-alarm rate of nothing, or of everything.
    AlarmRate {
        /// Parts per million.
        found: u32,
    },
    /// So few scores have no threshold for this false-alarm rate.
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
    /// No window need exceed the threshold, or more than are looked at, or too many are.
    Debounce {
        /// Windows that must exceed it.
        hits: u8,
        /// Windows looked at.
        of: u8,
    },
}

impl fmt::Display for DetectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Window { features, found } => {
                write!(f, "{features} pixels are not a whole number for each of {found} samples")
            }
            Self::NoStride => f.write_str("the stride is 0 samples, expected at least 1"),
            Self::MapLength { expected, found } => {
                write!(f, "the map of samples has {found} bytes, expected {expected}")
            }
            Self::MapValue { channel } => {
                write!(f, "the map of channel {channel} could overflow or is not finite")
            }
            Self::WeightCount { expected, found } => {
                write!(f, "{found} weights for {expected} pixels")
            }
            Self::NoWeight { pixel } => {
                write!(f, "the weight of pixel {pixel} is 0, expected 1 to 255")
            }
            Self::AlarmRate { found } => {
                write!(f, "a false-alarm rate of {found} in a million, expected 1 to 999999")
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
                "an alarm at {hits} of the last {of} windows; expected 1 to as many, of at most {}",
                MAX_DEBOUNCE_WINDOWS
            ),
        }
    }
}

impl core::error::Error for DetectionError {}
