//! Triangles over the bins of a spectrum, evenly apart in hertz or in mel.

use ae_core::Bands;

use crate::config::{BandsConfig, Scale};
use crate::error::FeatureError;

/// Hertz of a mel below [`BREAK_HZ`].
const HZ_A_MEL: f64 = 200.0 / 3.0;
/// Above so many hertz the mel scale is logarithmic.
const BREAK_HZ: f64 = 1000.0;
/// The same in mel.
const BREAK_MEL: f64 = BREAK_HZ / HZ_A_MEL;
/// Mels in which the frequency grows by the factor 6.4, above that.
const MELS: f64 = 27.0;
/// See [`MELS`].
const FACTOR: f64 = 6.4;

/// Slaney's mel scale, of his Auditory Toolbox (Interval Research, report 1998-010), which librosa has
/// unless it is asked for HTK's: `3 f / 200` up to 1,000 Hz, and `15 + 27 · ln(f / 1000) / ln 6.4` above.
fn mel_of(hz: f64) -> f64 {
    match hz < BREAK_HZ {
        true => hz / HZ_A_MEL,
        false => BREAK_MEL + MELS * libm::log(hz / BREAK_HZ) / libm::log(FACTOR),
    }
}

fn hz_of(mel: f64) -> f64 {
    match mel < BREAK_MEL {
        true => mel * HZ_A_MEL,
        false => BREAK_HZ * libm::exp((mel - BREAK_MEL) * libm::log(FACTOR) / MELS),
    }
}

/// Bands as a blob has them; [`lend`](Self::lend) gives the blob's section of them.
///
/// Of n bands there are n + 2 frequencies, evenly apart on the scale, from the lower end of the range
/// to its upper. Band b rises from frequency b to frequency b + 1, where its weight is 1, and falls to
/// frequency b + 2. That is a triangle of height 1, `norm=None` of librosa. Weights are rounded to
/// [`Bands::UNIT`].
#[derive(Debug, Clone, PartialEq)]
pub struct Triangles {
    config: BandsConfig,
    first: u16,
    segments: Vec<u8>,
    weights: Vec<u8>,
    /// Frequencies of ends and centres, in bins.
    corners: Vec<f64>,
}

/// What a filter bank's bands are multiplied with, beside their height of 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norm {
    /// Nothing: `norm=None` of librosa.
    None,
    /// 2 over the band's width in hertz, so that all have the same area: `norm="slaney"`, which librosa
    /// has unless it is told otherwise.
    Slaney,
}

/// From a level, in 256ths of the binary logarithm, to decibels: `level · per_level + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decibels {
    /// Decibels of a level of 1.
    pub per_level: f64,
    /// Decibels of the level 0.
    pub offset: f64,
}

impl Triangles {
    /// For frames of `frame` samples.
    ///
    /// # Errors
    /// A range that the spectrum does not have, or a band without a bin.
    pub fn new(config: &BandsConfig, frame: u16) -> Result<Self, FeatureError> {
        config.check_range()?;
        let made = Self::unchecked(config, frame);
        let Some(band) = made.without_bin() else { return Ok(made) };
        let holds = |count, frame| {
            Self::unchecked(&BandsConfig { count, ..config.clone() }, frame).without_bin().is_none()
        };
        // Of fewer bands none is narrower.
        let most = (1..config.count).rev().find(|&count| holds(count, frame)).unwrap_or(0);
        let longer = std::iter::successors(frame.checked_mul(2), |frame| frame.checked_mul(2));
        let needed = longer
            .take_while(|&frame| frame <= ae_core::SignalFeatures::MAX_FRAME)
            .find(|&frame| holds(config.count, frame));
        Err(FeatureError::Narrow { count: config.count, band, frame, most, needed })
    }

    /// The most bands up to `most` that all have a bin.
    pub(crate) fn most(config: &BandsConfig, frame: u16, most: usize) -> usize {
        let holds = |&count: &usize| {
            Self::unchecked(&BandsConfig { count, ..config.clone() }, frame).without_bin().is_none()
        };
        (1..=most).rev().find(holds).unwrap_or(1)
    }

