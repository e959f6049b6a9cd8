//! Whether false alarms come as the law of split conformal prediction says.
//!
//! Calibration and held-out windows are drawn from the same normal scores at random, so they are
//! exchangeable. If no two scores are equal, the number of `m` held-out ones above the `k`-th
//! smallest of `n` calibration ones has a law that knows nothing of the scores: every choice of `n`
//! places among `n + m` is equally likely, which makes it beta-binomial with `m` draws and the
//! parameters `n + 1 − k` and `k`. That holds for fresh scores each time and for one list of scores
//! that is split again and again, and the splits are independent of each other.

use ae_detect::conformal::{ConformalError, Threshold};
use ae_testkit::random::SplitMix64;

/// Standard errors that the mean rate may be off by. By Chebyshev's inequality a mean of any law
/// is further off once in 16 times; that of 200 rates, which is nearly normal, once in 16 000.
const STANDARD_ERRORS: f64 = 4.0;

/// Chance that the spread is called wrong although it is right.
const SPREAD_LEVEL: f64 = 0.001;

/// Calibration and held-out scores to count false alarms on.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Calibration scores, `n`.
    pub calibration: usize,
    /// Held-out scores, `m`.
    pub held_out: usize,
    /// Wanted false alarm rate in parts per million.
    pub alpha_ppm: u32,
    /// Ranks to lower the threshold by; 0 outside a test of the test.
    pub ranks_lower: usize,
}

/// How often the held-out windows of each split raised a false alarm.
#[derive(Clone, Debug)]
pub struct Coverage {
    plan: Plan,
    rank: usize,
    false_alarms: Vec<usize>,
}

impl Plan {
    /// One trial for each list of scores that `draw` gives: the first are for calibration.
    ///
    /// # Errors
    /// The calibration scores are too few.
    ///
    /// # Panics
    /// A list is not of `calibration + held_out` scores.
    pub fn play(
        &self,
        trials: usize,
        mut draw: impl FnMut() -> Vec<u64>,
    ) -> Result<Coverage, ConformalError> {
        let mut rank = 0;
        let mut false_alarms = Vec::with_capacity(trials);
        for _ in 0..trials {
            let scores = draw();
            assert_eq!(scores.len(), self.calibration + self.held_out);
            let (calibration, held_out) = scores.split_at(self.calibration);
            let mut threshold = Threshold::calibrate(calibration, self.alpha_ppm)?;
            threshold.rank -= self.ranks_lower;
            let mut ascending = calibration.to_vec();
            ascending.sort_unstable();
            if self.ranks_lower > 0 {
                threshold.threshold = ascending[threshold.rank - 1];
            }
            assert_eq!(threshold.threshold, ascending[threshold.rank - 1]);
            rank = threshold.rank;
            false_alarms.push(threshold.exceeded_by(held_out));
        }
        Ok(Coverage { plan: *self, rank, false_alarms })
    }

    /// Plays random splits of one list of real scores, of windows that do not overlap; ties among
    /// them are broken at random, anew in each split, which is what the law is of.
    ///
    /// It also checks that as they are, with ties, the scores never raise more false alarms.
    ///
    /// # Errors
    /// The calibration scores are too few.
    ///
    /// # Panics
    /// There are fewer scores than the plan needs.
    pub fn split(
        &self,
        scores: &[u64],
        trials: usize,
        random: &mut SplitMix64,
    ) -> Result<Coverage, ConformalError> {
        let needed = self.calibration + self.held_out;
        assert!(scores.len() >= needed, "{} scores, {needed} needed", scores.len());
        let mut tied = Vec::with_capacity(trials);
        let coverage = self.play(trials, || {
            let mut chosen = scores.to_vec();
            random.shuffle(&mut chosen);
            chosen.truncate(needed);
            tied.push(chosen.clone());
            // A place of its own for each; among equal scores at random.
            let mut order: Vec<(u64, u64, usize)> =
                chosen.iter().enumerate().map(|(i, &score)| (score, random.bits(), i)).collect();
            order.sort_unstable();
            let mut places = vec![0; needed];
            for (place, (.., index)) in (0..).zip(order) {
                places[index] = place;
            }
            places
        })?;
        let mut tied = tied.into_iter();
        let with_ties = self.play(trials, || tied.next().expect("a list for each trial"))?;
        for (tied, broken) in with_ties.false_alarms.iter().zip(&coverage.false_alarms) {
            assert!(tied <= broken, "ties raise {tied} false alarms, {broken} without");
        }
        Ok(coverage)
    }
}

impl Coverage {
    /// The mean of the false alarm rates.
    pub fn mean(&self) -> f64 {
        let all: usize = self.false_alarms.iter().sum();
        all as f64 / (self.false_alarms.len() * self.plan.held_out) as f64
    }

    /// By how much the mean of the rates may lie beside its expectation: four standard errors of
    /// the mean, of the beta-binomial law.
    pub fn margin(&self) -> f64 {
        let (a, b) = self.parameters();
        let (m, sum) = (self.plan.held_out as f64, a + b);
        let variance = a * b * (sum + m) / (m * sum * sum * (sum + 1.0));
        STANDARD_ERRORS * (variance / self.false_alarms.len() as f64).sqrt()
    }

    /// Whether the mean is at most the wanted rate, within the margin.
    pub fn keeps_the_bound(&self) -> bool {
        self.mean() <= f64::from(self.plan.alpha_ppm) / 1e6 + self.margin()
    }

    /// The largest distance of the distribution of false alarms from the beta-binomial one.
    pub fn distance(&self) -> f64 {
        let (a, b) = self.parameters();
        let law = beta_binomial(self.plan.held_out, a, b);
        let trials = self.false_alarms.len() as f64;
        let mut at_most = 0.0;
        let mut largest: f64 = 0.0;
        for (alarms, probability) in law.into_iter().enumerate() {
            at_most += probability;
            let found = self.false_alarms.iter().filter(|&&found| found <= alarms).count();
            largest = largest.max((found as f64 / trials - at_most).abs());
        }
        largest
    }

    /// The distance that trials of the law itself exceed once in a thousand times at most:
    /// `√(ln(2 / 0.001) / 2N)` by the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's
    /// constant (Annals of Probability 18, 1990), which holds for every law and every number of
    /// trials.
    pub fn largest_distance(&self) -> f64 {
        ((2.0 / SPREAD_LEVEL).ln() / (2.0 * self.false_alarms.len() as f64)).sqrt()
    }

    /// Whether the false alarms are spread as the law says.
    pub fn is_spread_by_the_law(&self) -> bool {
        self.distance() <= self.largest_distance()
    }

    fn parameters(&self) -> (f64, f64) {
        ((self.plan.calibration + 1 - self.rank) as f64, self.rank as f64)
    }
}

/// The probabilities of 0 to `m` hits in `m` draws whose common chance has the law Beta(a, b).
pub fn beta_binomial(m: usize, a: f64, b: f64) -> Vec<f64> {
    let m = m as f64;
    let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let mut probability = (ln_beta(a, b + m) - ln_beta(a, b)).exp();
    let mut probabilities = vec![probability];
    let mut hits = 0.0;
    while hits < m {
        probability *= (hits + a) * (m - hits) / ((hits + 1.0) * (m - hits - 1.0 + b));
        probabilities.push(probability);
        hits += 1.0;
    }
    probabilities
}
