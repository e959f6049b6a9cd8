//! Scores that are lower than normal.

use super::{CalibrationError, CalibrationState, Extremes};
use crate::detector::{Companion, Findings, Seen};

/// A bound that scores of normal windows are seldom below: a sensor that is dead or stuck is easy to
/// reconstruct and scores low, so no threshold from above sees it.
///
/// Of n scores and a rate α of its own the bound is the `⌊(n + 1) · α⌋`-th smallest. A later window
/// that is exchangeable with these is below it with a probability of at most α. `M` is the number of
/// scores that are kept, [`calibration_len`](crate::calibration_len) or more.
///
/// ```
/// use ae_infer::LowScores;
///
/// let mut low = LowScores::<1>::new(9, 100_000)?;
/// for score in [50, 40, 60, 30, 70, 44, 45, 46, 47] {
///     low.take(score);
/// }
/// assert_eq!(low.bound(), Some(30));
/// assert!(low.is_low(29) && !low.is_low(30));
/// # Ok::<(), ae_infer::CalibrationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowScores<const M: usize> {
    /// Of the complements, whose order is the other way round.
    largest: Extremes<M>,
    /// Whether the last window was below the bound.
    found: bool,
}

impl<const M: usize> LowScores<M> {
    /// A bound before its first score, from `scores` scores with a rate in parts per million.
    ///
    /// # Errors
    /// As [`Calibration::new`](crate::Calibration::new).
    pub const fn new(scores: u32, alarm_ppm: u32) -> Result<Self, CalibrationError> {
        match Extremes::new(scores, alarm_ppm) {
            Ok(largest) => Ok(Self { largest, found: false }),
            Err(error) => Err(error),
        }
    }

    /// Takes the score of the next window that overlaps none of those before. Scores behind the last
    /// that is wanted change nothing.
    pub fn take(&mut self, score: u64) {
        self.largest.take(!score);
    }

    /// The bound, when all scores have come.
    #[must_use]
    pub fn bound(&self) -> Option<u64> {
        self.largest.bound().map(|complement| !complement)
    }

    /// Whether a score is below the bound: of none, while there is no bound.
    #[must_use]
    pub fn is_low(&self, score: u64) -> bool {
        self.bound().is_some_and(|bound| score < bound)
    }

    /// All that it is.
    #[must_use]
    pub const fn state(&self) -> CalibrationState<M> {
        self.largest.state()
    }

    /// The bound that a state was taken of.
    ///
    /// # Errors
    /// As [`Calibration::resume`](crate::Calibration::resume).
    pub fn resume(state: CalibrationState<M>) -> Result<Self, CalibrationError> {
        Ok(Self { largest: Extremes::resume(&state)?, found: false })
    }
}

impl<const M: usize> Companion for LowScores<M> {
    fn see(&mut self, seen: &Seen<'_>) {
        self.found = self.is_low(seen.score);
        if seen.is_apart {
            self.take(seen.score);
        }
    }

    fn find(&self, findings: &mut Findings) {
        findings.is_low |= self.found;
    }
}
