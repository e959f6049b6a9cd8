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
pub type LowScores<const M: usize> = LowScoresIn<[u64; M]>;

/// A bound of [`LowScores`] that keeps its scores in `S`: an array, or memory of another owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowScoresIn<S> {
    /// Of the complements, whose order is the other way round.
    largest: Extremes<S>,
    /// Whether the last window was below the bound.
    found: bool,
}

impl<const M: usize> LowScoresIn<[u64; M]> {
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

impl<S> LowScoresIn<S> {
    /// Of the complements.
    pub(crate) const fn scores(&self) -> &Extremes<S> {
        &self.largest
    }

    pub(crate) const fn scores_mut(&mut self) -> &mut Extremes<S> {
        &mut self.largest
    }
}

impl<S: AsRef<[u64]> + AsMut<[u64]>> LowScoresIn<S> {
    /// As [`new`](Self::new), with the memory for scores: see
    /// [`CalibrationIn::within`](crate::CalibrationIn::within).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn within(scores: u32, alarm_ppm: u32, kept: S) -> Result<Self, CalibrationError> {
        Ok(Self { largest: Extremes::within(scores, alarm_ppm, kept)?, found: false })
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
}

impl<S: AsRef<[u64]> + AsMut<[u64]>> Companion for LowScoresIn<S> {
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
