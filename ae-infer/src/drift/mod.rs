//! Whether normal is still what it was.

mod bets;

use crate::calibration::CalibrationError;
use crate::detector::{Companion, Findings, Seen};
use bets::{Bets, P_ONE};

pub use bets::BETS;

const MILLION: u32 = 1_000_000;

/// Notices that normal has changed, from the scores of windows that do not overlap. As long as their
/// order says nothing, that is, as long as they are exchangeable, the probability that it ever says so
/// is at most δ, however long it looks.
///
/// The first `K` scores divide the line into `K + 1` bins; 15 lose 2 % of what scores tell, 11 lose
/// 3 %. Each later score is ranked by its bin among **all** scores since, with ties broken by a
/// generator: a p-value, which is uniform and independent of those before (Vovk, Gammerman, Shafer,
/// *Algorithmic Learning in a Random World*, 2005, section 8.1). An imagined gambler bets against that.
/// What he can win by chance alone is bounded for all time (Ville, *Étude critique de la notion de
/// collectif*, 1939): he has 1 / δ times what he began with, some day, with a probability of at most δ.
/// He bets on a change at every moment in turn, which is the procedure of Shiryaev and Roberts with a
/// prior (Vovk et al., *Retrain or not retrain: conformal test martingales for change-point detection*,
/// 2021, arXiv 2102.10439); the moments of 1, 2, 4, 8 … windows have as much to bet, so a change that
/// comes late is found soon too.
///
/// All is integers, rounded to the gambler's disadvantage. It takes 12 · `K` + 68 bytes, 200 of 11 edges,
/// and does not grow.
///
/// ```
/// use ae_infer::Drift;
///
/// let mut drift = Drift::<11>::new(10_000)?;
/// let noise = (0_u64..).map(|at| at * 0x9e37_79b9 % 1000);
/// for score in noise.take(5000) {
///     drift.take(score);
/// }
/// assert!(!drift.has_drifted());
/// let mut windows = 0;
/// while !drift.has_drifted() {
///     drift.take(600 + windows * 7919 % 1000);
///     windows += 1;
/// }
/// assert!(windows < 40, "{windows}");
/// # Ok::<(), ae_infer::CalibrationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drift<const K: usize> {
    state: DriftState<K>,
    /// What the wealth must reach.
    limit: u64,
}

/// All that a [`Drift`] is, for a memory that outlasts a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriftState<const K: usize> {
    /// δ in parts per million.
    pub alarm_ppm: u32,
    /// Scores that are among the edges.
    pub gathered: u32,
    /// The edges between bins, rising; the largest number in place of those that are still to come.
    pub edges: [u64; K],
    /// Scores of each bin, which ends with its edge.
    pub counts: [u32; K],
    /// Scores above the last edge.
    pub above: u32,
    /// Of the generator that breaks ties.
    pub random: u32,
    /// What each kind of bet has won so far, in 2⁻⁴⁰ of what all began with.
    pub wealth: [u64; BETS],
}

impl<const K: usize> Drift<K> {
    /// Before the first score, with a probability δ of a false alarm over all time, in parts per
    /// million.
    ///
    /// # Errors
    /// It is not in 1 to 999,999.
    pub const fn new(alarm_ppm: u32) -> Result<Self, CalibrationError> {
        if alarm_ppm == 0 || alarm_ppm >= MILLION {
            return Err(CalibrationError::AlarmRate { found: alarm_ppm });
        }
        let limit = ((MILLION as u64) << Bets::PLACES).div_ceil(alarm_ppm as u64);
        let state = DriftState {
            alarm_ppm,
            gathered: 0,
            edges: [u64::MAX; K],
            counts: [0; K],
            above: 0,
            random: 0x2545_f491,
            wealth: [0; BETS],
        };
        Ok(Self { state, limit })
    }

    /// The same with another start of the generator, so that boards that see the same break ties
    /// differently.
    #[must_use]
    pub const fn seeded(mut self, seed: u32) -> Self {
        // Of zero it would give zeros for ever.
        self.state.random = if seed == 0 { self.state.random } else { seed };
        self
    }

    /// Takes the score of the next window that overlaps none of those before. When normal has changed,
    /// and behind 2³² − 1 scores, it changes nothing any more.
    pub fn take(&mut self, score: u64) {
        let is_edge = usize::try_from(self.state.gathered).is_ok_and(|gathered| gathered < K);
        if is_edge {
            self.state.add_edge(score);
        } else if !self.has_drifted() {
            self.state.bet(score);
        }
    }

