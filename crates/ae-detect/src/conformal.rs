//! The threshold that keeps false alarms to a wanted rate: split conformal prediction.
//!
//! Of `n` scores of normal windows that the model was not trained on, the threshold is the `k`-th
//! smallest, `k = ⌈(n + 1)(1 − α)⌉`. A new normal window that is *exchangeable* with the `n` then
//! exceeds it with a probability of at most `α`, whatever the model and whatever the distribution
//! of scores, over the choice of the calibration windows and of the new one: the new score is
//! equally likely to take each of the `n + 1` places among all, and it exceeds the threshold only
//! from a place above `k`. (V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random
//! World, 2005; J. Lei et al., Distribution-free predictive inference for regression, JASA 2018,
//! arXiv 1604.04173.)
//!
//! One calibration has one threshold, and its own false alarm rate lies about that mean. Where
//! ties have no weight it follows the law Beta(n + 1 − k, k), with the mean `(n + 1 − k) / (n + 1)`;
//! with ties it is lower. [`Threshold::law`] gives it (V. Vovk, Conditional validity of inductive
//! conformal predictors, 2012, arXiv 1209.2673).
//!
//! What this assumes: the windows are exchangeable, which no theorem can check. Windows that
//! overlap share samples and are not, so calibration takes windows that do not overlap, of
//! recordings like those met later: the same kind of machine, mounting and load. Neighbouring
//! windows of one recording resemble each other too; more recordings are worth more than longer
//! ones.

use ae_core::Calibration;
use sha2::{Digest, Sha256};

use super::interval::Beta;

/// Parts in the unit that a false alarm rate is counted in.
pub const MILLION: u32 = 1_000_000;

/// Why there is no threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConformalError {
    /// The wanted false alarm rate is nothing or everything.
    #[error(
        "a false alarm rate of {} cannot be asked for: choose one above 0 and below 1, \
         in steps of 0.000001", rate(*alpha_ppm)
    )]
    Alpha {
        /// What was asked for, in parts per million.
        alpha_ppm: u32,
    },

    /// There are no calibration scores.
    #[error(
        "no normal windows to calibrate on: a false alarm rate of {} needs {needed} that do not \
         overlap", rate(*alpha_ppm)
    )]
    NoScores {
        /// Wanted false alarm rate in parts per million.
        alpha_ppm: u32,
        /// The least number that would do.
        needed: usize,
    },

    /// More than a blob can say.
    #[error("{found} calibration windows are more than the 4294967295 that a blob counts")]
    TooManyScores {
        /// Calibration scores given.
        found: usize,
    },

    /// The rank lies above the number of scores.
    #[error(
        "{found} calibration windows are too few for a false alarm rate of {}: it needs {needed} \
         normal windows that do not overlap. Add normal recordings, or choose a rate of {} or \
         more. A smaller stride does not help: windows that overlap do not count as several",
        rate(*alpha_ppm), rate(*least_alpha_ppm)
    )]
    TooFewScores {
        /// Calibration scores given.
        found: usize,
        /// Wanted false alarm rate in parts per million.
        alpha_ppm: u32,
        /// The least number that would do.
        needed: usize,
        /// The lowest rate that the scores would do for, in parts per million.
        least_alpha_ppm: u32,
    },
}

/// Which of `n` calibration scores, from 1 in ascending order, is the threshold: the rank
/// `⌈(n + 1)(1 − α)⌉`, at least 1 and at most `n`.
///
/// # Errors
/// `alpha_ppm` is not in 1..=999 999, or the rank is above `n`: then the error names the least `n`
/// that would do, `⌈(1 − α) / α⌉`.
///
/// ```
/// use ae_detect::conformal::rank;
///
/// // One false alarm in a hundred windows: the largest of 99 scores, the second largest of 199.
/// assert_eq!(rank(99, 10_000), Ok(99));
/// assert_eq!(rank(199, 10_000), Ok(198));
/// assert!(rank(98, 10_000).unwrap_err().to_string().contains("needs 99 "));
/// ```
pub fn rank(n: usize, alpha_ppm: u32) -> Result<usize, ConformalError> {
    if alpha_ppm == 0 || alpha_ppm >= MILLION {
        return Err(ConformalError::Alpha { alpha_ppm });
    }
    let kept = MILLION - alpha_ppm;
    let needed = kept.div_ceil(alpha_ppm) as usize;
    if n == 0 {
        return Err(ConformalError::NoScores { alpha_ppm, needed });
    }
    let scores = u32::try_from(n).map_err(|_| ConformalError::TooManyScores { found: n })?;
    let rank = Calibration { alarm_ppm: alpha_ppm, scores, digest: &[] }.rank();
    if rank > u64::from(scores) {
        // At most half a million, since n is at least 1.
        let least_alpha_ppm = u64::from(MILLION).div_ceil(u64::from(scores) + 1) as u32;
        return Err(ConformalError::TooFewScores { found: n, alpha_ppm, needed, least_alpha_ppm });
    }
    // At most n, which is a usize.
    Ok(rank as usize)
}

/// A threshold and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// A window whose score is above this is taken for abnormal.
    pub threshold: u64,
    /// Which of the calibration scores it is, from 1 in ascending order.
    pub rank: usize,
    /// Calibration scores.
    pub scores: usize,
    /// Wanted false alarm rate in parts per million.
    pub alpha_ppm: u32,
    /// SHA-256 of the calibration scores as little-endian u64 in the order given.
    pub digest: [u8; 32],
}

