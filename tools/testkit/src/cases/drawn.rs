//! Signals, scores and plans that cases are made of.

use crate::oracle::companions::Plan;
use crate::random::SplitMix64;
use crate::signal::Signal;

/// A signal of so many values: most about zero, some at the ends of the type, and what is no number.
pub(super) fn signal(kind: u32, values: usize, random: &mut SplitMix64) -> Signal {
    match kind {
        1 => Signal::Pixels(random.pixels(values)),
        2 => {
            let count = |random: &mut SplitMix64| match random.below(24) {
                0 => i16::MIN,
                1 => i16::MAX,
                _ => random.between(-3000, 3000) as i16,
            };
            Signal::Counts((0..values).map(|_| count(random)).collect())
        }
        _ => {
            let value = |random: &mut SplitMix64| match random.below(24) {
                0 => random.any_real(),
                _ => 12.0 * random.signed_unit(),
            };
            Signal::Values((0..values).map(|_| value(random)).collect())
        }
    }
}

/// A signal that takes a course: drawn values, then some that rest, then wild ones, so that scores are of
/// all kinds.
pub(super) fn course(
    kind: u32,
    samples: usize,
    channels: usize,
    random: &mut SplitMix64,
) -> Signal {
    let mut all = signal(kind, samples * channels, random);
    let (rest, wild) = (samples / 2 * channels, samples * 3 / 4 * channels);
    match &mut all {
        Signal::Pixels(pixels) => pixels[rest..wild].fill(128),
        Signal::Counts(counts) => {
            counts[rest..wild].fill(100);
            counts[wild..].iter_mut().for_each(|count| *count = count.saturating_mul(5));
        }
        Signal::Values(values) => {
            values[rest..wild].fill(1.0);
            values[wild..].iter_mut().for_each(|value| *value *= 40.0);
        }
    }
    all
}

/// A plan for which eight scores are kept at most. Each companion is absent now and then.
pub(super) fn plan(random: &mut SplitMix64) -> Plan {
    let scores = random.one_of(&[19, 29, 39]);
    Plan {
        scores,
        alarm_ppm: random.one_of(&[0, 50_000, 100_000, 200_000]),
        low_ppm: random.one_of(&[0, 50_000, 100_000, 200_000]),
        drift_ppm: random.one_of(&[0, 10_000, 100_000, 400_000]),
        drift_seed: random.bits() as u32 | 1,
        is_silent: random.below(2) == 0,
        is_at_least_blob: random.below(3) == 0,
        constant: random.below(5) as u32,
    }
}

/// Scores of few values or of many, which rise or fall after a while.
pub(super) fn scores(random: &mut SplitMix64) -> Vec<u64> {
    let most = 2 + random.bits() % random.one_of(&[3, 1000, 1 << 40]);
    let change = random.one_of(&[0, most / 3, most]);
    let falls = random.below(2) == 0;
    let score = |at: usize| {
        let drawn = random.bits() % most;
        drawn + if (at >= 150) ^ falls { change } else { 0 }
    };
    (0..220).map(score).collect()
}
