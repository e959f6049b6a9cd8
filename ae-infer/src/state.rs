//! What companions have learnt, as bytes for a memory that outlasts a reset.
//!
//! | bytes | what |
//! | --- | --- |
//! | 4, and 8 for each score that is kept, where a threshold is found in place | scores that were taken, `u32`; those that are kept, `u64` each |
//! | the same, where there is a bound of low scores | the same of these |
//! | 12 · `K` + 52, where a drift is looked for | its state: gathered, edges, counts, above, generator, wealth |
//!
//! Numbers are little-endian. Channels that are stuck are not among them: they show themselves anew within
//! a few windows. Neither is the plan, which [`CompanionPlan::to_bytes`] has.

use core::fmt;

use crate::calibration::{CalibrationError, Extremes};
use crate::detector::{CompanionPlan, CompanionsIn};
use crate::drift::{BETS, Drift, DriftState};

/// Why there are no such companions, or no bytes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// Not as many bytes as the state of these companions has.
    Length {
        /// Bytes that it has.
        expected: usize,
        /// Bytes that there are.
        found: usize,
    },
    /// No companions have such a state.
    State(CalibrationError),
}

impl From<CalibrationError> for StateError {
    fn from(error: CalibrationError) -> Self {
        Self::State(error)
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, found } => write!(
                f,
                "{found} bytes, but the state of these companions has {expected}: resume it with the \
                 plan that it was saved with"
            ),
            Self::State(error) => write!(f, "no companions have such a state: {error}"),
        }
    }
}

impl core::error::Error for StateError {}

impl CompanionPlan {
    /// Bytes of a plan.
    pub const LEN: usize = 23;

    /// The plan as bytes: what is kept beside a state, to tell whether it is one of this plan. Numbers are
    /// in the order of the fields and little-endian, and a byte says whether something is so.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let mut out = Out(&mut bytes);
        out.put(&self.scores.to_le_bytes());
        out.put(&self.alarm_ppm.to_le_bytes());
        out.put(&[self.is_silent.into(), self.is_at_least_blob.into()]);
        out.put(&self.group_ppm.to_le_bytes());
        out.put(&self.low_ppm.to_le_bytes());
        out.put(&[self.constant]);
        out.put(&self.drift_ppm.to_le_bytes());
        bytes
    }
}

/// Bytes of what a calibration of so many scores to be kept has learnt.
const fn scores_len(kept: usize) -> usize {
    kept.saturating_mul(8).saturating_add(4)
}

/// Bytes of what a drift of `K` edges has learnt.
const fn drift_len<const K: usize>() -> usize {
    K.saturating_mul(12).saturating_add(12).saturating_add(BETS.saturating_mul(8))
}

impl<S, R, const K: usize> CompanionsIn<S, R, K> {
    /// Bytes of what these companions learn. It stays the same.
    ///
    /// ```
    /// use ae_infer::{CompanionPlan, Companions, calibration_len};
    ///
    /// let plan = CompanionPlan { scores: 999, alarm_ppm: 10_000, ..CompanionPlan::default() };
    /// let all = Companions::<16, 6, 11>::within(&plan, [0; 16], [0; 16], [0; 6])?;
    /// assert_eq!(all.state_len(), 4 + 8 * calibration_len(999, 10_000));
    /// # Ok::<(), ae_infer::CalibrationError>(())
    /// ```
    #[must_use]
    pub fn state_len(&self) -> usize {
        let calibration = self.calibration.as_ref().map(|it| scores_len(it.scores().len()));
        let low = self.low.as_ref().map(|it| scores_len(it.scores().len()));
        let drift = self.drift.as_ref().map(|_| drift_len::<K>());
        let all = [calibration, low, drift].into_iter().flatten();
        all.fold(0, usize::saturating_add)
    }
}

