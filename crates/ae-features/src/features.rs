//! Features of signals of certain channels, which own what a blob's section borrows.

use ae_core::{SignalFeatures, Statistics, ValueMap};

use crate::bands::Triangles;
use crate::config::FeaturesConfig;
use crate::error::FeatureError;
use crate::frames::Frames;

/// Features of signals of certain channels.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    config: FeaturesConfig,
    channels: u16,
    units: Vec<u8>,
    statistics: Statistics,
    triangles: Option<Triangles>,
}

impl Features {
    /// Of signals of so many channels. `units` has a map to i16 for each, or none of signals that are
    /// i16.
    ///
    /// # Errors
    /// What no detector could follow.
    pub fn new(
        config: &FeaturesConfig,
        channels: usize,
        units: &[ValueMap],
    ) -> Result<Self, FeatureError> {
        let found = |name, found: String, expected: &str| FeatureError::Value {
            name,
            found,
            expected: expected.to_owned(),
        };
        if config.frames == 0 {
            return Err(found("frames", "0".to_owned(), "1 or more"));
        }
        let channels = u16::try_from(channels)
            .map_err(|_| found("channels", channels.to_string(), "65535 or fewer"))?;
        let statistics = config.statistics()?;
        if !config.raw && statistics.is_empty() && config.bands.is_none() {
            return Err(FeatureError::None);
        }
        let units = units.iter().flat_map(|unit| unit.to_bytes()).collect();
        let mut made =
            Self { config: config.clone(), channels, units, statistics, triangles: None };
        // The frame, before bands are laid over its spectrum.
        made.lend().check()?;
        if let Some(bands) = &config.bands {
            if bands.count == 0 {
                return Err(found("bands", "0".to_owned(), "1 or more"));
            }
            made.triangles = Some(Triangles::new(bands, config.frame)?);
            made.lend().check()?;
        }
        Ok(made)
    }

    /// As a blob has them.
    #[must_use]
    pub fn lend(&self) -> SignalFeatures<'_> {
        SignalFeatures {
            channels: self.channels,
            frame: self.config.frame,
            hop: self.config.hop,
            units: &self.units,
            raw: self.config.raw,
            statistics: self.statistics,
            bands: self.triangles.as_ref().map(Triangles::lend),
        }
    }

    /// What was decided on.
    #[must_use]
    pub fn config(&self) -> &FeaturesConfig {
        &self.config
    }

    /// The bands, if there are any.
    #[must_use]
    pub fn triangles(&self) -> Option<&Triangles> {
        self.triangles.as_ref()
    }

    /// Where frames lie in a recording.
    #[must_use]
    pub fn places(&self) -> Frames {
        self.config.places()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::FeatureSpec;

    fn of(spec: &str, channels: usize) -> Result<Features, FeatureError> {
        Features::new(&FeatureSpec::parse(spec)?.resolve(Some(16_000.0))?, channels, &[])
    }

    #[test]
    fn values_are_counted_as_a_board_counts_them() {
        for (spec, channels, values) in [
            ("mel:128,fft=1024,hop=512,frames=5", 1, 128),
            ("spectrum:20,statistics,fft=256", 3, 3 * 26),
            ("raw,statistics:rms+kurtosis,fft=64,hop=16", 2, 2 * 18),
        ] {
            assert_eq!(of(spec, channels).unwrap().lend().values(), values, "{spec}");
        }
    }

    #[test]
    fn what_no_board_could_follow_is_refused() {
        for (spec, words) in [
            ("statistics,fft=100", "a power of two from 32 to 2048"),
            ("raw,fft=64,hop=65", "from 1 to 64"),
            ("raw,fft=64,frames=0", "`frames` is 0"),
            ("mel:0,fft=64", "`mel` is `0`"),
        ] {
            let error = of(spec, 1).unwrap_err().to_string();
            assert!(error.contains(words), "{spec}: {error}");
        }
        let error = of("raw,fft=64", 70_000).unwrap_err().to_string();
        assert!(error.contains("`channels` is 70000"), "{error}");
        let unit = ValueMap { offset: 0.0, scale: f32::NAN };
        let config = FeatureSpec::parse("raw,fft=64").unwrap().resolve(None).unwrap();
        let error = Features::new(&config, 1, &[unit]).unwrap_err().to_string();
        assert!(error.contains("channel 0 is not finite"), "{error}");
    }
}