    /// Whether normal has changed. This stays, until a new one is begun.
    #[must_use]
    pub fn has_drifted(&self) -> bool {
        self.state.won() >= self.limit
    }

    /// What the gambler began with, in the unit of [`wealth`](Self::wealth).
    pub const UNIT: u64 = 1 << Bets::PLACES;

    /// What the gambler has won so far by the bets that he has begun: [`UNIT`](Self::UNIT) / δ and more
    /// tell of a drift.
    #[must_use]
    pub fn wealth(&self) -> u64 {
        self.state.won()
    }

    /// All that it is.
    #[must_use]
    pub const fn state(&self) -> DriftState<K> {
        self.state
    }

    pub(crate) const fn as_state(&self) -> &DriftState<K> {
        &self.state
    }

    /// The one that a state was taken of.
    ///
    /// # Errors
    /// As [`new`](Self::new); or there is none with such a state.
    pub fn resume(state: DriftState<K>) -> Result<Self, CalibrationError> {
        let Self { limit, .. } = Self::new(state.alarm_ppm)?;
        state.check()?;
        Ok(Self { state, limit })
    }
}

impl<const K: usize> DriftState<K> {
    fn add_edge(&mut self, score: u64) {
        self.gathered = self.gathered.saturating_add(1);
        let mut carried = score;
        for edge in &mut self.edges {
            if carried < *edge {
                core::mem::swap(edge, &mut carried);
            }
        }
    }

    fn bet(&mut self, score: u64) {
        let bin = self.edges.partition_point(|&edge| edge < score);
        let (mut higher, mut same, mut before) = (u64::from(self.above), 0, 0_u64);
        for (at, &count) in self.counts.iter().enumerate() {
            let count = u64::from(count);
            if at > bin {
                higher = higher.wrapping_add(count);
            } else if at == bin {
                same = count;
            } else {
                before = before.wrapping_add(count);
            }
        }
        if bin >= K {
            (same, higher) = (higher, 0);
        }
        let all = higher.wrapping_add(same).wrapping_add(before).wrapping_add(1);
        let Ok(time) = u32::try_from(all) else { return };
        // (higher + θ · (same + 1)) / all, with θ of 16 bits: at most 2⁶² before the division.
        let theta = u64::from(self.next_random() >> 16);
        let with_ties = (higher << 16).wrapping_add(theta.wrapping_mul(same.wrapping_add(1)));
        let p = (with_ties << 14).checked_div(all).unwrap_or(P_ONE);
        Bets::place(&mut self.wealth, p, time);
        let place = self.counts.get_mut(bin).unwrap_or(&mut self.above);
        *place = place.saturating_add(1);
    }

    /// Xorshift (Marsaglia, *Xorshift RNGs*, 2003).
    fn next_random(&mut self) -> u32 {
        let mut bits = self.random;
        bits ^= bits << 13;
        bits ^= bits >> 17;
        bits ^= bits << 5;
        self.random = bits;
        bits
    }

    fn won(&self) -> u64 {
        self.wealth.iter().fold(0, |sum: u64, &wealth| sum.saturating_add(wealth))
    }

    fn check(&self) -> Result<(), CalibrationError> {
        let gathered = usize::try_from(self.gathered).unwrap_or(usize::MAX);
        if gathered > K {
            let wanted = u32::try_from(K).unwrap_or(u32::MAX);
            return Err(CalibrationError::Taken { wanted, found: self.gathered });
        }
        let mut before = 0;
        for (place, &edge) in self.edges.iter().enumerate() {
            if edge < before || (place >= gathered && edge != u64::MAX) {
                return Err(CalibrationError::Kept { place });
            }
            before = edge;
        }
        let counted = self.counts.iter().chain([&self.above]);
        let counted = counted.fold(0_u64, |sum, &count| sum.saturating_add(count.into()));
        let is_counted = match gathered < K {
            true => counted == 0 && self.won() == 0,
            false => counted <= u32::MAX.into(),
        };
        if !is_counted {
            return Err(CalibrationError::Counted { gathered: self.gathered, found: counted });
        }
        if self.random == 0 {
            return Err(CalibrationError::Generator);
        }
        Ok(())
    }
}

impl<const K: usize> Companion for Drift<K> {
    fn see(&mut self, seen: &Seen<'_>) {
        if seen.is_apart {
            self.take(seen.score);
        }
    }

    fn find(&self, findings: &mut Findings) {
        findings.has_drifted |= self.has_drifted();
    }
}

#[cfg(test)]
mod tests;