impl<S, R, const K: usize> CompanionsIn<S, R, K>
where
    S: AsRef<[u64]> + AsMut<[u64]>,
{
    /// Writes what they have learnt to `place`, which has [`state_len`](Self::state_len) bytes.
    ///
    /// # Errors
    /// It has another length. Then nothing is written.
    pub fn write_state(&self, place: &mut [u8]) -> Result<(), StateError> {
        let (expected, found) = (self.state_len(), place.len());
        if expected != found {
            return Err(StateError::Length { expected, found });
        }
        let mut out = Out(place);
        if let Some(calibration) = &self.calibration {
            out.scores(calibration.scores());
        }
        if let Some(low) = &self.low {
            out.scores(low.scores());
        }
        if let Some(drift) = &self.drift {
            out.drift(drift.as_state());
        }
        Ok(())
    }

    /// Goes on with what companions of the same plan had learnt, as [`write_state`](Self::write_state)
    /// gave it. Whether a channel is stuck is found anew.
    ///
    /// Bytes that were changed may be those of other companions with this plan, so keep a checksum with
    /// them, and [the plan](CompanionPlan::to_bytes) and the model's id.
    ///
    /// # Errors
    /// Not as many bytes; or no companions of this plan have such a state. Then nothing changes.
    pub fn read_state(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let wrong = StateError::Length { expected: self.state_len(), found: bytes.len() };
        if bytes.len() != self.state_len() {
            return Err(wrong);
        }
        let mut rest = In(bytes);
        let calibration = match &self.calibration {
            Some(it) => Some(rest.checked(it.scores()).ok_or(wrong)??),
            None => None,
        };
        let low = match &self.low {
            Some(it) => Some(rest.checked(it.scores()).ok_or(wrong)??),
            None => None,
        };
        let drift = match &self.drift {
            Some(it) => Some(Drift::resume(rest.drift(it.as_state()).ok_or(wrong)?)?),
            None => None,
        };
        // All was checked before anything changes.
        if let (Some(it), Some(scores)) = (&mut self.calibration, calibration) {
            it.scores_mut().go_on(&scores);
        }
        if let (Some(it), Some(scores)) = (&mut self.low, low) {
            it.scores_mut().go_on(&scores);
        }
        if drift.is_some() {
            self.drift = drift;
        }
        Ok(())
    }
}

/// What is still to be written.
struct Out<'p>(&'p mut [u8]);

impl Out<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let place = core::mem::take(&mut self.0);
        let Some((front, behind)) = place.split_at_mut_checked(bytes.len()) else { return };
        front.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.0 = behind;
    }

    fn scores<S: AsRef<[u64]> + AsMut<[u64]>>(&mut self, of: &Extremes<S>) {
        self.put(&of.taken().to_le_bytes());
        of.kept().iter().for_each(|score| self.put(&score.to_le_bytes()));
    }

    fn drift<const K: usize>(&mut self, of: &DriftState<K>) {
        self.put(&of.gathered.to_le_bytes());
        of.edges.iter().for_each(|edge| self.put(&edge.to_le_bytes()));
        of.counts.iter().for_each(|count| self.put(&count.to_le_bytes()));
        self.put(&of.above.to_le_bytes());
        self.put(&of.random.to_le_bytes());
        of.wealth.iter().for_each(|wealth| self.put(&wealth.to_le_bytes()));
    }
}

/// Scores of a state, in the bytes that they came in.
pub(crate) struct Scores<'b> {
    pub(crate) taken: u32,
    kept: &'b [[u8; 8]],
}

impl Scores<'_> {
    pub(crate) fn kept(&self) -> impl Iterator<Item = u64> {
        self.kept.iter().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

/// What is still to be read.
struct In<'b>(&'b [u8]);

impl<'b> In<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// Scores that such extremes can have; `None` where the bytes end.
    fn checked<S: AsRef<[u64]> + AsMut<[u64]>>(
        &mut self,
        of: &Extremes<S>,
    ) -> Option<Result<Scores<'b>, CalibrationError>> {
        let taken = self.u32()?;
        let (kept, rest) = self.0.split_at_checked(of.len().saturating_mul(8))?;
        self.0 = rest;
        let scores = Scores { taken, kept: kept.as_chunks().0 };
        Some(of.check(taken, scores.kept()).map(|()| scores))
    }

    /// What a drift has learnt, and its rate as it was.
    fn drift<const K: usize>(&mut self, of: &DriftState<K>) -> Option<DriftState<K>> {
        let mut state = DriftState { gathered: self.u32()?, ..*of };
        for edge in &mut state.edges {
            *edge = self.u64()?;
        }
        for count in &mut state.counts {
            *count = self.u32()?;
        }
        state.above = self.u32()?;
        state.random = self.u32()?;
        for wealth in &mut state.wealth {
            *wealth = self.u64()?;
        }
        Some(state)
    }
}

#[cfg(test)]
mod tests;
