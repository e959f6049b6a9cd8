//! The digests of thresholds are those of an oracle that sorts, and what a drift has won is what whole
//! fractions give.

use ae_conformance::thresholds::{
    DIGESTS, DRIFT, EDGES, KEPT, SCORES, SEQUENCES, Sequences, drifting, drifting_score,
};
use ae_core::crc32c;

/// `⌈(n + 1)(1 − α)⌉`, as `FORMAT.md` says.
fn rank(scores: u32, alarm_ppm: u32) -> usize {
    let millionths = u128::from(scores + 1) * u128::from(1_000_000 - alarm_ppm);
    millionths.div_ceil(1_000_000) as usize
}

#[test]
fn the_thresholds_are_those_of_sorted_scores() {
    let mut kept = [0; KEPT + 1];
    let digests = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|block| {
        let mut sequences = Sequences::of(block);
        let thresholds = (0..SEQUENCES).flat_map(|_| {
            let (count, alarm_ppm) = sequences.next();
            let mut scores: Vec<u64> = (0..count).map(|_| sequences.score()).collect();
            scores.sort_unstable();
            let rank = rank(count, alarm_ppm);
            kept[scores.len() + 1 - rank] += 1;
            scores[rank - 1].to_le_bytes()
        });
        crc32c(&thresholds.collect::<Vec<u8>>())
    });
    assert!(kept[1..].iter().all(|&count| count > 100), "{kept:?}");
    assert_eq!(digests, DIGESTS, "DIGESTS must be {digests:#010x?}");
}

/// The integer part of a fraction times a power of two.
fn scaled([numerator, denominator]: [u128; 2], places: u32) -> u64 {
    ((numerator << places) / denominator) as u64
}

#[test]
fn the_drift_wins_what_fractions_give() {
    let mut signal = drifting();
    let scores: Vec<u64> = (0..SCORES).map(|time| drifting_score(&mut signal, time)).collect();
    let mut edges = scores[..EDGES].to_vec();
    edges.sort_unstable();
    let bins: Vec<usize> = scores[EDGES..]
        .iter()
        .map(|score| edges.iter().filter(|edge| *edge < score).count())
        .collect();
    let (mut bits, mut wealth, mut all) = (0x2545_f491_u32, [0_u64; 5], vec![0; 8 * 5 * EDGES]);
    for (before, &bin) in bins.iter().enumerate() {
        let time = before as u128 + 1;
        let count = |of: fn(&usize, &usize) -> bool| {
            bins[..before].iter().filter(|other| of(other, &bin)).count() as u128
        };
        for (left, shift) in [(true, 13), (false, 17), (true, 5)] {
            bits ^= if left { bits << shift } else { bits >> shift };
        }
        let theta = u128::from(bits >> 16);
        let (higher, same) = (count(|other, bin| other > bin), count(|other, bin| other == bin));
        let low = scaled([(higher << 16) + theta * (same + 1), time << 16], 30);
        let high = (low + (1 << 14) + 1).min(1 << 30);
        // In quarters of 2⁻³⁰: 4 ∓ n · (p − ½), rounded down.
        let one = 1_u64 << 30;
        let falls = |n: u64| (4 * one + n * one / 2 - n * high) / 4;
        let rises = |n: u64| (4 * one - n * one / 2 + n * low) / 4;
        let tail = if high <= one / 16 { 4 * one } else { one * 4 / 5 };
        let factors = [falls(7), falls(3), rises(3), rises(7), tail];
        for ((wealth, factor), eighths) in wealth.iter_mut().zip(factors).zip([2, 1, 1, 2, 2]) {
            let prior = eighths * scaled([1, 256 << time.ilog2()], 40);
            *wealth = ((u128::from(*wealth + prior) * u128::from(factor)) >> 30) as u64;
            all.extend(wealth.to_le_bytes());
        }
    }
    let most = wealth.iter().sum::<u64>() >> 40;
    assert!(most < 1_000_000, "it must not have ended: {most}");
    let digest = crc32c(&all);
    assert_eq!(digest, DRIFT, "DRIFT must be {digest:#010x}");
}
