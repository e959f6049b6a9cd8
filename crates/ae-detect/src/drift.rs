//! Whether what is normal changes with time, by the order in which scores came.
//!
//! A threshold keeps its promise for windows that are exchangeable with those of the calibration. Then
//! their order says nothing, and Kendall's statistic of the order follows a known law (Kendall, *A new
//! measure of rank correlation*, Biometrika 30, 1938; Mann, *Nonparametric tests against trend*,
//! Econometrica 13, 1945): each order of n scores is as likely as any other. So the test is exact.
//!
//! Windows that follow each other resemble each other, and that alone is no drift. So not windows are
//! compared, but the medians of at most ten parts of a recording, all of as many windows. They
//! are compared within a recording, and so are the medians of the recordings of a group: people and
//! machines differ, and their order in a file means nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use super::windows::Windows;

/// Parts of a recording, or of the recordings of a group.
const PARTS: usize = 10;

/// Fewer parts are not compared.
const LEAST_PARTS: usize = 5;

/// Most recordings and groups whose parts are compared, those of most windows first.
const MOST: usize = 100;

/// The order is told if chance gives one as clear with this probability.
const PROBABILITY: f64 = 0.001;

/// And if of two parts the later one is the higher, or the lower, in so many of all cases.
const CLEAR: f64 = 0.65;

/// Scores that change with time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drift {
    /// The share of pairs of parts whose later one has the higher scores: above one half, scores rise.
    pub later_is_higher: f64,
    /// The probability that chance gives an order as clear, in either direction.
    pub probability: f64,
}

impl Drift {
    /// Of the scores of windows; `None` where they tell nothing of it.
    #[must_use]
    pub fn of(windows: &Windows, scores: &[u64]) -> Option<Self> {
        let mut recordings: BTreeMap<usize, (usize, Vec<u64>)> = BTreeMap::new();
        for ((at, &group), &score) in windows.at.iter().zip(&windows.groups).zip(scores) {
            recordings.entry(at.recording).or_insert_with(|| (group, Vec::new())).1.push(score);
        }
        let mut groups: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (group, scores) in recordings.values() {
            groups.entry(*group).or_default().push(median(scores));
        }
        let recordings = recordings.into_values().map(|(_, scores)| scores);
        Self::of_sequences(recordings.chain(groups.into_values()).collect())
    }

    /// Of sequences whose orders have nothing to do with each other.
    fn of_sequences(mut sequences: Vec<Vec<u64>>) -> Option<Self> {
        sequences.retain(|sequence| sequence.len() >= LEAST_PARTS);
        sequences.sort_by_key(|sequence| std::cmp::Reverse(sequence.len()));
        sequences.truncate(MOST);
        let (mut higher, mut lower) = (0, 0);
        // How probable it is that so many pairs are in their order.
        let mut law = vec![1.0];
        for sequence in &sequences {
            let parts = parts(sequence);
            for (at, early) in parts.iter().enumerate() {
                let later = &parts[at + 1..];
                higher += later.iter().filter(|&later| later > early).count();
                lower += later.iter().filter(|&later| later < early).count();
            }
            // The n-th of n numbers is above 0 to n − 1 of those before it, each as likely.
            for before in 1..parts.len() {
                law = spread(&law, before);
            }
        }
        let pairs = law.len() - 1;
        // Pairs that are equal count for neither, so that ties make the test no bolder.
        let clear = higher.max(lower) + (pairs - higher - lower) / 2;
        let tail: f64 = law[clear..].iter().sum();
        let probability = (2.0 * tail).min(1.0);
        let share = clear as f64 / pairs.max(1) as f64;
        let later_is_higher = if higher >= lower { share } else { 1.0 - share };
        let is_told = probability < PROBABILITY && share >= CLEAR;
        is_told.then_some(Self { later_is_higher, probability })
    }

    /// What it means; `windows` are those that the scores are of, such as `calibration windows`.
    #[must_use]
    pub fn told(&self, windows: &str) -> String {
        let Self { later_is_higher, probability } = *self;
        let (rise, high, share, more) = match later_is_higher >= 0.5 {
            true => ("rise", "higher", later_is_higher, "more frequent than it says"),
            false => {
                ("fall", "lower", 1.0 - later_is_higher, "rarer, and so is what it finds of faults")
            }
        };
        format!(
            "The scores of the {windows} {rise} with time: of two parts of a recording, or of two \
             recordings of a group, the later one scores {high} in {:.0} % of all cases; chance gives \
             that with a probability of {}. What is normal changes, so the promise of the threshold \
             does not hold for later windows: false alarms become {more}. Calibrate on recordings of a \
             longer time, choose the threshold anew where and when the detector runs, or record the \
             change of a channel from one sample to the next in place of its level",
            100.0 * share,
            if probability < 1e-6 {
                "less than 0.000001".into()
            } else {
                format!("{probability:.6}")
            }
        )
    }
}

