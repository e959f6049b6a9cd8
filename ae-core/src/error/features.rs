//! Why the features of a detection section are refused.

use core::fmt;

use crate::detection::{Bands, SampleKind, SignalFeatures, Statistics};

/// Why the features of a detection section are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeaturesError {
    /// This program was built without the code for features.
    NotBuilt,
    /// The map behind them is not one of i16 values.
    Map {
        /// What it takes.
        found: SampleKind,
    },
    /// There is no channel.
    NoChannel,
    /// The samples of a frame are not a power of two, too few or too many.
    Frame {
        /// Samples.
        found: u16,
    },
    /// A frame of all channels has too many values.
    FrameValues {
        /// The most values.
        most: usize,
        /// Values of a frame.
        found: usize,
    },
    /// Frames do not move, or leave samples out.
    Hop {
        /// Samples of a frame.
        frame: u16,
        /// Samples from one frame to the next.
        found: u16,
    },
    /// The maps from f32 to i16 have the wrong length for the channels.
    UnitsLength {
        /// Bytes they must have.
        expected: usize,
        /// Bytes they have.
        found: usize,
    },
    /// A channel's map from f32 to i16 is not finite, or has no positive scale.
    Unit {
        /// The channel.
        channel: usize,
    },
    /// A bit stands for no statistic.
    Statistics {
        /// The bits.
        found: u8,
    },
    /// The segments are not as many as a band at least has.
    Segments {
        /// Bytes of their numbers of bins.
        found: usize,
    },
    /// There is not one weight for each bin of the segments.
    Weights {
        /// Bytes they must have.
        expected: usize,
        /// Bytes they have.
        found: usize,
    },
    /// The segments reach beyond half the sample rate.
    Bins {
        /// Bins of a frame's spectrum.
        most: usize,
        /// Bins up to the end of the last segment.
        found: usize,
    },
    /// A weight is above 1.
    Weight {
        /// Its bin.
        bin: usize,
        /// The weight.
        found: u16,
    },
    /// A frame does not give as many values as a sample of the window has.
    Values {
        /// Values of a sample of the window.
        expected: usize,
        /// Values of a frame.
        found: usize,
    },
}

impl fmt::Display for FeaturesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotBuilt => {
                f.write_str("this program is built without `signal-features`, which they need")
            }
            Self::Map { found } => {
                write!(f, "the map behind them takes {} values, expected i16", found.name())
            }
            Self::NoChannel => f.write_str("there is no channel, expected at least 1"),
            Self::Frame { found } => write!(
                f,
                "a frame has {found} samples, expected a power of two from {} to {}",
                SignalFeatures::MIN_FRAME,
                SignalFeatures::MAX_FRAME
            ),
            Self::FrameValues { most, found } => write!(
                f,
                "a frame has {found} values of all channels, expected at most {most}: take a shorter \
                 frame or fewer channels"
            ),
            Self::Hop { frame, found } => {
                write!(f, "a frame begins {found} samples after the last, expected 1 to {frame}")
            }
            Self::UnitsLength { expected, found } => {
                write!(f, "the maps to i16 have {found} bytes, expected {expected} or none")
            }
            Self::Unit { channel } => {
                write!(f, "the map to i16 of channel {channel} is not finite with a positive scale")
            }
            Self::Statistics { found } => write!(
                f,
                "the statistics are the bits {found:#04x}, expected none above {:#04x}",
                Statistics::ALL.0
            ),
            Self::Segments { found } => write!(
                f,
                "the segments of bands have {found} bytes, expected an even number, at least 4"
            ),
            Self::Weights { expected, found } => {
                write!(f, "the weights of bins have {found} bytes, expected {expected}")
            }
            Self::Bins { most, found } => {
                write!(f, "the bands reach to bin {found} of {most}, counted from 1")
            }
            Self::Weight { bin, found } => {
                write!(f, "the weight of bin {bin} is {found}, expected at most {}", Bands::UNIT)
            }
            Self::Values { expected, found } => {
                write!(f, "a frame gives {found} values, but a sample of the window has {expected}")
            }
        }
    }
}

impl core::error::Error for FeaturesError {}
