//! What features are called.

use ae_core::{Bands, SignalFeatures, Statistics};

/// A name for each value of a frame, in their order: `x.raw3`, `x.rms`, `x.band12 (1250 Hz)` for a
/// channel `x`. A band's frequency is that of its largest weight; without a sample rate, in hertz, it is
/// given in cycles a sample.
///
/// ```
/// use ae_core::{SignalFeatures, Statistics};
///
/// let features = SignalFeatures {
///     channels: 2,
///     frame: 32,
///     hop: 2,
///     units: &[],
///     raw: true,
///     statistics: Statistics::RMS,
///     bands: None,
/// };
/// let channels = ["x".to_owned(), "y".to_owned()];
/// let names = ae_features::names(&features, &channels, None);
/// assert_eq!(names, ["x.raw0", "y.raw0", "x.raw1", "y.raw1", "x.rms", "y.rms"]);
/// ```
#[must_use]
pub fn names(
    features: &SignalFeatures<'_>,
    channels: &[String],
    samples_per_second: Option<f64>,
) -> Vec<String> {
    let mut names = Vec::new();
    if features.raw {
        for sample in 0..features.hop {
            names.extend(channels.iter().map(|channel| format!("{channel}.raw{sample}")));
        }
    }
    let known = Statistics::NAMES.iter().filter(|(one, _)| features.statistics.has(*one));
    for channel in channels {
        names.extend(known.clone().map(|(_, name)| format!("{channel}.{name}")));
    }
    let places: Vec<f64> = features.bands.iter().flat_map(centres).collect();
    for channel in channels {
        names.extend(places.iter().enumerate().map(|(band, bin)| {
            let share = bin / f64::from(features.frame);
            match samples_per_second {
                Some(rate) => format!("{channel}.band{band} ({} Hz)", three_digits(share * rate)),
                None => format!("{channel}.band{band} ({} a sample)", three_digits(share)),
            }
        }));
    }
    names
}

/// Of each band the bin of the largest weight.
fn centres(bands: &Bands<'_>) -> Vec<f64> {
    let mut start = u32::from(bands.first);
    let mut segments = Vec::new();
    for segment in bands.segments() {
        let weights: Vec<u16> = segment.weights().collect();
        let next = start + weights.len() as u32;
        segments.push((start, weights));
        start = next;
    }
    let centre = |ends: &[(u32, Vec<u16>)]| {
        let rising = ends[0].1.iter().zip(ends[0].0..).map(|(&weight, bin)| (weight, bin));
        let falling = ends[1].1.iter().zip(ends[1].0..);
        let falling = falling.map(|(&weight, bin)| (Bands::UNIT - weight, bin));
        rising.chain(falling).max_by_key(|&(weight, bin)| (weight, u32::MAX - bin))
    };
    segments.windows(2).map(|ends| centre(ends).map_or(0.0, |(_, bin)| f64::from(bin))).collect()
}

/// Rounded to three digits, without zeros behind them.
fn three_digits(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let digits = 2 - value.abs().log10().floor() as i32;
    let unit = 10_f64.powi(digits.max(0));
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use crate::features::Features;
    use crate::spec::FeatureSpec;

    use super::*;

    #[test]
    fn bands_are_called_by_their_frequency() {
        let of = |spec: &str, rate: Option<f64>| {
            let config = FeatureSpec::parse(spec).unwrap().resolve(rate).unwrap();
            let features = Features::new(&config, 1, &[]).unwrap();
            names(&features.lend(), &["x".to_owned()], rate)
        };
        // Centres 1000, 2000, 3000 Hz, which are bins of 15.625 Hz.
        let hertz = of("spectrum:3,fft=512,statistics:mean", Some(8000.0));
        assert_eq!(
            hertz,
            ["x.mean", "x.band0 (1000 Hz)", "x.band1 (2000 Hz)", "x.band2 (3000 Hz)"]
        );
        let cycles = of("spectrum:3,fft=512", None);
        assert_eq!(cycles[0], "x.band0 (0.125 a sample)");
        assert_eq!(of("mel:128,fft=1024", Some(16_000.0)).len(), 128);
    }
}
