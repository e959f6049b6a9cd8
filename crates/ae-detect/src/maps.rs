//! From a signal's values to a model's codes, and back.

use ae_core::{CountMap, Requant, SampleMap, ValueMap};
use ae_data::signal::Standardisation;

/// Standard deviations between a channel's mean and the last value that is not clipped.
pub const CLIP: f64 = 4.0;

/// Codes on each side of the mean.
const CODES: f64 = 128.0;

/// How the values of a sample become codes, as the blob will say it: what a [`SampleMap`] borrows.
/// A code is a byte of a window, what a pixel is of an image.
#[derive(Debug, Clone, PartialEq)]
pub enum Maps {
    /// They are pixels, so codes already.
    Pixels,
    /// i16 counts, a map for each channel.
    Counts(Vec<CountMap>),
    /// f32 values, a map for each channel.
    Values(Vec<ValueMap>),
}

impl Maps {
    /// For i16 counts. The mean lies at code 128, [`CLIP`] deviations on either side of it at the
    /// ends.
    #[must_use]
    pub fn of_counts(standardisation: &Standardisation) -> Self {
        let channels = standardisation.mean.iter().zip(&standardisation.deviation);
        let maps = channels.map(|(mean, deviation)| {
            // A sum has 256 for a count. The factor stays below what a multiplier can say.
            let (multiplier, shift) =
                Requant::fixed_point((CODES / CLIP / deviation / 256.0).min(0.249));
            CountMap { bias: (-256.0 * mean).round() as i32, multiplier, shift }
        });
        Self::Counts(maps.collect())
    }

    /// For f32 values, likewise.
    #[must_use]
    pub fn of_values(standardisation: &Standardisation) -> Self {
        let channels = standardisation.mean.iter().zip(&standardisation.deviation);
        let maps = channels.map(|(&mean, deviation)| ValueMap {
            offset: mean as f32,
            scale: (CODES / CLIP / deviation).clamp(f64::from(f32::MIN_POSITIVE), 1e30) as f32,
        });
        Self::Values(maps.collect())
    }

    /// The bytes that a blob has for all channels.
    #[must_use]
    pub fn section(&self) -> Vec<u8> {
        match self {
            Self::Pixels => Vec::new(),
            Self::Counts(maps) => maps.iter().flat_map(|map| map.to_bytes()).collect(),
            Self::Values(maps) => maps.iter().flat_map(|map| map.to_bytes()).collect(),
        }
    }

    /// As the blob says it; `section` is [`Self::section`].
    #[must_use]
    pub fn sample_map<'s>(&self, section: &'s [u8]) -> SampleMap<'s> {
        match self {
            Self::Pixels => SampleMap::Pixels,
            Self::Counts(_) => SampleMap::Counts(section),
            Self::Values(_) => SampleMap::Values(section),
        }
    }

    /// The codes of samples, time-major, as a board computes them.
    #[must_use]
    pub fn codes(&self, samples: &[f32]) -> Vec<u8> {
        let code = |index: usize, value: f32| match self {
            Self::Pixels => return value as u8,
            Self::Counts(maps) => maps[index % maps.len()].apply(value as i16),
            Self::Values(maps) => maps[index % maps.len()].apply(value),
        } as u8 ^ 0x80;
        samples.iter().enumerate().map(|(index, &value)| code(index, value)).collect()
    }

    /// The same, neither rounded nor clipped, in 0…1 for 0…255: what a float model sees.
    #[must_use]
    pub fn exact(&self, samples: &[f32]) -> Vec<f32> {
        let exact = samples.iter().enumerate().map(|(index, &value)| match self.line(index) {
            None => value / 255.0,
            Some((mean, step)) => (((f64::from(value) - mean) / step + CODES) / 255.0) as f32,
        });
        exact.collect()
    }

    /// The values that codes stand for, time-major.
    #[must_use]
    pub fn values(&self, codes: &[u8]) -> Vec<f32> {
        let values = codes.iter().enumerate().map(|(index, &code)| match self.line(index) {
            None => f32::from(code),
            Some((mean, step)) => (mean + step * (f64::from(code) - CODES)) as f32,
        });
        values.collect()
    }

    /// Mean and step of the channel that the value at this place belongs to.
    fn line(&self, index: usize) -> Option<(f64, f64)> {
        match self {
            Self::Pixels => None,
            Self::Counts(maps) => {
                let CountMap { bias, multiplier, shift } = maps[index % maps.len()];
                let factor = f64::from(multiplier) / 2_f64.powi(32 + i32::from(shift));
                Some((-f64::from(bias) / 256.0, 1.0 / (256.0 * factor)))
            }
            Self::Values(maps) => {
                let ValueMap { offset, scale } = maps[index % maps.len()];
                Some((offset.into(), 1.0 / f64::from(scale)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two channels: around 100 with deviations of 64, and around −3.5 with 0.3.
    fn standardisation() -> Standardisation {
        Standardisation {
            mean: vec![100.0, -3.5],
            deviation: vec![64.0, 0.3],
            ..Standardisation::default()
        }
    }

    #[test]
    fn a_deviation_is_a_quarter_of_the_codes() {
        let maps = Maps::of_values(&standardisation());
        let of = |deviations: f32| [100.0 + 64.0 * deviations, -3.5 + 0.3 * deviations];
        for (deviations, code) in [(0.0, 128), (1.0, 160), (-1.0, 96), (3.9, 253), (5.0, 255)] {
            assert_eq!(maps.codes(&of(deviations)), [code; 2], "{deviations}");
        }
        assert_eq!(maps.codes(&of(-99.0)), [0; 2]);
    }

    #[test]
    fn what_a_float_model_sees_is_what_was_rounded() {
        let counts = Standardisation {
            mean: vec![100.25, -3.5],
            deviation: vec![640.0, 3000.0],
            ..Standardisation::default()
        };
        let samples: Vec<f32> = (-40..40).map(|i| (i * 43) as f32).collect();
        for maps in [Maps::of_counts(&counts), Maps::of_values(&counts)] {
            let (codes, exact) = (maps.codes(&samples), maps.exact(&samples));
            let back = maps.values(&codes);
            for (index, (&code, exact)) in codes.iter().zip(exact).enumerate() {
                assert!((f32::from(code) - 255.0 * exact).abs() < 0.501, "{index}");
                let step = [20.0, 93.75][index % 2];
                assert!((back[index] - samples[index]).abs() < 0.51 * step, "{index}");
            }
        }
    }

    #[test]
    fn a_step_finer_than_a_count_is_not_asked_for() {
        let fine = Standardisation {
            mean: vec![0.0],
            deviation: vec![1e-6],
            ..Standardisation::default()
        };
        let Maps::Counts(maps) = Maps::of_counts(&fine) else { unreachable!() };
        assert_eq!([-3, -1, 0, 1, 3].map(|count| maps[0].apply(count)), [-128, -64, 0, 64, 127]);
    }

    #[test]
    fn pixels_are_codes() {
        let samples = [0.0, 17.0, 255.0];
        assert_eq!(Maps::Pixels.codes(&samples), [0, 17, 255]);
        assert_eq!(Maps::Pixels.exact(&samples)[2], 1.0);
    }
}
