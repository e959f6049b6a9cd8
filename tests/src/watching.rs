//! Blobs with detection sections of every kind.

use ae_core::{
    Calibration, CountMap, Debounce, Detection, GroupThresholds, SampleKind, SampleMap, ValueMap,
    with_detection,
};
use ae_testkit::random::SplitMix64;

/// What a detection section is made of, before its random part.
#[derive(Debug, Clone, Copy)]
pub struct Watching {
    /// The type of a sample's values.
    pub kind: SampleKind,
    /// Whether channels are mapped in several segments.
    pub curves: bool,
    /// Samples of a window.
    pub window: u32,
    /// From a window to the next.
    pub stride: u32,
    /// Whether pixels weigh differently.
    pub weighted: bool,
    /// Samples on each side of one whose errors are added to its own.
    pub smoothing: u8,
    /// How many windows make an alarm.
    pub debounce: Debounce,
}

/// The blob with a random detection section and this threshold.
///
/// # Panics
/// If the blob's features are no whole number of windows.
#[must_use]
pub fn watching(blob: &[u8], of: &Watching, threshold: u64, seed: u64) -> Vec<u8> {
    let mut random = SplitMix64::new(seed);
    let features = ae_core::features(blob).expect("a blob");
    let channels = features / of.window as usize;
    let map = match (of.kind, of.curves) {
        (SampleKind::Pixels, _) => Vec::new(),
        (SampleKind::Counts, false) => {
            (0..channels).flat_map(|_| count_map(&mut random).to_bytes()).collect()
        }
        (SampleKind::Values, false) => {
            (0..channels).flat_map(|_| value_map(&mut random).to_bytes()).collect()
        }
        (SampleKind::Counts, true) => curves(channels, 30_000.0, &mut random, |bound, random| {
            let map = count_map(random).to_bytes().into();
            ((bound as i16).to_le_bytes().into(), map)
        }),
        (SampleKind::Values, true) => curves(channels, 20.0, &mut random, |bound, random| {
            (bound.to_le_bytes().into(), value_map(random).to_bytes().into())
        }),
    };
    let weights: Vec<u8> = (0..features).map(|_| random.between(1, 255) as u8).collect();
    let detection = Detection {
        samples: match (of.kind, of.curves) {
            (SampleKind::Pixels, _) => SampleMap::Pixels,
            (SampleKind::Counts, false) => SampleMap::Counts(&map),
            (SampleKind::Counts, true) => SampleMap::CountCurves(&map),
            (SampleKind::Values, false) => SampleMap::Values(&map),
            (SampleKind::Values, true) => SampleMap::ValueCurves(&map),
        },
        window: of.window,
        stride: of.stride,
        weights: if of.weighted { &weights } else { &[] },
        threshold,
        calibration: Calibration { alarm_ppm: 10_000, scores: 99, digest: &[7; 32] },
        debounce: of.debounce,
        smoothing: of.smoothing,
        features: None,
        groups: GroupThresholds::NONE,
    };
    with_detection(blob, &detection).expect("a detection section that the format can hold")
}

/// Of each channel 1 to 22 segments, with bounds that rise from −`reach` to `reach`. `draw` gives the
/// bytes of a bound and of a map.
fn curves(
    channels: usize,
    reach: f32,
    random: &mut SplitMix64,
    draw: impl Fn(f32, &mut SplitMix64) -> (Vec<u8>, Vec<u8>),
) -> Vec<u8> {
    let curve = |channel: usize| {
        let segments = if channel == 0 { 22 } else { random.between(1, 22) as u8 };
        let bound = |at: u8| reach * (2.0 * f32::from(at + 1) / f32::from(segments) - 1.0);
        let both: Vec<_> = (0..segments).map(|at| draw(bound(at), random)).collect();
        let bounds = both[1..].iter().zip(&both).flat_map(|(_, (bound, _))| bound).copied();
        let maps = both.iter().flat_map(|(_, map)| map).copied();
        [segments].into_iter().chain(bounds).chain(maps).collect::<Vec<u8>>()
    };
    (0..channels).flat_map(curve).collect()
}

/// Means anywhere, steps of a fraction of a count to hundreds.
fn count_map(random: &mut SplitMix64) -> CountMap {
    CountMap {
        bias: random.between(-(1 << 23), 1 << 23) as i32,
        multiplier: random.between(1 << 30, i64::from(i32::MAX)) as i32,
        shift: random.between(1, 18) as u8,
    }
}

fn value_map(random: &mut SplitMix64) -> ValueMap {
    let offset = 20.0 * random.signed_unit();
    ValueMap { offset, scale: 2.0_f32.powi(random.between(-4, 9) as i32) * 1.3 }
}
