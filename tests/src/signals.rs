//! Blobs with detection sections of every kind, and signals to watch with them.

use ae_core::{
    Calibration, CountMap, Debounce, Detection, SampleKind, SampleMap, Samples, ValueMap,
    with_detection,
};
use ae_testkit::random::SplitMix64;

/// What a detection section is made of, before its random part.
#[derive(Debug, Clone, Copy)]
pub struct Watching {
    /// The type of a sample's values.
    pub kind: SampleKind,
    /// Samples of a window.
    pub window: u32,
    /// From a window to the next.
    pub stride: u32,
    /// Whether pixels weigh differently.
    pub weighted: bool,
    /// How many windows make an alarm.
    pub debounce: Debounce,
}

/// The values of a recording.
#[derive(Debug, Clone)]
pub enum Signal {
    /// Pixels.
    Pixels(Vec<u8>),
    /// Counts.
    Counts(Vec<i16>),
    /// Real values.
    Values(Vec<f32>),
}

impl Signal {
    /// The signal as it is watched.
    #[must_use]
    pub fn recording(&self) -> Samples<'_> {
        match self {
            Self::Pixels(values) => Samples::Pixels(values),
            Self::Counts(values) => Samples::Counts(values),
            Self::Values(values) => Samples::Values(values),
        }
    }

    /// Its values as a board is sent them.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Pixels(values) => values.clone(),
            Self::Counts(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
            Self::Values(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        }
    }
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
    let counts: Vec<u8> = (0..channels).flat_map(|_| count_map(&mut random).to_bytes()).collect();
    let values: Vec<u8> = (0..channels).flat_map(|_| value_map(&mut random).to_bytes()).collect();
    let weights: Vec<u8> = (0..features).map(|_| random.between(1, 255) as u8).collect();
    let detection = Detection {
        samples: match of.kind {
            SampleKind::Pixels => SampleMap::Pixels,
            SampleKind::Counts => SampleMap::Counts(&counts),
            SampleKind::Values => SampleMap::Values(&values),
        },
        window: of.window,
        stride: of.stride,
        weights: if of.weighted { &weights } else { &[] },
        threshold,
        calibration: Calibration { alarm_ppm: 10_000, scores: 99, digest: &[7; 32] },
        debounce: of.debounce,
    };
    with_detection(blob, &detection).expect("a detection section that the format can hold")
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

/// A signal of so many samples for a blob of [`watching`]: some about the channel's mean, some far
/// away, and among them the ends of the type and what is no number.
#[must_use]
pub fn signal(kind: SampleKind, values: usize, seed: u64) -> Signal {
    let mut random = SplitMix64::new(seed);
    match kind {
        SampleKind::Pixels => Signal::Pixels(random.pixels(values)),
        SampleKind::Counts => Signal::Counts((0..values).map(|_| count(&mut random)).collect()),
        SampleKind::Values => Signal::Values((0..values).map(|_| value(&mut random)).collect()),
    }
}

fn count(random: &mut SplitMix64) -> i16 {
    match random.below(16) {
        0 => i16::MIN,
        1 => i16::MAX,
        2..8 => random.between(-300, 300) as i16,
        _ => random.bits() as i16,
    }
}

fn value(random: &mut SplitMix64) -> f32 {
    const EXTREMES: [f32; 12] = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        f32::MIN,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
        f32::from_bits(0xffc0_1234),
        -0.0,
        2_147_483_648.0,
        -2_147_483_904.0,
        0.499_999_97,
    ];
    match random.below(12) {
        0 => EXTREMES[random.below(EXTREMES.len())],
        // Any bits at all: huge, tiny, and other numbers that are none.
        1 => f32::from_bits(random.bits() as u32),
        _ => 25.0 * random.signed_unit(),
    }
}
