//! Compares detectors by the faults that they notice.

use std::collections::BTreeMap;

use ae_engine::EngineError;

use super::{Fault, Planter};
use crate::roc::Roc;
use crate::scoring::{ScoreRule, scores};

/// Parts of the windows, from which the noise of a comparison is estimated.
const PARTS: usize = 8;

/// Which normal windows one with a fault is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// All: one threshold serves all recordings, so a detector should tell faults from any of them.
    All,
    /// Those of its own part of the time, for windows of a single recording. What changes along it
    /// is seen by all candidates, often more than a fault, and would hide which of them sees more of
    /// the faults.
    Neighbours,
}

/// What a detector notices of planted faults.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// AUROC of windows with a fault against those without one: the mean over parts, over strengths,
    /// then over kinds of faults. 0.5 is chance, 1 perfect.
    pub noticed: f64,
    /// The same of each part.
    parts: Vec<f64>,
}

impl Against {
    /// AUROC of windows with a fault, in each part.
    fn parts(self, normal: &[u64], faulty: &[u64]) -> Option<Vec<f64>> {
        let part = |part: usize| {
            let roc = match self {
                Self::All => {
                    let faulty: Vec<u64> =
                        faulty.iter().skip(part).step_by(PARTS).copied().collect();
                    Roc::new(normal, &faulty)
                }
                Self::Neighbours => {
                    let [first, end] = [part, part + 1].map(|bound| bound * normal.len() / PARTS);
                    Roc::new(&normal[first..end], &faulty[first..end])
                }
            };
            roc.map(|roc| roc.auroc())
        };
        (0..PARTS).map(part).collect()
    }
}

/// Plants every fault in every strength that detectors are [compared on](Fault::compared), and scores
/// the windows by a blob. `None` if there are too few windows.
///
/// # Errors
/// The blob cannot be run on the windows.
pub fn judge(
    blob: &[u8],
    rule: &ScoreRule,
    planter: &Planter<'_>,
    against: Against,
) -> Result<Option<Trial>, EngineError> {
    let normal = scores(blob, rule, planter.windows())?;
    // Of each kind, by part: the sum over strengths, and how many.
    let mut kinds: BTreeMap<usize, (Vec<f64>, f64)> = BTreeMap::new();
    for (kind, fault) in Fault::ALL.into_iter().enumerate() {
        for &strength in fault.compared() {
            let Some(planted) = planter.plant(fault, strength, None) else { continue };
            let faulty = scores(blob, rule, &planted)?;
            let Some(parts) = against.parts(&normal, &faulty) else { return Ok(None) };
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

    #[test]
    fn neighbours_are_compared_where_all_would_hide_a_fault() {
        // Each of eight parts has scores of its own, and faults add 3 to them.
        let normal: Vec<u64> = (0..64).map(|window| 100 * (window / 8) + window % 8).collect();
        let faulty: Vec<u64> = normal.iter().map(|score| score + 3).collect();
        let auroc = |against: Against| against.parts(&normal, &faulty).unwrap().iter().sum::<f64>();
        // Of the 64 pairs within a part, 10 are lost and 5 equal.
        assert_eq!(auroc(Against::Neighbours), 8.0 * 51.5 / 64.0);
        assert!((auroc(Against::All) - 8.0 * (0.5 * 7.0 / 8.0 + 51.5 / 64.0 / 8.0)).abs() < 1e-12);
        assert_eq!(Against::All.parts(&[], &[]), None);
        assert_eq!(Against::Neighbours.parts(&[1, 2], &[3, 4]), None);
    }

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
