//! A threshold that a board finds where it is mounted.

mod error;
mod extremes;
mod groups;
mod low;

pub use error::CalibrationError;
pub use groups::GroupThreshold;
pub use low::{LowScores, LowScoresIn};

use crate::detector::{Companion, Seen, Threshold};
pub(crate) use extremes::Extremes;
use extremes::MILLION;

/// Scores that a [`Calibration`] or [`LowScores`] keeps of `scores` scores for a rate in parts per
/// million: `⌊(n + 1) · α⌋`, which is `n + 1 − ⌈(n + 1)(1 − α)⌉`. It is 0 where there are too few
/// scores for the rate.
///
/// ```
/// assert_eq!(ae_infer::calibration_len(999, 10_000), 10);
/// assert_eq!(ae_infer::calibration_len(99, 10_000), 1);
/// assert_eq!(ae_infer::calibration_len(98, 10_000), 0);
/// ```
#[must_use]
pub const fn calibration_len(scores: u32, alarm_ppm: u32) -> usize {
    let millionths = (scores as u64).saturating_add(1).saturating_mul(alarm_ppm as u64);
    (millionths / MILLION) as usize
}

/// A threshold from the scores of windows that are normal by declaration: those of the first hours
/// after mounting, say. `M` is the number of scores that are kept, [`calibration_len`] or more.
///
/// Of n scores and the false-alarm rate α the threshold is the `⌈(n + 1)(1 − α)⌉`-th smallest, as
/// [`ae_core::Calibration::rank`] has it: the one that a host finds of the same scores, in whatever
/// order they come. So the largest `⌊(n + 1) · α⌋` scores are all that is kept. A later window that is
/// exchangeable with these exceeds the threshold with a probability of at most α.
///
/// It goes along with a detector as a [`Companion`], which gives it windows that do not overlap:
///
/// ```
/// use ae_infer::{Calibration, Detector, ThresholdSource, calibration_len};
///
/// ae_infer::include_model!(
///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.counts.int8.aeb")
/// );
///
/// // A rate of one in ten, from 19 windows: the two largest scores are kept.
/// const KEPT: usize = calibration_len(19, 100_000);
/// let mut calibration = Calibration::<KEPT>::new(19, 100_000)?;
///
/// let (mut window, mut reconstruction) = (tiny::window(), tiny::pixels());
/// let mut scratch = tiny::scratch();
/// let mut detector =
///     Detector::new(tiny::load()?, &mut window, &mut reconstruction, &mut scratch)?;
/// for time in 0..40 {
///     let sample: [i16; 2] = [100 + 7 * (time % 9), -40];
///     if let Some(seen) = detector.push_with(&sample, &mut calibration)? {
///         let source = if time < 38 { ThresholdSource::Blob } else { ThresholdSource::Own };
///         assert_eq!(seen.source, source);
///     }
/// }
/// assert!(calibration.threshold().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type Calibration<const M: usize> = CalibrationIn<[u64; M]>;

/// A [`Calibration`] that keeps its scores in `S`: an array, or memory of another owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalibrationIn<S> {
    largest: Extremes<S>,
    is_silent: bool,
    is_at_least_blob: bool,
}

/// All that a [`Calibration`] or [`LowScores`] is, for a memory that outlasts a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalibrationState<const M: usize> {
    /// The rate, in parts per million.
    pub alarm_ppm: u32,
    /// Scores that it takes.
    pub wanted: u32,
    /// Scores that it has taken.
    pub taken: u32,
    /// Whether there is no threshold until then; always `false` of low scores.
    pub is_silent: bool,
    /// Whether the blob's threshold holds where it is higher; always `false` of low scores.
    pub is_at_least_blob: bool,
    /// The largest scores in falling order, with zeros behind them. Of low scores it is the complement
    /// of each, by which the smallest is the largest.
    pub kept: [u64; M],
}

