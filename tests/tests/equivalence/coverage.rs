//! The threshold keeps false alarms to the wanted rate, as the law of split conformal prediction
//! says, and not a rank lower.

use std::path::Path;

use ae_data::signal::{Groups, Source, SplitSettings, read_bytes, split};
use ae_data::watch;
use ae_detect::conformal::{Threshold, rank};
use ae_detect::windows::{Cutting, Spacing, WindowSets};
use ae_testkit::random::SplitMix64;
use ae_tests::coverage::{Plan, beta_binomial};

/// Splits, as many as the claim is made for.
const SPLITS: usize = 200;

/// (199 + 1) · 0.05 is whole, so the bound is met exactly and one rank lower is above it.
const PLAN: Plan = Plan { calibration: 199, held_out: 400, alpha_ppm: 50_000, ranks_lower: 0 };

/// (99 + 1) · 0.01 is 1: the threshold is the largest score.
const OF_THE_LARGEST: Plan =
    Plan { calibration: 99, held_out: 500, alpha_ppm: 10_000, ranks_lower: 0 };

/// Squared errors of a few features, each with a spread of its own: continuous, with a long tail.
fn simulated(random: &mut SplitMix64, count: usize) -> Vec<u64> {
    let mut score = || -> u64 {
        let spread = 1.0 + random.below(1000) as f64;
        (0..3).map(|_| (spread * f64::from(random.signed_unit()) * 1e6).powi(2) as u64).sum()
    };
    (0..count).map(|_| score()).collect()
}

#[test]
fn fresh_scores_keep_the_bound_and_are_spread_by_the_law() {
    let mut random = SplitMix64::new(20);
    let coverage =
        PLAN.play(SPLITS, || simulated(&mut random, 599)).expect("199 scores are enough");
    assert!(coverage.keeps_the_bound(), "{} ± {}", coverage.mean(), coverage.margin());
    assert!(coverage.is_spread_by_the_law(), "{}", coverage.distance());
}

#[test]
fn splits_of_one_list_keep_the_bound_and_are_spread_by_the_law() {
    let mut random = SplitMix64::new(21);
    // Few scores, so that most are equal to others.
    let many_ties: Vec<u64> = simulated(&mut random, 800).iter().map(|s| s / (1 << 52)).collect();
    for scores in [simulated(&mut random, 800), simulated(&mut random, 599), many_ties] {
        let coverage = PLAN.split(&scores, SPLITS, &mut random).expect("199 scores are enough");
        assert!(coverage.keeps_the_bound(), "{} ± {}", coverage.mean(), coverage.margin());
        assert!(coverage.is_spread_by_the_law(), "{}", coverage.distance());
    }
}

#[test]
fn the_same_holds_where_the_largest_score_is_the_threshold() {
    let mut random = SplitMix64::new(22);
    let scores = simulated(&mut random, 1000);
    let coverage =
        OF_THE_LARGEST.split(&scores, SPLITS, &mut random).expect("99 scores are enough");
    assert!(coverage.keeps_the_bound(), "{} ± {}", coverage.mean(), coverage.margin());
    assert!(coverage.is_spread_by_the_law(), "{}", coverage.distance());
}

/// Scores of real windows that do not overlap: of the built-in recordings of six people, by the
/// squared distance, in pixels, to the mean window of four others.
fn real() -> Vec<u64> {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let text = |text: &str| Some(text.to_owned());
    let source = Source {
        columns: Some(texts(&["ax", "ay", "az", "wx", "wy", "wz"])),
        label: text("exercise"),
        group: text("subject"),
        recording: text("recording"),
        ..Source::default()
    };
    let csv = watch::sample();
    let signals = read_bytes(Path::new(csv.name), &csv.text, &source).expect("the built-in sample");
    let groups = Groups::Named {
        train: texts(&["1", "2", "3", "4"]),
        calibrate: texts(&["5", "6"]),
        test: texts(&["7", "8", "9", "10"]),
    };
    let roles =
        SplitSettings { normal: texts(&["TRAP"]), groups, gap: 0, ..SplitSettings::default() };
    let split = split(&signals, &roles).expect("all ten are there");
    let spacing = Spacing { window: 32, stride: 32, train_stride: 32 };
    let cutting = Cutting { spacing, counts: false, curves: true, trim: false };
    let parts = WindowSets::of_signals(&signals, &split, cutting).expect("long recordings");
    let train = &parts.train.codes;
    let mut mean = vec![0_u64; train.features()];
    for window in train.iter() {
        mean.iter_mut().zip(window).for_each(|(sum, &pixel)| *sum += u64::from(pixel));
    }
    mean.iter_mut().for_each(|sum| *sum /= train.len() as u64);
    let score = |window: &[u8]| -> u64 {
        window.iter().zip(&mean).map(|(&pixel, &mean)| u64::from(pixel).abs_diff(mean).pow(2)).sum()
    };
    let windows = parts.calibration.codes.iter().chain(parts.held_out.codes.iter());
    windows.map(score).collect()
}

