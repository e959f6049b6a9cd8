//! What is computed of a signal before the model sees it.

mod bands;
mod len;

use serde::{Deserialize, Serialize};

use super::{SampleKind, ValueMap};
use crate::error::FeaturesError;

pub use bands::{Bands, Segment, Spectrum, Taper};
pub use len::{frame_len, window_len};

/// What is computed of a signal, frame after frame: i16 values, which stand where a signal without
/// features has the values of a sample.
///
/// A frame is `frame` samples of each channel, and begins `hop` samples after the one before. Of a
/// frame come, in this order: the raw values of its last `hop` samples, sample after sample; the
/// [statistics](Statistics) of each channel; the [bands](Bands) of each channel. `FORMAT.md` has the
/// arithmetic. From [`Model::detection`](crate::Model::detection) all has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalFeatures<'a> {
    /// Values of a sample of the signal.
    pub channels: u16,
    /// Samples of a frame: a power of two from [`MIN_FRAME`](Self::MIN_FRAME) to
    /// [`MAX_FRAME`](Self::MAX_FRAME).
    pub frame: u16,
    /// Samples from the start of a frame to the start of the next, 1 to `frame`.
    pub hop: u16,
    /// Empty where the signal's values are i16. Else they are f32, and for each channel there is a
    /// [`ValueMap`] to i16.
    pub units: &'a [u8],
    /// Whether the raw values are among the features.
    pub raw: bool,
    /// Which statistics are.
    pub statistics: Statistics,
    /// Which bands of the spectrum are.
    #[serde(borrow)]
    pub bands: Option<Bands<'a>>,
}

/// A set of statistics of a frame's values of one channel. Levels, ratios and the kurtosis are
/// logarithms to the base 2, in 256ths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Statistics(pub u8);

impl Statistics {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// The mean.
    pub const MEAN: Self = Self(1);
    /// The root of the mean square of what differs from the mean.
    pub const RMS: Self = Self(2);
    /// The largest value less the smallest.
    pub const PEAK_TO_PEAK: Self = Self(4);
    /// The largest difference from the mean over the RMS.
    pub const CREST: Self = Self(8);
    /// The mean fourth power of the differences from the mean over their mean square squared: 3, if
    /// they are normally distributed.
    pub const KURTOSIS: Self = Self(16);
    /// How often two values that follow each other lie on different sides of the mean.
    pub const CROSSINGS: Self = Self(32);
    /// All of them.
    pub const ALL: Self = Self(63);

    /// Each with its name, in the order in which they are computed.
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::MEAN, "mean"),
        (Self::RMS, "rms"),
        (Self::PEAK_TO_PEAK, "peak-to-peak"),
        (Self::CREST, "crest"),
        (Self::KURTOSIS, "kurtosis"),
        (Self::CROSSINGS, "crossings"),
    ];

    /// Whether all of `other` are in the set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Number of them.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl<'a> SignalFeatures<'a> {
    /// Samples of the shortest frame.
    pub const MIN_FRAME: u16 = 32;
    /// Samples of the longest frame.
    pub const MAX_FRAME: u16 = 2048;
    /// Values of all channels in a frame at most: 128 channels of the longest. So no file makes a
    /// program take more than half a mebibyte for them.
    pub const MAX_FRAME_VALUES: usize = 1 << 18;
    /// Bytes by which a buffer may be off the boundary of its values.
    const SLACK: usize = 3;

    /// The type of the signal's values.
    #[must_use]
    pub const fn kind(&self) -> SampleKind {
        if self.units.is_empty() { SampleKind::Counts } else { SampleKind::Values }
    }

    /// For each channel the map from an f32 to an i16, where the signal's values are f32.
    pub fn units(&self) -> impl ExactSizeIterator<Item = ValueMap> + use<'a> {
        self.units.as_chunks().0.iter().map(ValueMap::from_bytes)
    }

    /// The place in the frame's binary logarithm: a frame has `2^log2_frame` samples.
    #[must_use]
    pub const fn log2_frame(&self) -> u32 {
        self.frame.trailing_zeros()
    }

    /// Values that come of a frame.
    #[must_use]
    pub const fn values(&self) -> usize {
        let bands = match self.bands {
            Some(bands) => bands.len(),
            None => 0,
        };
        let raw = if self.raw { self.hop as usize } else { 0 };
        let each = raw.saturating_add(self.statistics.len()).saturating_add(bands);
        each.saturating_mul(self.channels as usize)
    }

    /// Values of all channels that a frame is computed from.
    #[must_use]
    pub const fn frame_values(&self) -> usize {
        (self.frame as usize).saturating_mul(self.channels as usize)
    }

    /// Words of 32 bits that the spectrum takes: none where there are no bands.
    #[must_use]
    pub const fn spectrum_words(&self) -> usize {
        if self.bands.is_some() { self.frame as usize } else { 0 }
    }

    /// Bytes of the buffer that frames are gathered and computed in, on any boundary.
    #[must_use]
    pub const fn buffer_len(&self) -> usize {
        let samples = self.frame_values().saturating_mul(2);
        let spectrum = self.spectrum_words().saturating_mul(4);
        samples.saturating_add(spectrum).saturating_add(Self::SLACK)
    }

    /// Whether a detector can follow them.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), FeaturesError> {
        if self.channels == 0 {
            return Err(FeaturesError::NoChannel);
        }
        let found = self.frame;
        if !found.is_power_of_two() || !(Self::MIN_FRAME..=Self::MAX_FRAME).contains(&found) {
            return Err(FeaturesError::Frame { found });
        }
        let (most, found) = (Self::MAX_FRAME_VALUES, self.frame_values());
        if found > most {
            return Err(FeaturesError::FrameValues { most, found });
        }
        if self.hop == 0 || self.hop > self.frame {
            return Err(FeaturesError::Hop { frame: self.frame, found: self.hop });
        }
        if !self.units.is_empty() {
            let expected = usize::from(self.channels).saturating_mul(ValueMap::LEN);
            let found = self.units.len();
            if expected != found {
                return Err(FeaturesError::UnitsLength { expected, found });
            }
            if let Some(channel) = self.units().position(|map| !map.is_sound()) {
                return Err(FeaturesError::Unit { channel });
            }
        }
        if !Statistics::ALL.has(self.statistics) {
            return Err(FeaturesError::Statistics { found: self.statistics.0 });
        }
        if let Some(bands) = &self.bands {
            bands.check(self.frame)?;
        }
        Ok(())
    }
}
