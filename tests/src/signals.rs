//! Random signals, in which the ends of the type and what is no number come up too.

use ae_core::{SampleKind, Samples};
use ae_testkit::random::SplitMix64;
use ae_testkit::signal::Signal;

/// The signal as it is watched.
#[must_use]
pub fn recording(signal: &Signal) -> Samples<'_> {
    match signal {
        Signal::Pixels(values) => Samples::Pixels(values),
        Signal::Counts(values) => Samples::Counts(values),
        Signal::Values(values) => Samples::Values(values),
    }
}

/// `count` values of this kind; those at the ends of the type come up too. Values are within
/// `reach` of 0, but for those.
#[must_use]
pub fn around_zero(kind: SampleKind, count: usize, reach: f32, random: &mut SplitMix64) -> Signal {
    match kind {
        SampleKind::Pixels => Signal::Pixels(random.pixels(count)),
        SampleKind::Counts => {
            Signal::Counts((0..count).map(|_| any_count(reach, random)).collect())
        }
        SampleKind::Values => {
            Signal::Values((0..count).map(|_| any_value(reach, random)).collect())
        }
    }
}

fn any_count(reach: f32, random: &mut SplitMix64) -> i16 {
    match random.below(24) {
        0 => i16::MIN,
        1 => i16::MAX,
        // Towards zero and saturating.
        _ => (reach * random.signed_unit()) as i16,
    }
}

fn any_value(reach: f32, random: &mut SplitMix64) -> f32 {
    match random.below(48) {
        0 => f32::INFINITY,
        1 => f32::NEG_INFINITY,
        2 => f32::NAN,
        3 => f32::MAX,
        4 => f32::MIN_POSITIVE / 2.0,
        _ => reach * random.signed_unit(),
    }
}

/// A signal of so many values for a blob of [`watching`](crate::watching::watching): some about the
/// channel's mean, some far away, and among them the ends of the type and what is no number.
#[must_use]
pub fn with_extremes(kind: SampleKind, values: usize, seed: u64) -> Signal {
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
