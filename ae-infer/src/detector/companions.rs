//! Companions that a program decides about when it runs.

use ae_core::Detection;

use super::companion::{Companion, Findings, Seen, Threshold};
use super::constant::ConstantChannelsIn;
use crate::calibration::{CalibrationError, CalibrationIn, GroupThreshold, LowScoresIn};
use crate::drift::Drift;

/// Which companions go along, in plain numbers: what is 0 does not. See [`Companions::of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompanionPlan {
    /// Scores that a threshold, and the bound of low scores, are found from.
    pub scores: u32,
    /// The false-alarm rate of the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// Whether there is no threshold until all scores have come, in place of the blob's.
    pub is_silent: bool,
    /// Whether the blob's threshold holds where it is higher than the one that is found.
    pub is_at_least_blob: bool,
    /// The share of groups that may need a higher threshold than that of the maker's groups, which then
    /// takes the place of the blob's, in parts per million.
    pub group_ppm: u32,
    /// The rate of the bound of low scores, in parts per million.
    pub low_ppm: u32,
    /// Windows after which a channel that does not change is stuck.
    pub constant: u8,
    /// The probability that a drift is ever told where there is none, in parts per million.
    pub drift_ppm: u32,
}

/// All kinds of companions, each of which may be absent: for a program that decides about them when it
/// runs. One that knows them when it is compiled takes a tuple of those that it has.
///
/// `M` scores are kept at each end, `C` channels are looked at, and a drift has `K` edges.
pub type Companions<const M: usize, const C: usize, const K: usize> =
    CompanionsIn<[u64; M], [u16; C], K>;

/// [`Companions`] that keep scores in `S` and count windows of channels in `R`: arrays, or memory of
/// another owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanionsIn<S, R, const K: usize> {
    /// A threshold that is found in place.
    pub calibration: Option<CalibrationIn<S>>,
    /// One of the maker's groups.
    pub groups: Option<GroupThreshold>,
    /// A bound of low scores.
    pub low: Option<LowScoresIn<S>>,
    /// Channels that do not change.
    pub constant: Option<ConstantChannelsIn<R>>,
    /// Whether normal has changed.
    pub drift: Option<Drift<K>>,
}

impl<const M: usize, const C: usize, const K: usize> Companions<M, C, K> {
    /// Those of a plan, before their first window, for a detector that follows this section.
    ///
    /// # Errors
    /// As [`Calibration::new`](crate::Calibration::new), [`GroupThreshold::new`],
    /// [`LowScores::new`](crate::LowScores::new) and [`Drift::new`].
    pub fn of(plan: &CompanionPlan, detection: &Detection<'_>) -> Result<Self, CalibrationError> {
        let mut all = Self::NONE;
        all.begin(plan, detection)?;
        Ok(all)
    }

    /// As [`of`](Self::of), in the place of those that were there: for a small stack, on which companions
    /// should not be moved about.
    ///
    /// # Errors
    /// As [`of`](Self::of). Then nothing goes along.
    pub fn begin(
        &mut self,
        plan: &CompanionPlan,
        detection: &Detection<'_>,
    ) -> Result<(), CalibrationError> {
        *self = Self::NONE;
        let begun = self.fill(plan, [0; M], [0; M], [0; C]).and_then(|()| {
            if plan.group_ppm > 0 {
                self.groups = Some(GroupThreshold::new(detection, plan.group_ppm)?);
            }
            Ok(())
        });
        if begun.is_err() {
            *self = Self::NONE;
        }
        begun
    }
}

impl<S, R, const K: usize> CompanionsIn<S, R, K> {
    /// Nothing goes along.
    pub const NONE: Self =
        Self { calibration: None, groups: None, low: None, constant: None, drift: None };
}

impl<S, R, const K: usize> CompanionsIn<S, R, K>
where
    S: AsRef<[u64]> + AsMut<[u64]>,
    R: AsRef<[u16]> + AsMut<[u16]>,
{
    /// As [`of`](Self::of), with memory for the scores of the calibration and for those of the bound of
    /// low scores, each of [`calibration_len`](crate::calibration_len) by its own rate, and for an
    /// element of each channel that is looked at. What is in it does not matter. The threshold of the
    /// maker's groups is left out: it is in no plan, but in a detector's section.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn within(
        plan: &CompanionPlan,
        kept: S,
        kept_low: S,
        runs: R,
    ) -> Result<Self, CalibrationError> {
        let mut all = Self::NONE;
        all.fill(plan, kept, kept_low, runs)?;
        Ok(all)
    }

    fn fill(
        &mut self,
        plan: &CompanionPlan,
        kept: S,
        kept_low: S,
        runs: R,
    ) -> Result<(), CalibrationError> {
        let CompanionPlan { scores, alarm_ppm, low_ppm, constant, drift_ppm, .. } = *plan;
        if alarm_ppm > 0 {
            let mut calibration = CalibrationIn::within(scores, alarm_ppm, kept)?;
            if plan.is_silent {
                calibration = calibration.silent();
            }
            if plan.is_at_least_blob {
                calibration = calibration.at_least_blob();
            }
            self.calibration = Some(calibration);
        }
        if low_ppm > 0 {
            self.low = Some(LowScoresIn::within(scores, low_ppm, kept_low)?);
        }
        if constant > 0 {
            self.constant = Some(ConstantChannelsIn::within(constant, runs));
        }
        if drift_ppm > 0 {
            self.drift = Some(Drift::new(drift_ppm)?);
        }
        Ok(())
    }
}

impl<S, R, const K: usize> Companion for CompanionsIn<S, R, K>
where
    S: AsRef<[u64]> + AsMut<[u64]>,
    R: AsRef<[u16]> + AsMut<[u16]>,
{
    fn threshold(&self) -> Threshold {
        Companion::threshold(&self.calibration).or_else(Companion::threshold(&self.groups))
    }

    fn see(&mut self, seen: &Seen<'_>) {
        self.calibration.see(seen);
        self.low.see(seen);
        self.constant.see(seen);
        self.drift.see(seen);
    }

    fn find(&self, findings: &mut Findings) {
        self.low.find(findings);
        self.constant.find(findings);
        self.drift.find(findings);
    }
}