    fn unchecked(config: &BandsConfig, frame: u16) -> Self {
        let (count, bins) = (config.count.min(usize::from(frame)), f64::from(frame));
        let bin_of = |frequency: f64| frequency / config.rate.unwrap_or(1.0) * bins;
        let corner = |at: usize| {
            let share = at as f64 / (count + 1) as f64;
            let between = |from: f64, to: f64| from + share * (to - from);
            match config.scale {
                Scale::Linear => between(config.from, config.to),
                Scale::Mel => hz_of(between(mel_of(config.from), mel_of(config.to))),
            }
        };
        let corners: Vec<f64> = (0..count + 2).map(|at| bin_of(corner(at))).collect();
        // A bin at the lower end has no weight.
        let last = frame / 2;
        let first = (0..=last).find(|&bin| f64::from(bin) > corners[0]).unwrap_or(last);
        let (mut segments, mut weights) = (Vec::new(), Vec::new());
        let mut bin = first;
        for (at, ends) in corners.windows(2).enumerate() {
            let [low, high] = [ends[0], ends[1]];
            let before = bin;
            // The upper end of all has no weight either.
            let is_inside = |bin: u16| {
                let bin = f64::from(bin);
                if at == count { bin < high } else { bin <= high }
            };
            while bin <= last && is_inside(bin) {
                let share = ((f64::from(bin) - low) / (high - low)).clamp(0.0, 1.0);
                let weight = (share * f64::from(Bands::UNIT)).round() as u16;
                weights.extend(weight.to_le_bytes());
                bin += 1;
            }
            segments.extend((bin - before).to_le_bytes());
        }
        Self { config: config.clone(), first, segments, weights, corners }
    }

    /// The first band whose weights are all 0.
    fn without_bin(&self) -> Option<usize> {
        let segments: Vec<Vec<u16>> =
            self.lend().segments().map(|it| it.weights().collect()).collect();
        let is_empty = |ends: &[Vec<u16>]| {
            ends[0].iter().all(|&weight| weight == 0)
                && ends[1].iter().all(|&weight| weight == Bands::UNIT)
        };
        segments.windows(2).position(is_empty)
    }

    /// The frequencies between which bands rise and fall, in bins: two more than there are bands.
    #[must_use]
    pub fn corners(&self) -> &[f64] {
        &self.corners
    }

    /// As a blob has them.
    #[must_use]
    pub fn lend(&self) -> Bands<'_> {
        Bands {
            taper: self.config.taper,
            spectrum: self.config.spectrum(),
            first: self.first,
            segments: &self.segments,
            weights: &self.weights,
        }
    }

    /// The decibels that a band's level stands for, where `full_scale` is 1 in the units that the
    /// decibels are of: 32,768 for i16 samples, which audio libraries read as −1 to 1. Of magnitudes
    /// decibels are those of their squares.
    ///
    /// A level is `37 + log2 Σ w |X / n|²` in 256ths, and `53 + log2 Σ w |X / n|` of magnitudes, with
    /// weights w and the spectrum X of the n tapered i16 samples.
    #[must_use]
    pub fn decibels(&self, band: usize, frame: u16, full_scale: f64, norm: Norm) -> Decibels {
        let log2 = libm::log2;
        // Of amplitudes: the spectrum is n times what levels are of, and counts are full_scale of a unit.
        let amplitude = 2.0 * (log2(frame.into()) - log2(full_scale));
        let area = match (norm, self.config.rate) {
            (Norm::Slaney, Some(rate)) => {
                let width = self.corners[band + 2] - self.corners[band];
                log2(2.0 / (width * rate / f64::from(frame)))
            }
            _ => 0.0,
        };
        let octave = 10.0 * libm::log10(2.0);
        let (octaves, floor) = if self.config.magnitude { (2.0, 53.0) } else { (1.0, 37.0) };
        Decibels {
            per_level: octave * octaves / 256.0,
            offset: octave * (octaves * (area - floor) + amplitude),
        }
    }
}

#[cfg(test)]
mod tests {
    use ae_core::Taper;

    use super::*;

