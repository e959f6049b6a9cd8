//! Compares detectors by the faults that they notice.

use std::collections::BTreeMap;

use ae_engine::EngineError;

use super::{Fault, Planter};
use crate::roc::Roc;
use crate::scoring::{ScoreRule, scores};

/// Parts of the windows, each of consecutive ones, from which the noise of a comparison is estimated.
const PARTS: usize = 8;

/// What a detector notices of planted faults.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// AUROC of windows with a fault against the same windows without one, among neighbours in time:
    /// the mean over parts of the windows, over strengths, then over kinds of faults. 0.5 is chance,
    /// 1 perfect.
    pub noticed: f64,
    /// The same of each part.
    parts: Vec<f64>,
}

/// Plants every fault in every strength that detectors are [compared on](Fault::compared), and scores
/// the windows by a blob. `None` if there are too few windows.
///
/// A faulty window is compared with normal ones of its own part of the recordings. Where normal
/// changes from one part to the next, that change is far larger than most faults, all candidates see
/// it, and the noise of a comparison across parts would hide which of them sees more of the faults.
///
/// # Errors
/// The blob cannot be run on the windows.
pub fn judge(
    blob: &[u8],
    rule: &ScoreRule,
    planter: &Planter<'_>,
) -> Result<Option<Trial>, EngineError> {
    let normal = scores(blob, rule, planter.windows())?;
    // Of each kind, by part: the sum over strengths, and how many.
    let mut kinds: BTreeMap<usize, (Vec<f64>, f64)> = BTreeMap::new();
    for (kind, fault) in Fault::ALL.into_iter().enumerate() {
        for &strength in fault.compared() {
            let Some(planted) = planter.plant(fault, strength, None) else { continue };
            let faulty = scores(blob, rule, &planted)?;
            let parts = (0..PARTS).map(|part| {
                let [first, end] = [part, part + 1].map(|bound| bound * normal.len() / PARTS);
                Roc::new(&normal[first..end], &faulty[first..end]).map(|roc| roc.auroc())
            });
            let Some(parts) = parts.collect::<Option<Vec<f64>>>() else { return Ok(None) };
            let (sums, count) = kinds.entry(kind).or_insert_with(|| (vec![0.0; PARTS], 0.0));
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            *count += 1.0;
        }
    }
    if kinds.is_empty() {
        return Ok(None);
    }
    let of_part = |part: usize| {
        kinds.values().map(|(sums, count)| sums[part] / count).sum::<f64>() / kinds.len() as f64
    };
    let parts: Vec<f64> = (0..PARTS).map(of_part).collect();
    Ok(Some(Trial { noticed: parts.iter().sum::<f64>() / PARTS as f64, parts }))
}

/// The cheapest of those that notice as much as the best, within one standard error of the
/// difference (the rule of Breiman, Friedman, Olshen, Stone, *Classification and Regression Trees*,
/// 1984). Each has its cost; `None` without any.
#[must_use]
pub fn cheapest_of_the_best(trials: &[(&Trial, u64)]) -> Option<usize> {
    let (best, _) = trials.iter().max_by(|a, b| a.0.noticed.total_cmp(&b.0.noticed))?;
    let is_as_good = |trial: &Trial| {
        let behind: Vec<f64> = best.parts.iter().zip(&trial.parts).map(|(b, t)| b - t).collect();
        let mean = behind.iter().sum::<f64>() / PARTS as f64;
        let squares: f64 = behind.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (squares / (PARTS * (PARTS - 1)) as f64).sqrt();
        mean <= error
    };
    let good = trials.iter().enumerate().filter(|(_, (trial, _))| is_as_good(trial));
    good.min_by_key(|(_, (_, cost))| *cost).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(parts: [f64; PARTS]) -> Trial {
        Trial { noticed: parts.iter().sum::<f64>() / PARTS as f64, parts: parts.to_vec() }
    }

    #[test]
    fn the_cheapest_within_the_noise_of_the_best_is_chosen() {
        let best = trial([0.9; PARTS]);
        // Behind by 0.01 in the mean, with a standard error of 0.0113.
        let near = trial([0.86, 0.92, 0.86, 0.92, 0.86, 0.92, 0.86, 0.92]);
        // Behind by as much in every part.
        let behind = trial([0.89; PARTS]);
        let chosen = |costs: [u64; 3]| {
            let [a, b, c] = costs;
            cheapest_of_the_best(&[(&best, a), (&near, b), (&behind, c)]).unwrap()
        };
        assert_eq!([chosen([3, 2, 1]), chosen([1, 2, 3]), chosen([2, 3, 1])], [1, 0, 0]);
        assert_eq!(cheapest_of_the_best(&[]), None);
    }
}
