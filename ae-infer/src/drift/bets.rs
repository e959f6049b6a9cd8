//! Bets against p-values that are uniform.

/// Kinds of bets.
pub const BETS: usize = 5;

/// The p-value 1, which are numbers of 30 binary places.
pub(super) const P_ONE: u64 = 1 << 30;

/// By how much a rounded p-value, whose ties are broken by 16 bits, may be below the exact one.
const P_ERROR: u64 = (1 << 14) + 1;

/// What the kinds of bets have of the prior, in eighths.
const SHARES: [u64; BETS] = [2, 1, 1, 2, 2];

/// The factor of a bet on p-values below 1 / 16 …
const TAIL: u64 = 4 * P_ONE;
/// … and otherwise, so that the mean is 1: 4 / 16 + 15 / 16 · 4 / 5, rounded down.
const NO_TAIL: u64 = P_ONE * 4 / 5;

/// Of each kind of bet, the wealth that a p-value changes. A factor has a mean of at most 1 over
/// uniform p-values, so no wealth grows in the mean.
pub(super) struct Bets;

impl Bets {
    /// Binary places of a wealth.
    pub(super) const PLACES: u32 = 40;

    /// Multiplies what has been won, and what the prior gives to a change at this `time`, from 1. `p`
    /// is at most [`P_ERROR`] below the exact value.
    pub(super) fn place(wealth: &mut [u64; BETS], p: u64, time: u32) {
        // Each doubling of the time has a share of 1 / 32, for there are 32, and each moment in it the
        // same of that: 2⁻⁵ · 2⁻ᵏ, in eighths of 2⁻⁴⁰.
        let doublings = time.checked_ilog2().unwrap_or(0);
        let eighth = 1_u64.wrapping_shl((Self::PLACES - 8).saturating_sub(doublings));
        let factors = factors(p);
        for ((wealth, factor), share) in wealth.iter_mut().zip(factors).zip(SHARES) {
            let prior = eighth.wrapping_mul(share);
            *wealth = times(wealth.wrapping_add(prior), factor);
        }
    }
}

/// The factors, of 30 binary places. Small p-values are those of high scores.
///
/// The first four are `1 + ε · (p − ½)`, as those of the simple jumper (Vovk et al. 2021): ε = −7/4 is
/// the best for scores that rise by half a standard deviation, −3/4 for less, and the others are for
/// scores that fall. The last is for a few scores that are very high. Where a factor falls with p it is
/// computed of a p that is too high, so all are too low if anything.
fn factors(p: u64) -> [u64; BETS] {
    let high = p.wrapping_add(P_ERROR).min(P_ONE);
    // With ε of n quarters.
    let falls = |n: u64| {
        let most = P_ONE.wrapping_add(n.wrapping_mul(P_ONE / 8));
        most.wrapping_sub(n.wrapping_mul(high).div_ceil(4))
    };
    let rises = |n: u64| {
        let least = P_ONE.wrapping_sub(n.wrapping_mul(P_ONE / 8));
        least.wrapping_add(n.wrapping_mul(p) / 4)
    };
    let tail = if high <= P_ONE / 16 { TAIL } else { NO_TAIL };
    [falls(7), falls(3), rises(3), rises(7), tail]
}

/// A wealth times a factor of at most 4, rounded down. The wealth is below 10⁶, which the limit is at
/// most, and so below 2⁶⁰.
fn times(wealth: u64, factor: u64) -> u64 {
    let (high, low) = (wealth >> 32, wealth & u64::from(u32::MAX));
    // Below 2²⁸ · 2³², with four more by two binary places; and below 2³² · 2³² + 1, which is the end
    // of what fits.
    let high = high.wrapping_mul(factor) << 2;
    high.wrapping_add(low.wrapping_mul(factor) >> 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_factor_has_a_mean_above_1_and_none_much_below() {
        // Every p of 12 bits, as the middle of those of 30.
        let mut sums = [0_u64; BETS];
        for p in (0..P_ONE).step_by(1 << 12) {
            for (sum, factor) in sums.iter_mut().zip(factors(p)) {
                *sum += factor;
            }
        }
        let count = P_ONE >> 12;
        for (kind, sum) in sums.into_iter().enumerate() {
            let mean = sum / count;
            assert!(mean <= P_ONE && mean > P_ONE - P_ONE / 10_000, "{kind}: {mean}");
        }
    }

    #[test]
    fn factors_by_hand() {
        let quarter = P_ONE / 4;
        let [a, b, c, d, tail] = factors(quarter);
        // 1 + 7/4 · 1/4, 1 + 3/4 · 1/4, 1 − 3/4 · 1/4, 1 − 7/4 · 1/4.
        assert_eq!((c, d), (P_ONE / 16 * 13, P_ONE / 16 * 9));
        for (found, exact) in [(a, P_ONE / 16 * 23), (b, P_ONE / 16 * 19)] {
            assert!(found < exact && exact - found < 1 << 15, "{found} {exact}");
        }
        assert_eq!(tail, NO_TAIL);
        assert_eq!(factors(0)[4], TAIL);
        assert_eq!(factors(P_ONE)[0], P_ONE / 8);
    }

    #[test]
    fn products_are_exact_but_for_the_last_place() {
        for wealth in [0, 1, 3, (1 << 32) - 1, 1 << 32, (1 << 60) - 1, 0x0123_4567_89ab_cdef] {
            for factor in [0, 1, NO_TAIL, P_ONE, P_ONE + 1, TAIL] {
                let exact = (u128::from(wealth) * u128::from(factor)) >> 30;
                let found = u128::from(times(wealth, factor));
                assert_eq!(found, exact, "{wealth} {factor}");
            }
        }
    }
}
