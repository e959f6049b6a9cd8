//! Features that are decided on: what a run's configuration keeps.

use std::fmt;

use ae_core::{Spectrum, Statistics, Taper};
use serde::{Deserialize, Serialize};

use crate::error::FeatureError;
use crate::frames::Frames;

/// What is computed of a signal, whatever its channels. All that was left open has been decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeaturesConfig {
    /// Samples of a frame.
    pub frame: u16,
    /// Samples from the start of a frame to that of the next.
    pub hop: u16,
    /// Frames of a window.
    pub frames: u16,
    /// Whether the signal's own values are among the features.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw: bool,
    /// Names of the statistics, as [`Statistics::NAMES`] has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statistics: Vec<String>,
    /// The bands of the spectrum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands: Option<BandsConfig>,
}

/// Bands of the spectrum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandsConfig {
    /// On which scale they are evenly apart.
    pub scale: Scale,
    /// How many there are.
    pub count: usize,
    /// The lower end of the lowest, in hertz, or in cycles a sample where there is no rate.
    pub from: f64,
    /// The upper end of the highest.
    pub to: f64,
    /// Samples a second, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// What the samples of a frame are multiplied with.
    #[serde(with = "taper")]
    pub taper: Taper,
    /// Whether magnitudes are added, not their squares.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub magnitude: bool,
}

/// On which scale bands are evenly apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// In mel: evenly apart below 1,000 Hz, and by the same factor above.
    Mel,
    /// In hertz.
    Linear,
}

impl BandsConfig {
    pub(crate) const fn spectrum(&self) -> Spectrum {
        if self.magnitude { Spectrum::Magnitude } else { Spectrum::Power }
    }

    pub(crate) fn check_range(&self) -> Result<(), FeatureError> {
        let Self { from, to, .. } = *self;
        let rate = match (self.scale, self.rate) {
            (Scale::Mel, None) => return Err(FeatureError::NoRate),
            (_, rate) => rate.unwrap_or(1.0),
        };
        let is_rate = rate > 0.0 && rate.is_finite();
        let (most, unit) = (rate / 2.0, if self.rate.is_some() { " Hz" } else { "" });
        match is_rate && from >= 0.0 && from < to && to <= most {
            true => Ok(()),
            false => Err(FeatureError::Range { from, to, most, unit }),
        }
    }
}

impl FeaturesConfig {
    /// Where frames lie in a recording.
    #[must_use]
    pub fn places(&self) -> Frames {
        Frames { frame: self.frame.into(), hop: self.hop.max(1).into() }
    }

    /// Samples of a window.
    #[must_use]
    pub fn window(&self) -> usize {
        self.places().samples_of(self.frames.into())
    }

    /// Samples from one window to the next where nobody says so: a quarter of the window's frames.
    #[must_use]
    pub fn stride(&self) -> usize {
        usize::from(self.hop) * usize::from(self.frames / 4).max(1)
    }

    /// The same in training: a frame.
    #[must_use]
    pub fn train_stride(&self) -> usize {
        self.hop.into()
    }

    /// Samples a second, if bands are laid by them.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.bands.as_ref()?.rate
    }

    /// The statistics as a set.
    pub(crate) fn statistics(&self) -> Result<Statistics, FeatureError> {
        statistics_of(self.statistics.iter().map(String::as_str))
    }
}

/// Such as `64 mel bands from 0 to 8000 Hz, in frames of 1024 samples, one every 512; windows of 5
/// frames, which are 3072 samples, one every 512`.
impl fmt::Display for FeaturesConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.raw {
            parts.push("raw values".to_owned());
        }
        if !self.statistics.is_empty() {
            parts.push(self.statistics.join(", "));
        }
        if let Some(bands) = &self.bands {
            let BandsConfig { scale, count, from, to, rate, taper, magnitude } = bands;
            let scale = if *scale == Scale::Mel { "mel " } else { "" };
            let unit = if rate.is_some() { " Hz" } else { " cycles a sample" };
            let of = if *magnitude { " of magnitudes" } else { "" };
            let taper = if *taper == Taper::Hann { "" } else { " without a taper" };
            parts.push(format!("{count} {scale}bands{of} from {from} to {to}{unit}{taper}"));
        }
        let Self { frame, hop, frames, .. } = self;
        let plural = if *frames == 1 { "" } else { "s" };
        write!(
            f,
            "{}, in frames of {frame} samples, one every {hop}; windows of {frames} frame{plural}, which \
             are {} samples, one every {}",
            parts.join(", and "),
            self.window(),
            self.stride()
        )
    }
}

/// The set of the statistics of these names.
pub(crate) fn statistics_of<'n>(
    names: impl Iterator<Item = &'n str>,
) -> Result<Statistics, FeatureError> {
    let mut set = Statistics::NONE;
    for name in names {
        let Some((one, _)) = Statistics::NAMES.iter().find(|(_, known)| *known == name) else {
            let all: Vec<&str> = Statistics::NAMES.iter().map(|(_, name)| *name).collect();
            let (found, expected) = (format!("`{name}`"), all.join(", "));
            return Err(FeatureError::Value { name: "statistics", found, expected });
        };
        if set.has(*one) {
            return Err(FeatureError::Twice { name: name.to_owned() });
        }
        set = Statistics(set.0 | one.0);
    }
    Ok(set)
}

/// A taper by its name in text files.
mod taper {
    use ae_core::Taper;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(super) fn serialize<S: Serializer>(taper: &Taper, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match taper {
            Taper::Hann => "hann",
            Taper::Rectangular => "rectangular",
        })
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Taper, D::Error> {
        match &*String::deserialize(from)? {
            "hann" => Ok(Taper::Hann),
            "rectangular" => Ok(Taper::Rectangular),
            _ => Err(D::Error::custom("a taper is `hann` or `rectangular`")),
        }
    }
}
