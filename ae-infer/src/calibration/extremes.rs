//! The largest of the scores that came.

use super::{CalibrationError, CalibrationState, calibration_len};
use crate::state::Scores;

pub(super) const MILLION: u64 = 1_000_000;

/// The largest scores of those that came, as many as say which score has the wanted rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extremes<S> {
    alarm_ppm: u32,
    wanted: u32,
    taken: u32,
    /// Scores that are kept.
    len: usize,
    /// In falling order; zeros where no score has come, which are no larger than any.
    scores: S,
}

/// Scores that have to be kept, if there is room for `found`.
const fn needed(wanted: u32, alarm_ppm: u32, found: usize) -> Result<usize, CalibrationError> {
    if alarm_ppm == 0 || alarm_ppm as u64 >= MILLION {
        return Err(CalibrationError::AlarmRate { found: alarm_ppm });
    }
    let needed = calibration_len(wanted, alarm_ppm);
    if needed == 0 {
        return Err(CalibrationError::TooFewScores { alarm_ppm, found: wanted });
    }
    if needed > found {
        return Err(CalibrationError::Room { needed, found });
    }
    Ok(needed)
}

impl<S: AsRef<[u64]> + AsMut<[u64]>> Extremes<S> {
    pub(super) fn within(
        wanted: u32,
        alarm_ppm: u32,
        mut scores: S,
    ) -> Result<Self, CalibrationError> {
        let room = scores.as_mut();
        let len = needed(wanted, alarm_ppm, room.len())?;
        room.fill(0);
        Ok(Self { alarm_ppm, wanted, taken: 0, len, scores })
    }

    pub(super) fn take(&mut self, score: u64) {
        if self.is_complete() {
            return;
        }
        self.taken = self.taken.saturating_add(1);
        // What is larger takes the place, and what stood there goes on to the next.
        let mut carried = score;
        for place in self.scores.as_mut().iter_mut().take(self.len) {
            if carried > *place {
                core::mem::swap(place, &mut carried);
            }
        }
    }

    /// The smallest that is kept, when all have come.
    pub(super) fn bound(&self) -> Option<u64> {
        let last = self.scores.as_ref().get(..self.len)?.last();
        last.copied().filter(|_| self.is_complete())
    }

    /// The scores that are kept, in their order.
    pub(crate) fn kept(&self) -> &[u64] {
        self.scores.as_ref().get(..self.len).unwrap_or_default()
    }

    /// Goes on with scores that [`check`](Self::check) took.
    pub(crate) fn go_on(&mut self, scores: &Scores<'_>) {
        self.taken = scores.taken;
        let places = self.scores.as_mut().iter_mut().take(self.len);
        places.zip(scores.kept()).for_each(|(place, score)| *place = score);
    }
}

impl<S> Extremes<S> {
    const fn is_complete(&self) -> bool {
        self.taken >= self.wanted
    }

    pub(crate) const fn taken(&self) -> u32 {
        self.taken
    }

    pub(super) const fn wanted(&self) -> u32 {
        self.wanted
    }

    /// Scores that are kept when enough have come.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Whether one of this plan can have taken so many scores and kept these.
    pub(crate) fn check(
        &self,
        taken: u32,
        kept: impl Iterator<Item = u64>,
    ) -> Result<(), CalibrationError> {
        if taken > self.wanted {
            return Err(CalibrationError::Taken { wanted: self.wanted, found: taken });
        }
        // As many as have come, and none that is not kept.
        let filled = self.len.min(usize::try_from(taken).unwrap_or(usize::MAX));
        let mut before = u64::MAX;
        for (place, score) in kept.enumerate() {
            if score > before || (place >= filled && score != 0) {
                return Err(CalibrationError::Kept { place });
            }
            before = score;
        }
        Ok(())
    }

    pub(super) const fn alarm_ppm(&self) -> u32 {
        self.alarm_ppm
    }
}

impl<const M: usize> Extremes<[u64; M]> {
    // Not by `within`, which a constant cannot call.
    pub(super) const fn new(wanted: u32, alarm_ppm: u32) -> Result<Self, CalibrationError> {
        match needed(wanted, alarm_ppm, M) {
            Ok(len) => Ok(Self { alarm_ppm, wanted, taken: 0, len, scores: [0; M] }),
            Err(error) => Err(error),
        }
    }

    pub(super) const fn state(&self) -> CalibrationState<M> {
        let Self { alarm_ppm, wanted, taken, scores: kept, .. } = *self;
        CalibrationState {
            alarm_ppm,
            wanted,
            taken,
            is_silent: false,
            is_at_least_blob: false,
            kept,
        }
    }

    pub(super) fn resume(state: &CalibrationState<M>) -> Result<Self, CalibrationError> {
        let CalibrationState { alarm_ppm, wanted, taken, kept, .. } = *state;
        let new = Self::new(wanted, alarm_ppm)?;
        new.check(taken, kept.iter().copied())?;
        Ok(Self { taken, scores: kept, ..new })
    }
}
