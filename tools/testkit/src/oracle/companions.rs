//! What goes along with a detector must learn and find, from all scores so far: they are kept and sorted,
//! and every rank is counted anew.

use super::detector::{Window, is_alarm};
use crate::section::Section;
use crate::signal::Verdict;

/// Which companions go along; what is 0 does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plan {
    /// Scores that a threshold, and the bound of low scores, are found from.
    pub scores: u32,
    /// The false-alarm rate of the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// The rate of the bound of low scores, in parts per million.
    pub low_ppm: u32,
    /// The probability that a drift is ever told where there is none, in parts per million.
    pub drift_ppm: u32,
    /// The start of the drift's generator; not 0.
    pub drift_seed: u32,
    /// Whether no window is an alarm until all scores have come.
    pub is_silent: bool,
    /// Whether the blob's threshold holds where it is higher.
    pub is_at_least_blob: bool,
    /// Windows after which a channel that does not change is stuck.
    pub constant: u32,
}

/// What is known of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Learnt {
    /// The threshold.
    pub threshold: Option<u64>,
    /// The bound of low scores.
    pub low_bound: Option<u64>,
    /// Whether normal has changed.
    pub has_drifted: bool,
}

/// What is said of one window beside its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Whether it is an alarm.
    pub alarm: bool,
    /// What its score was compared with.
    pub threshold: u64,
    /// Whose that is: 0 the blob's, 1 the board's own, 2 nobody's.
    pub source: u32,
    /// Whether its score is low.
    pub is_low: bool,
    /// The first channel that does not change.
    pub constant: Option<usize>,
    /// Whether normal has changed.
    pub has_drifted: bool,
}

/// Companions with the scores that came.
#[derive(Debug, Clone)]
pub struct Company {
    plan: Plan,
    scores: Vec<u64>,
    drift: Drift,
}

impl Company {
    /// Before the first score.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self { plan, scores: Vec::new(), drift: Drift::new(plan.drift_seed) }
    }

    /// Takes the score of a window that overlaps none of those before.
    pub fn take(&mut self, score: u64) {
        self.scores.push(score);
        let limit = (1_000_000_u128 << PLACES).div_ceil(self.plan.drift_ppm.max(1).into());
        if self.plan.drift_ppm > 0 && self.drift.won() < limit {
            self.drift.take(score);
        }
    }

    /// What is known now.
    #[must_use]
    pub fn learnt(&self) -> Learnt {
        let Plan { scores, alarm_ppm, low_ppm, drift_ppm, .. } = self.plan;
        let n = scores as usize;
        let mut first = self.scores.get(..n).unwrap_or_default().to_vec();
        first.sort_unstable();
        let is_complete = !first.is_empty();
        // ⌈(n + 1)(1 − α)⌉ and ⌊(n + 1) · α⌋, in parts per million.
        let all = (n as u128 + 1) * 1_000_000;
        let rank = |ppm: u32| (all - (n as u128 + 1) * u128::from(ppm)).div_ceil(1_000_000);
        let rank_low = (n as u128 + 1) * u128::from(low_ppm) / 1_000_000;
        let at = |rank: u128| first.get((rank as usize).checked_sub(1)?).copied();
        let limit = (1_000_000_u128 << PLACES).div_ceil(drift_ppm.max(1).into());
        Learnt {
            threshold: at(rank(alarm_ppm)).filter(|_| alarm_ppm > 0 && is_complete),
            low_bound: at(rank_low).filter(|_| low_ppm > 0 && is_complete),
            has_drifted: drift_ppm > 0 && self.drift.won() >= limit,
        }
    }
}

