//! What features of a signal take on a board.

use ae_core::{Bands, Detection, SignalFeatures, Spectrum, Statistics};

// Instructions of a Cortex-M4, found by counting frames of 128 to 2,048 samples with 32 and 128 bands in 63 to
// 511 bins, as the program `frame` counts one of them.

/// To keep a value of the signal.
const PER_KEPT: f64 = 32.0;
/// For each sample of a spectrum: to taper it, to split the transform, and to find the exponent.
const PER_TAPERED: f64 = 17.0;
/// For each sample in each step of the transform, of which a frame has as many as its logarithm.
const PER_STEP: f64 = 3.0;
/// For each bin that has a weight.
const PER_BIN: f64 = 13.0;
/// For its square root, where magnitudes are added.
const PER_ROOT: f64 = 188.0;
/// For each band: its logarithm.
const PER_BAND: f64 = 139.0;
/// For each sample of statistics.
const PER_STATISTICS: f64 = 52.0;
/// The same once more, where the kurtosis is among them.
const PER_KURTOSIS: f64 = 22.0;
/// For each raw value that is given on.
const PER_RAW: f64 = 15.0;

/// Instructions from a window to the next: to keep the samples of a stride, and to compute its frames.
pub(super) fn instructions(section: &Detection<'_>) -> f64 {
    let Some(features) = &section.features else { return 0.0 };
    let samples = f64::from(section.stride) * f64::from(features.hop);
    let kept = PER_KEPT * samples * f64::from(features.channels);
    // Frames between two windows are not computed.
    kept + f64::from(section.stride.min(section.window)) * of_frame(features)
}

/// Of a frame of all channels.
fn of_frame(features: &SignalFeatures<'_>) -> f64 {
    let samples = f64::from(features.frame);
    let spectrum = features.bands.as_ref().map_or(0.0, |bands| {
        let steps = f64::from(features.log2_frame());
        samples * (PER_TAPERED + PER_STEP * steps) + of_bands(bands)
    });
    let kurtosis = features.statistics.has(Statistics::KURTOSIS);
    let statistics = match features.statistics.is_empty() {
        true => 0.0,
        false => samples * (PER_STATISTICS + if kurtosis { PER_KURTOSIS } else { 0.0 }),
    };
    let raw = if features.raw { PER_RAW * f64::from(features.hop) } else { 0.0 };
    f64::from(features.channels) * (spectrum + statistics + raw)
}

fn of_bands(bands: &Bands<'_>) -> f64 {
    let bins = bands.segments().map(|segment| segment.weights().len()).sum::<usize>() as f64;
    let of_bin = match bands.spectrum {
        Spectrum::Power => PER_BIN,
        Spectrum::Magnitude => PER_BIN + PER_ROOT,
    };
    bins * of_bin + PER_BAND * bands.len() as f64
}

#[cfg(test)]
mod tests {
    use ae_core::{Calibration, Debounce, SampleMap, Taper};

    use super::*;

    fn features<'b>(
        frame: u16,
        bands: Option<Bands<'b>>,
        statistics: Statistics,
    ) -> SignalFeatures<'b> {
        SignalFeatures {
            channels: 1,
            frame,
            hop: frame / 2,
            units: &[],
            raw: false,
            statistics,
            bands,
        }
    }

    /// So many bands that share so many bins.
    fn bands(bands: usize, bins: usize, spectrum: Spectrum, of: impl Fn(Bands<'_>) -> f64) -> f64 {
        let mut segments = vec![0; 2 * (bands + 1)];
        (0..bins).for_each(|bin| segments[2 * (bin % (bands + 1))] += 1);
        let weights = vec![0x40; 2 * bins];
        of(Bands { taper: Taper::Hann, spectrum, first: 1, segments: &segments, weights: &weights })
    }

    #[test]
    fn frames_take_what_was_counted() {
        let power = Spectrum::Power;
        // The first is what `cargo xtask bench --boards` counts.
        for (frame, count, bins, spectrum, counted) in [
            (1024, 128, 511, power, 72_392.0),
            (1024, 32, 511, power, 58_760.0),
            (1024, 32, 255, power, 55_440.0),
            (256, 32, 127, power, 16_760.0),
            (2048, 32, 511, power, 114_680.0),
            (128, 32, 63, power, 10_600.0),
            (1024, 32, 511, Spectrum::Magnitude, 154_600.0),
        ] {
            let found = bands(count, bins, spectrum, |bands| {
                of_frame(&features(frame, Some(bands), Statistics::NONE))
            });
            assert!(
                (found / counted - 1.0).abs() < 0.05,
                "{frame} {count} {bins}: {found} {counted}"
            );
        }
        for (statistics, counted) in [(Statistics::RMS, 53_440.0), (Statistics::ALL, 76_120.0)] {
            let found = of_frame(&features(1024, None, statistics));
            assert!((found / counted - 1.0).abs() < 0.01, "{found} {counted}");
        }
        let raw = SignalFeatures { raw: true, ..features(1024, None, Statistics::NONE) };
        assert!((of_frame(&raw) / 7_720.0 - 1.0).abs() < 0.01);
    }

    #[test]
    fn frames_of_a_stride_come_to_a_window() {
        let digest = [0; Calibration::DIGEST_LEN];
        let mut section = Detection {
            samples: SampleMap::Counts(&[]),
            window: 4,
            stride: 2,
            weights: &[],
            threshold: 1,
            calibration: Calibration { alarm_ppm: 10_000, scores: 99, digest: &digest },
            debounce: Debounce::NONE,
            smoothing: 0,
            features: None,
            groups: ae_core::GroupThresholds::NONE,
        };
        assert_eq!(instructions(&section), 0.0);
        let features = SignalFeatures { channels: 3, ..features(64, None, Statistics::RMS) };
        section.features = Some(features);
        let [frame, hop] = [3.0 * 64.0 * PER_STATISTICS, 3.0 * 32.0 * PER_KEPT];
        assert_eq!(instructions(&section), 2.0 * (frame + hop));
        // Frames that no window has are not computed.
        section.stride = 6;
        assert_eq!(instructions(&section), 4.0 * frame + 6.0 * hop);
    }
}
