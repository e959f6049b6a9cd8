//! From a signal's values to a model's codes, and back.

mod curve;

use ae_core::{CountMap, SampleMap, ValueMap};
use ae_data::signal::{Knots, Standardisation};

pub use curve::{Curve, Line};

/// Standard deviations between a channel's mean and the last value that is not clipped.
pub const CLIP: f64 = 4.0;

/// Codes on each side of the mean.
const CODES: f64 = 128.0;

/// Standard deviations of a channel that a code of its straight line stands for.
pub const CODE: f64 = CLIP / CODES;

/// How the values of a sample become codes, as the blob will say it: what a [`SampleMap`] borrows.
/// A code is a byte of a window, what a pixel is of an image.
#[derive(Debug, Clone, PartialEq)]
pub enum Maps {
    /// They are pixels, so codes already.
    Pixels,
    /// i16 counts, a map for each channel.
    Counts(Vec<Curve<CountMap>>),
    /// f32 values, a map for each channel.
    Values(Vec<Curve<ValueMap>>),
}

impl Maps {
    /// For i16 counts. The mean lies at code 128, [`CLIP`] deviations on either side of it at the
    /// ends. A channel that has knots is mapped through them; `knots` has an entry for each channel,
    /// or none.
    #[must_use]
    pub fn of_counts(standardisation: &Standardisation, knots: &[Option<Knots>]) -> Self {
        Self::Counts(curves(standardisation, knots))
    }

    /// For f32 values, likewise.
    #[must_use]
    pub fn of_values(standardisation: &Standardisation, knots: &[Option<Knots>]) -> Self {
        Self::Values(curves(standardisation, knots))
    }

    /// Whether each channel is mapped by one straight line.
    #[must_use]
    pub fn are_straight(&self) -> bool {
        match self {
            Self::Pixels => true,
            Self::Counts(maps) => maps.iter().all(Curve::is_straight),
            Self::Values(maps) => maps.iter().all(Curve::is_straight),
        }
    }

    /// The bytes that a blob has for all channels.
    #[must_use]
    pub fn section(&self) -> Vec<u8> {
        let numbered = !self.are_straight();
        match self {
            Self::Pixels => Vec::new(),
            Self::Counts(maps) => maps.iter().flat_map(|map| map.bytes(numbered)).collect(),
            Self::Values(maps) => maps.iter().flat_map(|map| map.bytes(numbered)).collect(),
        }
    }

    /// As the blob says it; `section` is [`Self::section`].
    #[must_use]
    pub fn sample_map<'s>(&self, section: &'s [u8]) -> SampleMap<'s> {
        match (self, self.are_straight()) {
            (Self::Pixels, _) => SampleMap::Pixels,
            (Self::Counts(_), true) => SampleMap::Counts(section),
            (Self::Counts(_), false) => SampleMap::CountCurves(section),
            (Self::Values(_), true) => SampleMap::Values(section),
            (Self::Values(_), false) => SampleMap::ValueCurves(section),
        }
    }

    /// The codes of samples, time-major, as a board computes them.
    #[must_use]
    pub fn codes(&self, samples: &[f32]) -> Vec<u8> {
        let code = |index: usize, value: f32| match self {
            Self::Pixels => return value as u8,
            Self::Counts(maps) => maps[index % maps.len()].apply(value),
            Self::Values(maps) => maps[index % maps.len()].apply(value),
        } as u8 ^ 0x80;
        samples.iter().enumerate().map(|(index, &value)| code(index, value)).collect()
    }

    /// The same, neither rounded nor clipped, in 0…1 for 0…255: what a float model sees.
    #[must_use]
    pub fn exact(&self, samples: &[f32]) -> Vec<f32> {
        let exact = |(index, &value): (usize, &f32)| {
            let code = match self {
                Self::Pixels => return value / 255.0,
                Self::Counts(maps) => maps[index % maps.len()].exact(value),
                Self::Values(maps) => maps[index % maps.len()].exact(value),
            };
            ((code + CODES) / 255.0) as f32
        };
        samples.iter().enumerate().map(exact).collect()
    }

    /// The values that codes stand for, time-major.
    #[must_use]
    pub fn values(&self, codes: &[u8]) -> Vec<f32> {
        let value = |(index, &code): (usize, &u8)| {
            let from_mean = f64::from(code) - CODES;
            match self {
                Self::Pixels => f32::from(code),
                Self::Counts(maps) => maps[index % maps.len()].value(from_mean) as f32,
                Self::Values(maps) => maps[index % maps.len()].value(from_mean) as f32,
            }
        };
        codes.iter().enumerate().map(value).collect()
    }
}

fn curves<L: Line>(standardisation: &Standardisation, knots: &[Option<Knots>]) -> Vec<Curve<L>> {
    let channels = standardisation.mean.iter().zip(&standardisation.deviation).enumerate();
    let curve = |(channel, (&mean, &deviation)): (usize, (&f64, &f64))| {
        match knots.get(channel).and_then(Option::as_ref) {
            Some(knots) => Curve::through(knots, deviation),
            None => Curve::straight(mean, deviation),
        }
    };
    channels.map(curve).collect()
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
        let maps = Maps::of_values(&standardisation(), &[]);
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
        for maps in [Maps::of_counts(&counts, &[]), Maps::of_values(&counts, &[])] {
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
        let Maps::Counts(maps) = Maps::of_counts(&fine, &[]) else { unreachable!() };
        assert_eq!([-3, -1, 0, 1, 3].map(|count| maps[0].apply(count)), [-128, -64, 0, 64, 127]);
    }

    #[test]
    fn pixels_are_codes() {
        let samples = [0.0, 17.0, 255.0];
        assert_eq!(Maps::Pixels.codes(&samples), [0, 17, 255]);
        assert_eq!(Maps::Pixels.exact(&samples)[2], 1.0);
    }
}
