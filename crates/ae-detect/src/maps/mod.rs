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
    let curve = |(channel, (&mean, &deviation)): (usize, (&f64, &f64))| match knots
        .get(channel)
        .and_then(Option::as_ref)
    {
        Some(knots) => Curve::through(knots, deviation),
        None => Curve::straight(mean, deviation),
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
        assert_eq!(
            [-3.0, -1.0, 0.0, 1.0, 3.0].map(|count| maps[0].apply(count)),
            [-128, -64, 0, 64, 127]
        );
    }

    #[test]
    fn pixels_are_codes() {
        let samples = [0.0, 17.0, 255.0];
        assert_eq!(Maps::Pixels.codes(&samples), [0, 17, 255]);
        assert_eq!(Maps::Pixels.exact(&samples)[2], 1.0);
    }

    /// Levels at 30 and 130, between which hardly anything lies.
    fn levels() -> (Standardisation, Vec<Option<Knots>>) {
        let standardisation = Standardisation {
            mean: vec![80.0, 80.0],
            deviation: vec![50.0, 50.0],
            ..Standardisation::default()
        };
        let places = vec![(28.0, -3.0), (30.0, -1.0), (32.0, -0.2), (129.0, 0.2), (133.0, 3.2)];
        (standardisation, vec![None, Some(Knots { within: 0.5, places })])
    }

    #[test]
    fn a_level_has_many_codes_and_the_way_to_the_next_has_few() {
        let (standardisation, knots) = levels();
        for maps in
            [Maps::of_counts(&standardisation, &knots), Maps::of_values(&standardisation, &knots)]
        {
            let code = |value: f32| maps.codes(&[0.0, value])[1];
            for (value, expected) in
                [(28.0, 32), (30.0, 96), (32.0, 122), (129.0, 134), (133.0, 230)]
            {
                assert!(code(value).abs_diff(expected) <= 1, "{value}: {}", code(value));
            }
            assert_eq!([-1000.0, 1000.0].map(code), [0, 255]);
            // Beyond the outermost knots a deviation is a quarter of the codes.
            assert!(code(28.0 - 25.0).abs_diff(16) <= 1, "{}", code(28.0 - 25.0));
            // The other channel has its straight line.
            let straight = Maps::of_values(&standardisation, &[]);
            assert_eq!(maps.codes(&[55.0, 0.0])[0], straight.codes(&[55.0, 0.0])[0]);
        }
    }

    #[test]
    fn a_board_maps_segments_as_the_host_does() {
        let (standardisation, knots) = levels();
        let counts = Maps::of_counts(&standardisation, &knots);
        let values = Maps::of_values(&standardisation, &knots);
        let [of_counts, of_values] = [counts.section(), values.section()];
        assert_eq!((of_counts.len(), of_values.len()), (10 + 1 + 10 + 54, 9 + 1 + 20 + 48));
        let SampleMap::CountCurves(_) = counts.sample_map(&of_counts) else { panic!() };
        let count = counts.sample_map(&of_counts).count_curves().nth(1).unwrap();
        for value in i16::MIN..=i16::MAX {
            let code = counts.codes(&[0.0, value.into()])[1];
            assert_eq!(count.apply(value) as u8 ^ 0x80, code, "{value}");
        }
        let value = values.sample_map(&of_values).value_curves().nth(1).unwrap();
        for at in -3000..20_000 {
            let at = at as f32 / 100.0;
            assert_eq!(value.apply(at) as u8 ^ 0x80, values.codes(&[0.0, at])[1], "{at}");
        }
        assert_eq!(value.apply(f32::NAN), -128);
    }

    #[test]
    fn codes_never_fall_and_lead_back_to_their_values() {
        let (standardisation, knots) = levels();
        for maps in
            [Maps::of_counts(&standardisation, &knots), Maps::of_values(&standardisation, &knots)]
        {
            let mut last = 0;
            for value in -40..200 {
                let sample = [0.0, value as f32];
                let (code, exact) = (maps.codes(&sample)[1], 255.0 * maps.exact(&sample)[1]);
                assert!(code >= last, "{value}: {code} after {last}");
                last = code;
                if code > 0 && code < 255 {
                    assert!((f32::from(code) - exact).abs() < 0.52, "{value}: {code} {exact}");
                    // Nearest of all values with a code: no further than the code is wide.
                    let back = maps.values(&[128, code])[1];
                    let [low, high] = [0.5, -0.5].map(|half| {
                        let near = maps.exact(&[0.0, back])[1] * 255.0;
                        near - f32::from(code) + half
                    });
                    assert!(low > -0.02 && high < 0.02, "{value}: {back}");
                }
            }
            let back = maps.values(&(0..=255).flat_map(|code| [128, code]).collect::<Vec<_>>());
            let channel: Vec<f32> = back.into_iter().skip(1).step_by(2).collect();
            assert!(channel.is_sorted(), "{channel:?}");
        }
    }

    #[test]
    fn knots_at_the_ends_of_the_numbers_stay_sound() {
        let standardisation = Standardisation {
            mean: vec![0.0],
            deviation: vec![1e38],
            ..Standardisation::default()
        };
        let places = vec![(f32::MIN, -3.4), (-1e-40, -0.1), (1e-40, 0.1), (f32::MAX, 3.4)];
        let knots = vec![Some(Knots { within: 1e-40, places })];
        let maps = Maps::of_values(&standardisation, &knots);
        let section = maps.section();
        for value in [f32::MIN, -1.0, 0.0, 1e-42, 1.0, f32::MAX] {
            let curve = maps.sample_map(&section).value_curves().next().unwrap();
            assert_eq!(curve.apply(value) as u8 ^ 0x80, maps.codes(&[value])[0]);
        }
        let Maps::Values(curves) = maps else { unreachable!() };
        for line in curves[0].lines() {
            assert!(line.offset.is_finite() && line.scale.is_finite() && line.scale > 0.0);
        }
    }
}