    fn mel(count: usize, rate: f64) -> BandsConfig {
        BandsConfig {
            scale: Scale::Mel,
            count,
            from: 0.0,
            to: rate / 2.0,
            rate: Some(rate),
            taper: Taper::Hann,
            magnitude: false,
        }
    }

    #[test]
    fn the_mel_scale_is_slaneys() {
        // By hand: 400 Hz are 6 mel, 6,400 Hz are 27 above 15.
        for (hz, mel) in [(0.0, 0.0), (400.0, 6.0), (1000.0, 15.0), (6400.0, 42.0)] {
            assert!((mel_of(hz) - mel).abs() < 1e-12, "{hz}: {}", mel_of(hz));
            assert!((hz_of(mel) - hz).abs() < 1e-9, "{mel}: {}", hz_of(mel));
        }
    }

    /// Weights of all bins of a band, by definition.
    fn triangle(corners: &[f64], band: usize, bins: usize) -> Vec<f64> {
        let [low, centre, high] = [corners[band], corners[band + 1], corners[band + 2]];
        let weight = |bin: usize| {
            let bin = bin as f64;
            ((bin - low) / (centre - low)).min((high - bin) / (high - centre)).max(0.0)
        };
        (0..bins).map(weight).collect()
    }

    #[test]
    fn segments_hold_the_triangles() {
        for config in [
            mel(128, 16_000.0),
            mel(40, 8000.0),
            BandsConfig { from: 300.0, to: 3700.0, ..mel(20, 16_000.0) },
            BandsConfig { scale: Scale::Linear, ..mel(60, 16_000.0) },
            BandsConfig { scale: Scale::Linear, to: 0.5, rate: None, ..mel(64, 0.0) },
        ] {
            let made = Triangles::new(&config, 1024).unwrap();
            let (bands, bins) = (made.lend(), 513);
            assert_eq!(bands.len(), config.count);
            let segments: Vec<Vec<u16>> =
                bands.segments().map(|it| it.weights().collect()).collect();
            let mut start = usize::from(bands.first);
            let starts: Vec<usize> = segments
                .iter()
                .map(|it| {
                    start += it.len();
                    start - it.len()
                })
                .collect();
            for band in 0..config.count {
                let mut found = vec![0.0; bins];
                for (side, segment) in segments[band..band + 2].iter().enumerate() {
                    for (at, &weight) in segment.iter().enumerate() {
                        let share = f64::from(weight) / 32768.0;
                        found[starts[band + side] + at] =
                            if side == 0 { share } else { 1.0 - share };
                    }
                }
                let exact = triangle(&made.corners, band, bins);
                for (bin, (found, exact)) in found.iter().zip(exact).enumerate() {
                    assert!((found - exact).abs() < 1.6e-5, "{band} {bin}: {found} {exact}");
                }
            }
        }
    }

    #[test]
    fn a_band_without_a_bin_is_refused_with_what_would_do() {
        let error = Triangles::new(&mel(128, 16_000.0), 256).unwrap_err();
        let FeatureError::Narrow { most, needed, .. } = error else { panic!("{error}") };
        assert_eq!(needed, Some(512));
        assert!(Triangles::new(&mel(most, 16_000.0), 256).is_ok());
        assert!(Triangles::new(&mel(most + 1, 16_000.0), 256).is_err());
        let message = error.to_string();
        assert!(message.contains(&format!("give {most} bands or fewer, or fft=512")), "{message}");
        let narrow = BandsConfig { from: 100.0, to: 101.0, ..mel(1, 16_000.0) };
        let message = Triangles::new(&narrow, 2048).unwrap_err().to_string();
        assert!(message.contains("wider range"), "{message}");
    }

    #[test]
    fn ranges_beyond_the_spectrum_are_refused() {
        for (from, to) in [(-1.0, 100.0), (200.0, 100.0), (0.0, 8001.0), (f64::NAN, 100.0)] {
            let config = BandsConfig { from, to, ..mel(4, 16_000.0) };
            let error = Triangles::new(&config, 256).unwrap_err();
            assert!(matches!(error, FeatureError::Range { .. }), "{error}");
        }
    }
}