impl<const M: usize> CalibrationIn<[u64; M]> {
    /// A calibration before its first score, for a threshold of `scores` scores and a false-alarm
    /// rate in parts per million. Until it has all of them the blob's threshold holds.
    ///
    /// # Errors
    /// The rate is not in 1 to 999,999; there is no threshold for it with so few scores; or `M` is
    /// less than [`calibration_len`].
    pub const fn new(scores: u32, alarm_ppm: u32) -> Result<Self, CalibrationError> {
        match Extremes::new(scores, alarm_ppm) {
            Ok(largest) => Ok(Self { largest, is_silent: false, is_at_least_blob: false }),
            Err(error) => Err(error),
        }
    }

    /// All that it is.
    #[must_use]
    pub const fn state(&self) -> CalibrationState<M> {
        let Self { is_silent, is_at_least_blob, largest } = self;
        let (is_silent, is_at_least_blob) = (*is_silent, *is_at_least_blob);
        CalibrationState { is_silent, is_at_least_blob, ..largest.state() }
    }

    /// The calibration that a state was taken of.
    ///
    /// # Errors
    /// As [`new`](Self::new); or there is none with such a state.
    pub fn resume(state: CalibrationState<M>) -> Result<Self, CalibrationError> {
        let CalibrationState { is_silent, is_at_least_blob, .. } = state;
        Ok(Self { largest: Extremes::resume(&state)?, is_silent, is_at_least_blob })
    }
}

impl<S> CalibrationIn<S> {
    /// The same, but without any threshold until it has all scores: no window is an alarm before.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// The same, but where the blob's threshold is higher, that holds: false alarms are no more frequent
    /// than with either of them, and so is what is detected. For few scores, that do not yet hold all
    /// that is normal.
    #[must_use]
    pub const fn at_least_blob(mut self) -> Self {
        self.is_at_least_blob = true;
        self
    }

    /// Scores that have come.
    #[must_use]
    pub const fn taken(&self) -> u32 {
        self.largest.taken()
    }

    /// Scores that are wanted.
    #[must_use]
    pub const fn wanted(&self) -> u32 {
        self.largest.wanted()
    }

    /// The false-alarm rate, in parts per million.
    #[must_use]
    pub const fn alarm_ppm(&self) -> u32 {
        self.largest.alarm_ppm()
    }

    pub(crate) const fn scores(&self) -> &Extremes<S> {
        &self.largest
    }

    pub(crate) const fn scores_mut(&mut self) -> &mut Extremes<S> {
        &mut self.largest
    }
}

impl<S: AsRef<[u64]> + AsMut<[u64]>> CalibrationIn<S> {
    /// As [`new`](Self::new), with the memory for scores, which has room for [`calibration_len`] or
    /// more. What is in it does not matter.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn within(scores: u32, alarm_ppm: u32, kept: S) -> Result<Self, CalibrationError> {
        let largest = Extremes::within(scores, alarm_ppm, kept)?;
        Ok(Self { largest, is_silent: false, is_at_least_blob: false })
    }

    /// Takes the score of the next window that overlaps none of those before. Scores behind the last
    /// that is wanted change nothing.
    pub fn take(&mut self, score: u64) {
        self.largest.take(score);
    }

    /// The threshold, when all scores have come.
    #[must_use]
    pub fn threshold(&self) -> Option<u64> {
        self.largest.bound()
    }
}

impl<S: AsRef<[u64]> + AsMut<[u64]>> Companion for CalibrationIn<S> {
    fn threshold(&self) -> Threshold {
        match self.threshold() {
            Some(threshold) if self.is_at_least_blob => Threshold::AtLeastBlob(threshold),
            Some(threshold) => Threshold::Own(threshold),
            None if self.is_silent => Threshold::Silent,
            None => Threshold::Blob,
        }
    }

    fn see(&mut self, seen: &Seen<'_>) {
        if seen.is_apart {
            self.take(seen.score);
        }
    }
}

#[cfg(test)]
mod tests;
