//! Features as a user says them.

use ae_core::{SignalFeatures, Statistics, Taper};

use crate::bands::{Norm, Triangles};
use crate::config::{BandsConfig, FeaturesConfig, Scale, statistics_of};
use crate::error::FeatureError;

/// Samples of a frame where nobody says so.
const FRAME: u16 = 1024;
/// Bands where nobody says so, if so many have a bin.
const BANDS: usize = 64;

/// Features as a user says them: names and options, with commas between them.
///
/// ```
/// use ae_features::FeatureSpec;
///
/// let spec = FeatureSpec::parse("mel:40,statistics:rms+crest,fft=512,frames=4")?;
/// let config = spec.resolve(Some(16_000.0))?;
/// assert_eq!((config.hop, config.frames, config.window()), (256, 4, 1280));
/// assert_eq!(config.statistics, ["rms", "crest"]);
/// assert!(spec.resolve(None).is_err(), "mel needs a sample rate");
/// # Ok::<(), ae_features::FeatureError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureSpec {
    raw: bool,
    statistics: Option<Statistics>,
    bands: Option<(Scale, Option<usize>)>,
    frame: Option<u16>,
    hop: Option<u16>,
    frames: Option<u16>,
    from: Option<f64>,
    to: Option<f64>,
    taper: Option<Taper>,
    norm: Option<Norm>,
    magnitude: bool,
}

impl FeatureSpec {
    /// Reads what a user says.
    ///
    /// # Errors
    /// A word that is none of a feature, or a value that it does not have.
    pub fn parse(text: &str) -> Result<Self, FeatureError> {
        let mut spec = Self::default();
        for word in text.split(',').map(str::trim) {
            spec.take(word)?;
        }
        if !spec.raw && spec.statistics.is_none() && spec.bands.is_none() {
            return Err(FeatureError::None);
        }
        let of_bands = [
            ("from", spec.from.is_some()),
            ("to", spec.to.is_some()),
            ("taper", spec.taper.is_some()),
            ("norm", spec.norm.is_some()),
            ("magnitude", spec.magnitude),
        ];
        match of_bands.into_iter().find(|(_, given)| *given && spec.bands.is_none()) {
            Some((name, _)) => Err(FeatureError::WithoutBands { name }),
            None => Ok(spec),
        }
    }

    fn take(&mut self, word: &str) -> Result<(), FeatureError> {
        let unknown = || FeatureError::Unknown { word: word.to_owned() };
        if let Some((name, value)) = word.split_once('=') {
            return match name.trim() {
                "fft" => number(&mut self.frame, "fft", value, &frame_expected()),
                "hop" => number(&mut self.hop, "hop", value, "samples, from 1 to those of fft"),
                "frames" => {
                    number(&mut self.frames, "frames", value, "a whole number from 1 to 65535")
                }
                "from" => number(&mut self.from, "from", value, "a frequency, such as 300"),
                "to" => number(&mut self.to, "to", value, "a frequency, such as 8000"),
                "taper" => {
                    let tapers = [("hann", Taper::Hann), ("rectangular", Taper::Rectangular)];
                    choice(&mut self.taper, "taper", value, &tapers)
                }
                "norm" => {
                    let norms = [("none", Norm::None), ("slaney", Norm::Slaney)];
                    choice(&mut self.norm, "norm", value, &norms)
                }
                _ => Err(unknown()),
            };
        }
        let (name, value) = match word.split_once(':') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (word, None),
        };
        match (name, value) {
            ("raw", None) => once(&mut self.raw, name),
            ("magnitude", None) => once(&mut self.magnitude, name),
            ("statistics", names) => {
                let set = match names {
                    None => Statistics::ALL,
                    Some(names) => statistics_of(names.split('+').map(str::trim))?,
                };
                set_once(&mut self.statistics, set, "statistics")
            }
            ("mel", count) => self.bands(Scale::Mel, "mel", count),
            ("spectrum", count) => self.bands(Scale::Linear, "spectrum", count),
            _ => Err(unknown()),
        }
    }

    fn bands(
        &mut self,
        scale: Scale,
        name: &'static str,
        count: Option<&str>,
    ) -> Result<(), FeatureError> {
        if self.bands.is_some_and(|(other, _)| other != scale) {
            return Err(FeatureError::TwoScales);
        }
        let expected = "the number of bands, 1 or more, such as 64";
        let mut bands: Option<u16> = None;
        if let Some(count) = count {
            number(&mut bands, name, count, expected)?;
        }
        if bands == Some(0) {
            let (found, expected) = ("`0`".to_owned(), expected.to_owned());
            return Err(FeatureError::Value { name, found, expected });
        }
        set_once(&mut self.bands, (scale, bands.map(usize::from)), name)
    }

    /// What a filter bank's bands are multiplied with, if it was said.
    #[must_use]
    pub fn norm(&self) -> Option<Norm> {
        self.norm
    }

    /// Frames of a window, if it was said.
    #[must_use]
    pub fn frames(&self) -> Option<u16> {
        self.frames
    }

    /// Decides on what was left open, for signals of so many samples a second, if that is known.
    ///
    /// # Errors
    /// Mel bands without a sample rate, or bands that the spectrum does not have.
    pub fn resolve(&self, samples_per_second: Option<f64>) -> Result<FeaturesConfig, FeatureError> {
        let frame = self.frame.unwrap_or(FRAME);
        let is_frame = frame.is_power_of_two()
            && (SignalFeatures::MIN_FRAME..=SignalFeatures::MAX_FRAME).contains(&frame);
        if !is_frame {
            let (found, expected) = (frame.to_string(), frame_expected());
            return Err(FeatureError::Value { name: "fft", found, expected });
        }
        let hop = self.hop.unwrap_or(frame / 2);
        if hop == 0 || hop > frame {
            let (found, expected) = (hop.to_string(), format!("samples, from 1 to {frame}"));
            return Err(FeatureError::Value { name: "hop", found, expected });
        }
        let bands = |(scale, count): (Scale, Option<usize>)| {
            let mut bands = BandsConfig {
                scale,
                count: count.unwrap_or(1),
                from: self.from.unwrap_or(0.0),
                to: self.to.unwrap_or(samples_per_second.unwrap_or(1.0) / 2.0),
                rate: samples_per_second,
                taper: self.taper.unwrap_or(Taper::Hann),
                magnitude: self.magnitude,
            };
            bands.check_range()?;
            if count.is_none() {
                bands.count = Triangles::most(&bands, frame, BANDS);
            }
            Ok::<_, FeatureError>(bands)
        };
        let known = Statistics::NAMES.into_iter();
        let is_wanted = |one: Statistics| self.statistics.is_some_and(|set| set.has(one));
        let named = known.filter(|(one, _)| is_wanted(*one)).map(|(_, name)| name.to_owned());
        let frames = self.frames.unwrap_or(1);
        if frames == 0 {
            let (found, expected) = ("0".to_owned(), "1 or more".to_owned());
            return Err(FeatureError::Value { name: "frames", found, expected });
        }
        Ok(FeaturesConfig {
            frame,
            hop,
            frames,
            raw: self.raw,
            statistics: named.collect(),
            bands: self.bands.map(bands).transpose()?,
        })
    }
}

