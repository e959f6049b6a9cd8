//! What goes along with a detector, as bytes for a memory that outlasts a reset.
//!
//! | bytes | what |
//! | --- | --- |
//! | 16 | id of the model whose scores these are |
//! | 23 | what the host asked for, a [`CompanionsRecord`] |
//! | 260, if it asked for a threshold | scores that were taken, u32; those that are kept, u64 each |
//! | 260, if it asked for low scores | the same of these |
//! | 184, if it asked for a drift | its state: edges, counts, generator, wealth |
//!
//! Numbers are little-endian. Channels that are stuck are not kept: they show themselves anew within a
//! few windows.

use ae_core::Detection;
use ae_infer::{
    BETS, Calibration, CalibrationError, CalibrationState, Drift, DriftState, LowScores,
};
use ae_protocol::CompanionsRecord;

use crate::company::{Company, NoCompany, begin};

const SCORES: usize = 4 + 8 * CompanionsRecord::KEPT;
const DRIFT: usize = 4 + 12 * CompanionsRecord::EDGES + 4 + 4 + 8 * BETS;
/// Most bytes that are kept.
pub const LEN: usize = ID + CompanionsRecord::LEN + 2 * SCORES + DRIFT;
const ID: usize = 16;

/// What a host asked for, as it was sent.
pub(crate) type Asked = [u8; CompanionsRecord::LEN];

/// Writes all to the front of `place`, and gives the number of bytes.
// Once in a program, and off the stack while a window is judged.
#[inline(never)]
pub(crate) fn write(id: &[u8; ID], asked: &Asked, of: &Company, place: &mut [u8; LEN]) -> usize {
    let mut out = Out { place, len: 0 };
    out.put(id);
    out.put(asked);
    if let Some(calibration) = &of.calibration {
        out.scores(&calibration.state());
    }
    if let Some(low) = &of.low {
        out.scores(&low.state());
    }
    if let Some(drift) = &of.drift {
        let DriftState { gathered, edges, counts, above, random, wealth, .. } = drift.state();
        out.put(&gathered.to_le_bytes());
        edges.iter().for_each(|edge| out.put(&edge.to_le_bytes()));
        counts.iter().for_each(|count| out.put(&count.to_le_bytes()));
        out.put(&above.to_le_bytes());
        out.put(&random.to_le_bytes());
        wealth.iter().for_each(|wealth| out.put(&wealth.to_le_bytes()));
    }
    out.len
}

/// Goes on with what was kept. Gives what the host asked for, or `None` where nothing goes on: nothing
/// was kept, or not of this model, or it cannot be.
#[inline(never)]
pub(crate) fn resume(
    company: &mut Company,
    id: &[u8; ID],
    bytes: &[u8],
    detection: &Detection<'_>,
) -> Option<Asked> {
    let mut bytes = In(bytes);
    if bytes.take::<ID>()? != *id {
        return None;
    }
    let asked = bytes.take()?;
    if begin(company, &asked, detection).is_err() || go_on(company, bytes).is_err() {
        *company = Company::NONE;
        return None;
    }
    Some(asked)
}

fn go_on(company: &mut Company, mut bytes: In<'_>) -> Result<(), NoCompany> {
    if let Some(calibration) = &mut company.calibration {
        let state = bytes.scores(calibration.state()).ok_or(NoCompany::Unread)?;
        *calibration = Calibration::resume(state).map_err(refused)?;
    }
    if let Some(low) = &mut company.low {
        let state = bytes.scores(low.state()).ok_or(NoCompany::Unread)?;
        *low = LowScores::resume(state).map_err(refused)?;
    }
    if let Some(drift) = &mut company.drift {
        let state = bytes.drift(drift.state()).ok_or(NoCompany::Unread)?;
        *drift = Drift::resume(state).map_err(refused)?;
    }
    if bytes.0.is_empty() { Ok(()) } else { Err(NoCompany::Unread) }
}

fn refused(error: CalibrationError) -> NoCompany {
    NoCompany::Refused(error)
}

struct Out<'p> {
    place: &'p mut [u8; LEN],
    len: usize,
}

impl Out<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        if let Some(place) = self.place.get_mut(self.len..end) {
            for (to, from) in place.iter_mut().zip(bytes) {
                *to = *from;
            }
            self.len = end;
        }
    }

    fn scores(&mut self, state: &CalibrationState<{ CompanionsRecord::KEPT }>) {
        self.put(&state.taken.to_le_bytes());
        state.kept.iter().for_each(|score| self.put(&score.to_le_bytes()));
    }
}

struct In<'b>(&'b [u8]);

impl In<'_> {
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

    /// What is kept of the scores, and of a state before its first one all else.
    fn scores<const M: usize>(&mut self, new: CalibrationState<M>) -> Option<CalibrationState<M>> {
        let mut state = CalibrationState { taken: self.u32()?, ..new };
        for score in &mut state.kept {
            *score = self.u64()?;
        }
        Some(state)
    }

    fn drift<const K: usize>(&mut self, new: DriftState<K>) -> Option<DriftState<K>> {
        let mut state = DriftState { gathered: self.u32()?, ..new };
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