#[test]
fn splits_of_real_windows_keep_the_bound_and_a_rank_lower_breaks_it() {
    let scores = real();
    let mut random = SplitMix64::new(26);
    let plan = Plan { held_out: 120, ..OF_THE_LARGEST };
    let coverage = plan.split(&scores, SPLITS, &mut random).expect("99 scores are enough");
    assert!(coverage.keeps_the_bound(), "{} ± {}", coverage.mean(), coverage.margin());
    assert!(coverage.is_spread_by_the_law(), "{}", coverage.distance());
    let plan = Plan { ranks_lower: 1, ..plan };
    let lower = plan.split(&scores, SPLITS, &mut random).expect("99 scores are enough");
    assert!(!lower.keeps_the_bound(), "{} ± {}", lower.mean(), lower.margin());
    assert!(lower.is_spread_by_the_law(), "{}", lower.distance());
}

/// Without chance: every way to split seven different scores into four for calibration and three.
#[test]
fn over_all_splits_the_bound_is_met_exactly_and_a_rank_lower_breaks_it() {
    // (4 + 1) · 0.2 is 1.
    let alpha_ppm = 200_000;
    let (mut alarms, mut alarms_a_rank_lower, mut splits) = (0, 0, 0);
    let mut by_count = [0_u32; 4];
    for chosen in (0_u32..1 << 7).filter(|chosen| chosen.count_ones() == 4) {
        let (mut calibration, mut held_out) = (vec![], vec![]);
        for score in [3_u64, 10, 11, 40, 41, 42, 1_000_000].into_iter().enumerate() {
            let side = if chosen >> score.0 & 1 == 1 { &mut calibration } else { &mut held_out };
            side.push(score.1);
        }
        let threshold = Threshold::calibrate(&calibration, alpha_ppm).expect("4 are enough");
        let found = threshold.exceeded_by(&held_out);
        by_count[found] += 1;
        alarms += found;
        let lower = calibration[threshold.rank - 2];
        alarms_a_rank_lower += held_out.iter().filter(|&&score| score > lower).count();
        splits += 1;
    }
    let windows = splits * 3;
    assert_eq!(splits, 35);
    assert_eq!(5 * alarms, windows, "0.2 of {windows}");
    assert_eq!(5 * alarms_a_rank_lower, 2 * windows, "0.4 of {windows}");
    // And their law: 1 and 4 are n + 1 − k and k.
    for (found, probability) in by_count.into_iter().zip(beta_binomial(3, 1.0, 4.0)) {
        assert!((f64::from(found) / 35.0 - probability).abs() < 1e-12);
    }
}

/// The law's mean is (n + 1 − k) / (n + 1): at most alpha with the rank, above it a rank lower.
#[test]
fn no_lower_rank_would_do() {
    for n in 1..2000_u64 {
        for alpha_ppm in [1_000, 5_000, 10_000, 33_333, 50_000, 100_000, 500_000, 900_000] {
            let Ok(rank) = rank(n as usize, alpha_ppm) else { continue };
            let above = |rank: u64| 1_000_000 * (n + 1 - rank);
            let bound = u64::from(alpha_ppm) * (n + 1);
            assert!(above(rank as u64) <= bound, "{n} {alpha_ppm}");
            assert!(above(rank as u64 - 1) > bound, "{n} {alpha_ppm}");
        }
    }
}

#[test]
fn a_rank_lower_is_seen_in_splits_too() {
    // A rank is one part in n + 1, so few calibration scores show it best: 0.02 for 0.01.
    let mut random = SplitMix64::new(23);
    let scores = simulated(&mut random, 1000);
    let plan = Plan { ranks_lower: 1, ..OF_THE_LARGEST };
    let lower = plan.split(&scores, SPLITS, &mut random).expect("99 scores are enough");
    assert!(!lower.keeps_the_bound(), "{} ± {}", lower.mean(), lower.margin());
    // It is spread by the law of its own rank all the same.
    assert!(lower.is_spread_by_the_law(), "{}", lower.distance());
}

#[test]
fn windows_that_overlap_are_seen_by_the_spread() {
    // Each window counts four times, as those with a stride of a quarter nearly do: 50 real ones.
    let mut random = SplitMix64::new(24);
    let coverage = PLAN.play(SPLITS, || {
        let mut scores = simulated(&mut random, 50).repeat(4);
        scores.truncate(199);
        scores.extend(simulated(&mut random, 400));
        scores
    });
    let coverage = coverage.expect("199 scores are enough");
    assert!(!coverage.is_spread_by_the_law(), "{}", coverage.distance());
}

#[test]
fn windows_unlike_the_calibration_are_seen_by_the_mean() {
    let mut random = SplitMix64::new(25);
    let coverage = PLAN.play(SPLITS, || {
        let mut scores = simulated(&mut random, 599);
        for score in &mut scores[199..] {
            *score += *score / 4;
        }
        scores
    });
    assert!(!coverage.expect("199 scores are enough").keeps_the_bound());
}