/// Medians of parts of a sequence, all of as many scores. What is left over is at the beginning.
fn parts(sequence: &[u64]) -> Vec<u64> {
    let parts = PARTS.min(sequence.len());
    let length = sequence.len() / parts;
    sequence[sequence.len() - parts * length..].chunks(length).map(median).collect()
}

fn median(scores: &[u64]) -> u64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() - 1) / 2]
}

/// The law of a sum of a number that has `law`, and of one of 0 to `most`, each as likely.
fn spread(law: &[f64], most: usize) -> Vec<f64> {
    let mut sums = vec![0.0; law.len() + most];
    for (at, probability) in law.iter().enumerate() {
        sums[at..=at + most].iter_mut().for_each(|sum| *sum += probability / (most + 1) as f64);
    }
    sums
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    use super::*;

    fn drawn(rng: &mut ChaCha8Rng, len: usize) -> Vec<u64> {
        (0..len).map(|_| u64::from(rng.next_u32())).collect()
    }

    #[test]
    fn the_law_is_that_of_all_orders() {
        // Pairs in their order, of the 24 orders of four numbers: Kendall's table.
        let law = (1..4).fold(vec![1.0], |law, before| spread(&law, before));
        let orders: Vec<f64> = law.iter().map(|probability| (24.0 * probability).round()).collect();
        assert_eq!(orders, [1.0, 3.0, 5.0, 6.0, 5.0, 3.0, 1.0]);
    }

    #[test]
    fn what_is_exchangeable_is_told_no_oftener_than_it_should_be() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut told = 0;
        for trial in 0..20_000 {
            let sequences = match trial % 3 {
                0 => vec![drawn(&mut rng, 99)],
                1 => (0..8).map(|_| drawn(&mut rng, 12)).collect(),
                // Few values, so that many are equal.
                _ => vec![drawn(&mut rng, 40).iter().map(|score| score % 3).collect()],
            };
            told += usize::from(Drift::of_sequences(sequences).is_some());
        }
        // One in a thousand, and four standard deviations of 20 that are expected.
        assert!(told <= 38, "{told} of 20000");
    }

    #[test]
    fn neighbours_that_resemble_each_other_are_no_drift() {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let mut told = 0;
        for _ in 0..2000 {
            let mut level = 0.0;
            let scores = (0..400).map(|_| {
                level = 0.7 * level + f64::from(rng.next_u32()) / 2_f64.powi(32);
                (1e6 * level) as u64
            });
            told += usize::from(Drift::of_sequences(vec![scores.collect()]).is_some());
        }
        assert!(told <= 10, "{told} of 2000");
    }

    #[test]
    fn scores_that_rise_or_fall_are_told() {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let noise: Vec<u64> = drawn(&mut rng, 100);
        let rises = |step: u64| {
            noise.iter().zip(0..).map(|(noise, at)| noise / 2 + at * step).collect::<Vec<u64>>()
        };
        let rising = Drift::of_sequences(vec![rises(1 << 26)]).unwrap();
        assert!(rising.later_is_higher > 0.9 && rising.probability < 1e-3, "{rising:?}");
        let falling = rises(1 << 26).into_iter().rev().collect();
        let falling = Drift::of_sequences(vec![falling]).unwrap();
        assert!(falling.later_is_higher < 0.1, "{falling:?}");
        // Ten recordings in which it is too little for one to tell.
        let short: Vec<Vec<u64>> =
            (0..10).map(|at| rises(1 << 27)[10 * at..][..7].to_vec()).collect();
        assert_eq!(Drift::of_sequences(short[..1].to_vec()), None);
        assert!(Drift::of_sequences(short).is_some());
        assert_eq!(Drift::of_sequences(vec![]), None);
        assert_eq!(Drift::of_sequences(vec![vec![5; 99]]), None);
    }

    #[test]
    fn groups_that_differ_are_no_drift() {
        use ae_data::Images;
        use ae_data::signal::WindowAt;
        let windows = |groups: Vec<usize>| Windows {
            codes: Images::new(vec![0; 40], 1, 1).unwrap(),
            exact: vec![],
            labels: vec![],
            at: (0..40).map(|at| WindowAt { recording: at / 2, start: 0 }).collect(),
            groups,
            stride: 1,
        };
        let scores: Vec<u64> = (0..40).map(|at| at / 10).collect();
        let of_four = windows((0..40).map(|at| at / 10).collect());
        assert_eq!(Drift::of(&of_four, &scores), None);
        let told = Drift::of(&windows(vec![0; 40]), &scores).unwrap().told("calibration windows");
        assert!(
            told.contains("calibration windows rise") && told.contains("more frequent"),
            "{told}"
        );
    }
}