impl Threshold {
    /// The threshold for a false alarm rate of at most `alpha_ppm` parts per million.
    ///
    /// # Errors
    /// As [`rank`].
    pub fn calibrate(scores: &[u64], alpha_ppm: u32) -> Result<Self, ConformalError> {
        let rank = rank(scores.len(), alpha_ppm)?;
        let mut ascending = scores.to_vec();
        let (_, &mut threshold, _) = ascending.select_nth_unstable(rank - 1);
        let mut hash = Sha256::new();
        for score in scores {
            hash.update(score.to_le_bytes());
        }
        Ok(Self {
            threshold,
            rank,
            scores: scores.len(),
            alpha_ppm,
            digest: hash.finalize().into(),
        })
    }

    /// How many of `scores` are above the threshold.
    pub fn exceeded_by(&self, scores: &[u64]) -> usize {
        scores.iter().filter(|&&score| score > self.threshold).count()
    }

    /// The wanted false alarm rate.
    pub fn alpha(&self) -> f64 {
        rate(self.alpha_ppm)
    }

    /// The law of this calibration's own false alarm rate, if no two scores are equal and windows
    /// are exchangeable: its mean is at most [`alpha`](Self::alpha), and the rate of four
    /// calibrations in five lies between its quantiles 0.1 and 0.9.
    pub fn law(&self) -> Beta {
        Beta { a: (self.scores + 1 - self.rank) as f64, b: self.rank as f64 }
    }
}

/// Parts per million as a fraction. The nearest float to a number of at most six decimals, so it
/// prints as that.
pub(super) fn rate(ppm: u32) -> f64 {
    f64::from(ppm) / f64::from(MILLION)
}

#[cfg(test)]
mod tests {
    use ae_files::hex;

    use super::*;

    #[test]
    fn the_least_number_that_will_do_is_just_that() {
        for alpha_ppm in 1..MILLION {
            let Err(ConformalError::NoScores { needed, .. }) = rank(0, alpha_ppm) else {
                panic!("no scores are never enough");
            };
            assert!(rank(needed, alpha_ppm).is_ok(), "{alpha_ppm}");
            match rank(needed - 1, alpha_ppm) {
                Err(ConformalError::NoScores { .. }) => assert_eq!(needed, 1),
                Err(ConformalError::TooFewScores {
                    needed: named, least_alpha_ppm, found, ..
                }) => {
                    assert_eq!(named, needed);
                    assert!(rank(found, least_alpha_ppm).is_ok());
                    assert!(rank(found, least_alpha_ppm - 1).is_err());
                }
                other => panic!("{alpha_ppm}: {other:?}"),
            }
        }
    }

    #[test]
    fn ranks_by_hand() {
        // 20 · 0.95 = 19; 101 · 0.95 = 95.95; 101 · 0.5 = 50.5; 2 · 0.5 = 1.
        for (n, alpha_ppm, expected) in
            [(19, 50_000, 19), (100, 50_000, 96), (100, 500_000, 51), (1, 500_000, 1)]
        {
            assert_eq!(rank(n, alpha_ppm), Ok(expected));
        }
        assert_eq!(rank(3, 999_999), Ok(1));
        // 2³²(1 − 10⁻⁶) = 4294963001.03, and more scores a blob does not count.
        let most = u32::MAX as usize;
        assert_eq!(rank(most, 1), Ok(4_294_963_002));
        assert_eq!(rank(most + 1, 1), Err(ConformalError::TooManyScores { found: most + 1 }));
        for alpha_ppm in [0, MILLION, u32::MAX] {
            assert_eq!(rank(10, alpha_ppm), Err(ConformalError::Alpha { alpha_ppm }));
        }
    }

    #[test]
    fn the_message_says_what_would_do() {
        let message = rank(120, 1_000).unwrap_err().to_string();
        assert_eq!(
            message,
            "120 calibration windows are too few for a false alarm rate of 0.001: it needs 999 \
             normal windows that do not overlap. Add normal recordings, or choose a rate of \
             0.008265 or more. A smaller stride does not help: windows that overlap do not count \
             as several"
        );
    }

    #[test]
    fn threshold_is_the_score_of_that_rank_and_ties_do_not_exceed_it() {
        // Ascending 1 1 2 5 9: (5 + 1) · 0.6 = 3.6, the fourth.
        let scores = [5, 1, 9, 1, 2];
        let threshold = Threshold::calibrate(&scores, 400_000).unwrap();
        assert_eq!((threshold.threshold, threshold.rank, threshold.scores), (5, 4, 5));
        assert_eq!(threshold.exceeded_by(&scores), 1);
        assert_eq!(threshold.exceeded_by(&[5, 5, 6]), 1);
        assert_eq!(threshold.law(), Beta { a: 2.0, b: 4.0 });
        assert!(Threshold::calibrate(&[], 400_000).is_err());
    }

    #[test]
    fn digest_is_of_the_scores_in_their_order() {
        // printf '\1\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0' | sha256sum
        let threshold = Threshold::calibrate(&[1, 256], 500_000).unwrap();
        assert_eq!(hex(&threshold.digest), DIGEST_OF_1_256);
        let turned = Threshold::calibrate(&[256, 1], 500_000).unwrap();
        assert_ne!(turned.digest, threshold.digest);
    }

    const DIGEST_OF_1_256: &str =
        "89063da2926620b0bcd927a7ef76480cb4772b71306d614f79e016c826e8a0e8";
}