fn frame_expected() -> String {
    let (least, most) = (SignalFeatures::MIN_FRAME, SignalFeatures::MAX_FRAME);
    format!("a power of two from {least} to {most}")
}

fn twice(name: &str) -> FeatureError {
    FeatureError::Twice { name: name.to_owned() }
}

fn once(given: &mut bool, name: &str) -> Result<(), FeatureError> {
    if std::mem::replace(given, true) { Err(twice(name)) } else { Ok(()) }
}

fn set_once<T>(place: &mut Option<T>, value: T, name: &str) -> Result<(), FeatureError> {
    if place.replace(value).is_some() { Err(twice(name)) } else { Ok(()) }
}

fn number<T: std::str::FromStr>(
    place: &mut Option<T>,
    name: &'static str,
    value: &str,
    expected: &str,
) -> Result<(), FeatureError> {
    let wrong = |_| {
        let (found, expected) = (format!("`{}`", value.trim()), expected.to_owned());
        FeatureError::Value { name, found, expected }
    };
    set_once(place, value.trim().parse().map_err(wrong)?, name)
}

fn choice<T: Copy>(
    place: &mut Option<T>,
    name: &'static str,
    value: &str,
    choices: &[(&str, T)],
) -> Result<(), FeatureError> {
    let Some((_, chosen)) = choices.iter().find(|(word, _)| *word == value.trim()) else {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let (found, expected) = (format!("`{}`", value.trim()), words.join(" or "));
        return Err(FeatureError::Value { name, found, expected });
    };
    set_once(place, *chosen, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_open_is_decided() {
        let of = |text: &str, rate| FeatureSpec::parse(text).unwrap().resolve(rate).unwrap();
        let config = of("mel", Some(16_000.0));
        let bands = config.bands.unwrap();
        assert_eq!((config.frame, config.hop, config.frames), (1024, 512, 1));
        assert_eq!((bands.count, bands.from, bands.to), (64, 0.0, 8000.0));
        let config = of(" spectrum , fft = 64 , taper=rectangular,magnitude", None);
        let bands = config.bands.unwrap();
        assert_eq!((config.hop, bands.to, bands.rate), (32, 0.5, None));
        assert_eq!((bands.taper, bands.magnitude), (Taper::Rectangular, true));
        assert!(bands.count < 64, "of as many each would not have a bin: {}", bands.count);
        assert_eq!(of("statistics,fft=32", None).statistics.len(), 6);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, words) in [
            ("", "`` is no feature"),
            ("mfcc:13", "`mfcc:13` is no feature"),
            ("mel:12,window=4", "`window=4` is no feature and no option"),
            ("fft=512", "no feature is named"),
            ("mel:x", "`mel` is `x`; expected the number of bands"),
            ("mel:64,spectrum:64", "both mel and spectrum"),
            ("mel:64,mel:32", "`mel` is given twice"),
            ("raw,raw", "`raw` is given twice"),
            ("raw,hop=1,hop=2", "`hop` is given twice"),
            ("raw,taper=hann", "`taper` is an option of bands"),
            ("spectrum,taper=hamming", "`taper` is `hamming`; expected hann or rectangular"),
            ("statistics:rms+mode", "`statistics` is `mode`; expected mean, rms"),
            ("statistics:rms+rms", "`rms` is given twice"),
            ("raw:5", "`raw:5` is no feature"),
        ] {
            let error = FeatureSpec::parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
        for (text, rate, words) in [
            ("mel:64", None, "sample rate of the signal is not known"),
            ("raw,fft=100", None, "`fft` is 100; expected a power of two from 32 to 2048"),
            ("raw,fft=64,hop=65", None, "`hop` is 65; expected samples, from 1 to 64"),
            (
                "spectrum,to=4000",
                Some(4000.0),
                "from 0 to 4000 Hz; expected 0 ≤ from < to ≤ 2000 Hz",
            ),
            ("spectrum,to=0.6", None, "from 0 to 0.6; expected 0 ≤ from < to ≤ 0.5, "),
            ("raw,frames=0", None, "`frames` is 0"),
        ] {
            let spec = FeatureSpec::parse(text).unwrap();
            let error = spec.resolve(rate).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