/// What is said of every window of a signal, whose verdicts are known.
///
/// # Panics
/// If there are not as many windows as verdicts.
#[must_use]
pub fn observations(
    section: &Section,
    features: usize,
    plan: Plan,
    windows: &[Window],
    verdicts: &[Verdict],
) -> Vec<Observation> {
    assert_eq!(windows.len(), verdicts.len(), "windows and verdicts");
    let channels = section.channels(features);
    let mut company = Company::new(plan);
    let mut exceeded = Vec::new();
    let mut runs = vec![0; channels];
    let mut last_apart = None;
    let of_window = |(window, verdict): (&Window, &Verdict)| {
        let before = company.learnt();
        let blob = section.threshold;
        let (threshold, source) = match before.threshold {
            Some(own) if plan.is_at_least_blob && own < blob => (blob, 0),
            Some(own) => (own, 1),
            None if plan.is_silent && plan.alarm_ppm > 0 => (u64::MAX, 2),
            None => (blob, 0),
        };
        exceeded.push(verdict.score > threshold);
        // As long as the first, and so apart if it begins where that ends, or later.
        let len = section.samples_to(section.window);
        if last_apart.is_none_or(|last| window.samples >= last + len) {
            last_apart = Some(window.samples);
            company.take(verdict.score);
        }
        for (channel, run) in runs.iter_mut().enumerate() {
            let mut values = window.pixels.iter().skip(channel).step_by(channels);
            let first = values.next().expect("a value of each channel");
            *run = if values.all(|value| value == first) { *run + 1 } else { 0 };
        }
        let is_stuck = |&run: &u32| plan.constant > 0 && run >= plan.constant;
        Observation {
            alarm: is_alarm(section, &exceeded),
            threshold,
            source,
            is_low: before.low_bound.is_some_and(|bound| verdict.score < bound),
            constant: runs.iter().position(is_stuck),
            has_drifted: company.learnt().has_drifted,
        }
    };
    windows.iter().zip(verdicts).map(of_window).collect()
}

/// Binary places of a wealth.
const PLACES: u32 = 40;
/// Edges between bins.
const EDGES: usize = 11;
/// The p-value 1.
const ONE: u128 = 1 << 30;

/// Bets against scores that are exchangeable.
#[derive(Debug, Clone)]
struct Drift {
    edges: Vec<u64>,
    /// Of each score since, how many edges are less.
    bins: Vec<usize>,
    random: u32,
    wealth: [u128; 5],
}

impl Drift {
    fn new(random: u32) -> Self {
        Self { edges: Vec::new(), bins: Vec::new(), random, wealth: [0; 5] }
    }

    fn won(&self) -> u128 {
        self.wealth.iter().sum()
    }

    fn take(&mut self, score: u64) {
        if self.edges.len() < EDGES {
            return self.edges.push(score);
        }
        let bin = self.edges.iter().filter(|&&edge| edge < score).count();
        let higher = self.bins.iter().filter(|&&other| other > bin).count() as u128;
        let same = self.bins.iter().filter(|&&other| other == bin).count() as u128;
        self.bins.push(bin);
        let time = self.bins.len() as u128;
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        let theta = u128::from(self.random >> 16);
        // Of 30 binary places; and as much higher as the ties' 16 bits and the division may cost.
        let p = ((higher << 16) + theta * (same + 1)) * (1 << 14) / time;
        let high = (p + (1 << 14) + 1).min(ONE);
        let falls = |quarters: u128| ONE + quarters * ONE / 8 - (quarters * high).div_ceil(4);
        let rises = |quarters: u128| ONE - quarters * ONE / 8 + quarters * p / 4;
        let tail = if high <= ONE / 16 { 4 * ONE } else { 4 * ONE / 5 };
        // Eighths of the prior of a moment: 2⁻⁵ and the moments of its doubling share it.
        let eighth = (1_u128 << (PLACES - 5 - 3)) >> time.ilog2();
        let factors = [falls(7), falls(3), rises(3), rises(7), tail];
        for ((wealth, factor), share) in self.wealth.iter_mut().zip(factors).zip([2, 1, 1, 2, 2]) {
            *wealth = ((*wealth + share * eighth) * factor) >> 30;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Company, Plan};

    #[test]
    fn bounds_are_scores_of_their_ranks() {
        let plan = Plan { scores: 9, alarm_ppm: 200_000, low_ppm: 100_000, ..Plan::default() };
        let mut company = Company::new(plan);
        for score in [50, 40, 60, 30, 70, 44, 45, 46] {
            company.take(score);
            assert_eq!(company.learnt().threshold, None);
        }
        company.take(47);
        company.take(1000);
        let learnt = company.learnt();
        assert_eq!((learnt.threshold, learnt.low_bound), (Some(60), Some(30)));
    }

    #[test]
    fn a_change_is_a_drift_and_what_stays_is_none() {
        let plan = Plan { drift_ppm: 10_000, drift_seed: 7, ..Plan::default() };
        let mut company = Company::new(plan);
        for at in 0..400_u64 {
            company.take(at * 7919 % 1000);
        }
        assert!(!company.learnt().has_drifted);
        (0..60).for_each(|at| company.take(600 + at * 7919 % 1000));
        assert!(company.learnt().has_drifted);
    }
}
