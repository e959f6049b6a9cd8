extern crate std;
use std::string::ToString;
use std::vec::Vec;

use ae_testkit::random::XorShift32;

use super::*;

/// The same in f64, from the description alone: scores are kept, and every rank is counted anew.
struct Oracle {
    edges: Vec<u64>,
    bins: Vec<usize>,
    random: u32,
    wealth: [f64; BETS],
}

impl Oracle {
    fn new(edges: &[u64]) -> Self {
        let mut edges = edges.to_vec();
        edges.sort_unstable();
        Self { edges, bins: Vec::new(), random: 0x2545_f491, wealth: [0.0; BETS] }
    }

    fn take(&mut self, score: u64) -> f64 {
        let bin = self.edges.iter().filter(|&&edge| edge < score).count();
        let higher = self.bins.iter().filter(|&&other| other > bin).count() as f64;
        let same = self.bins.iter().filter(|&&other| other == bin).count() as f64;
        self.bins.push(bin);
        let time = self.bins.len();
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        let theta = f64::from(self.random >> 16) / 65536.0;
        let p = (higher + theta * (same + 1.0)) / time as f64;
        let prior = 2_f64.powi(-5 - time.ilog2() as i32);
        let tail = if p < 1.0 / 16.0 { 4.0 } else { 0.8 };
        let factors = [
            1.0 - 1.75 * (p - 0.5),
            1.0 - 0.75 * (p - 0.5),
            1.0 + 0.75 * (p - 0.5),
            1.0 + 1.75 * (p - 0.5),
            tail,
        ];
        for ((wealth, factor), share) in
            self.wealth.iter_mut().zip(factors).zip([0.25, 0.125, 0.125, 0.25, 0.25])
        {
            *wealth = (*wealth + prior * share) * factor;
        }
        self.wealth.iter().sum()
    }
}

#[test]
fn the_wealth_is_that_of_the_formula_and_never_more() {
    let mut random = XorShift32::new(11);
    for kinds in [3, 20, 1 << 20] {
        let scores: Vec<u64> = (0..1500_u64)
            .map(|at| {
                u64::from(random.bits() % kinds)
                    + if at < 1200 { 0 } else { u64::from(1 + kinds / 4) }
            })
            .collect();
        let mut drift = Drift::<11>::new(1).unwrap();
        scores[..11].iter().for_each(|&score| drift.take(score));
        let mut oracle = Oracle::new(&scores[..11]);
        let mut highest = 0.0_f64;
        for &score in &scores[11..] {
            drift.take(score);
            let expected = oracle.take(score);
            if drift.has_drifted() {
                break;
            }
            let found = drift.state().won() as f64 / 2_f64.powi(40);
            assert!(found <= expected * (1.0 + 1e-12), "{found} {expected}");
            assert!(found >= expected * (1.0 - 2e-2), "{found} {expected}");
            highest = highest.max(expected);
        }
        assert!(highest > 10.0, "{kinds}: nothing was won: {highest}");
    }
}

#[test]
fn a_state_goes_on_where_it_was_taken_and_what_cannot_be_is_refused() {
    let mut random = XorShift32::new(12);
    let mut whole = Drift::<7>::new(10_000).unwrap().seeded(5);
    let mut pieces = whole;
    for at in 0..400 {
        let score = u64::from(random.bits() % 50) + at / 300 * 30;
        whole.take(score);
        pieces = Drift::resume(pieces.state()).unwrap();
        pieces.take(score);
        assert_eq!(pieces, whole);
    }
    assert!(whole.has_drifted());
    assert_ne!(Drift::<7>::new(1).unwrap().seeded(5), Drift::new(1).unwrap().seeded(6));
    assert_eq!(Drift::<7>::new(1).unwrap().seeded(0), Drift::new(1).unwrap());

    for found in [0, 1_000_000] {
        assert_eq!(Drift::<7>::new(found), Err(CalibrationError::AlarmRate { found }));
    }
    let refused = |change: fn(&mut DriftState<7>)| {
        let mut state = Drift::<7>::new(10_000).unwrap().state();
        state.gathered = 3;
        state.edges[..3].copy_from_slice(&[1, 1, 9]);
        assert!(Drift::resume(state).is_ok());
        change(&mut state);
        Drift::resume(state).unwrap_err()
    };
    let too_many = CalibrationError::Taken { wanted: 7, found: 8 };
    assert_eq!(refused(|state| state.gathered = 8), too_many);
    assert_eq!(refused(|state| state.edges[1] = 0), CalibrationError::Kept { place: 1 });
    assert_eq!(refused(|state| state.edges[3] = 9), CalibrationError::Kept { place: 3 });
    assert_eq!(refused(|state| state.random = 0), CalibrationError::Generator);
    assert_eq!(refused(|state| state.alarm_ppm = 0), CalibrationError::AlarmRate { found: 0 });
    let counted = CalibrationError::Counted { gathered: 3, found: 1 };
    assert_eq!(refused(|state| state.above = 1), counted);
    assert!(counted.to_string().contains("has counted 1 scores with 3 edges"));
    let much = refused(|state| {
        (state.gathered, state.edges) = (7, [2; 7]);
        (state.above, state.counts[0]) = (u32::MAX, 1);
    });
    assert_eq!(much, CalibrationError::Counted { gathered: 7, found: 1 << 32 });
}

#[test]
fn it_stops_betting_where_counts_end() {
    let mut state = Drift::<2>::new(10_000).unwrap().state();
    (state.gathered, state.edges) = (2, [5, 9]);
    (state.counts, state.above) = ([u32::MAX - 2, 0], 1);
    let mut drift = Drift::resume(state).unwrap();
    drift.take(7);
    assert_eq!(drift.state().counts, [u32::MAX - 2, 1]);
    let full = drift;
    (0..9).for_each(|_| drift.take(100));
    assert_eq!(drift, full);
}

#[test]
fn its_memory_is_as_stated() {
    assert_eq!(size_of::<Drift<11>>(), 200);
    assert_eq!(size_of::<Drift<15>>(), 248);
}
