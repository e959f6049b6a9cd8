extern crate std;
use std::string::ToString;
use std::vec::Vec;

use ae_testkit::random::XorShift32;

use super::*;
use crate::detector::ThresholdSource;

/// The threshold that a host finds: of all scores in order, by the rank that the format says.
fn of_host(scores: &[u64], alarm_ppm: u32) -> u64 {
    let mut ascending = scores.to_vec();
    ascending.sort_unstable();
    let n = scores.len() as u32;
    let rank = ae_core::Calibration { alarm_ppm, scores: n, digest: &[] }.rank();
    ascending[rank as usize - 1]
}

/// Scores of few values or of many.
fn drawn(random: &mut XorShift32, count: u32) -> Vec<u64> {
    let shift = random.bits() % 64;
    (0..count)
        .map(|_| (u64::from(random.bits()) << 32 | u64::from(random.bits())) >> shift)
        .collect()
}

#[test]
fn so_many_are_kept_that_the_rank_is_among_them() {
    let mut random = XorShift32::new(3);
    for _ in 0..20_000 {
        let alarm_ppm = 1 + random.bits() % 999_999;
        let shift = random.bits() % 32;
        let scores = random.bits() >> shift;
        let rank = ae_core::Calibration { alarm_ppm, scores, digest: &[] }.rank();
        let len = calibration_len(scores, alarm_ppm) as u64;
        assert_eq!(len, u64::from(scores) + 1 - rank, "{scores} {alarm_ppm}");
    }
}

#[test]
fn the_threshold_is_the_hosts_whatever_the_order() {
    let mut random = XorShift32::new(4);
    let mut compared = 0;
    while compared < 2000 {
        let (n, alarm_ppm) = (1 + random.bits() % 300, 1 + random.bits() % 200_000);
        let Ok(new) = Calibration::<60>::new(n, alarm_ppm) else { continue };
        let scores = drawn(&mut random, n);
        for backwards in [false, true] {
            let mut calibration = new;
            for at in 0..n as usize {
                assert_eq!(calibration.threshold(), None);
                calibration.take(scores[if backwards { n as usize - 1 - at } else { at }]);
            }
            assert_eq!(calibration.threshold(), Some(of_host(&scores, alarm_ppm)));
            let complete = calibration;
            calibration.take(u64::MAX);
            assert_eq!(calibration, complete);
        }
        compared += 1;
    }
}

#[test]
fn the_low_bound_is_the_score_of_its_rank() {
    let mut random = XorShift32::new(5);
    for n in 19..200 {
        let mut scores = drawn(&mut random, n);
        let mut low = LowScores::<10>::new(n, 50_000).unwrap();
        for &score in &scores {
            assert!(!low.is_low(0));
            low.take(score);
        }
        scores.sort_unstable();
        let rank = (n as usize + 1) / 20;
        let bound = scores[rank - 1];
        assert_eq!(low.bound(), Some(bound));
        assert!(!low.is_low(bound) && (bound == 0 || low.is_low(bound - 1)));
    }
}

#[test]
fn a_state_goes_on_where_it_was_taken() {
    let mut random = XorShift32::new(6);
    let scores = drawn(&mut random, 99);
    let mut whole = Calibration::<7>::new(99, 50_000).unwrap().silent().at_least_blob();
    let mut pieces = whole;
    let mut low = LowScores::<7>::new(99, 50_000).unwrap();
    for &score in &scores {
        whole.take(score);
        pieces = Calibration::resume(pieces.state()).unwrap();
        pieces.take(score);
        low.take(score);
        assert_eq!(LowScores::resume(low.state()), Ok(low));
    }
    assert_eq!(pieces, whole);
    let own = of_host(&scores, 50_000);
    assert_eq!(Companion::threshold(&pieces), Threshold::AtLeastBlob(own));
    assert_eq!(Threshold::AtLeastBlob(own).or(own - 1), (own, ThresholdSource::Own));
    assert_eq!(Threshold::AtLeastBlob(own).or(own + 1), (own + 1, ThresholdSource::Blob));
    assert_eq!((pieces.taken(), pieces.wanted(), pieces.alarm_ppm()), (99, 99, 50_000));
}

#[test]
fn what_cannot_be_is_refused_by_its_numbers() {
    let new = |scores, ppm| Calibration::<5>::new(scores, ppm).map(|_| ());
    for found in [0, 1_000_000, u32::MAX] {
        assert_eq!(new(99, found), Err(CalibrationError::AlarmRate { found }));
    }
    let few = CalibrationError::TooFewScores { alarm_ppm: 10_000, found: 98 };
    assert_eq!(new(98, 10_000), Err(few));
    assert_eq!(new(99, 10_000), Ok(()));
    assert_eq!(new(599, 10_000), Err(CalibrationError::Room { needed: 6, found: 5 }));
    assert_eq!(new(u32::MAX, 1), Err(CalibrationError::Room { needed: 4294, found: 5 }));
    assert!(few.to_string().contains("98 scores are too few for a rate of 10000 parts"));

    let mut good = Calibration::<5>::new(299, 10_000).unwrap();
    [7, 9, 9, 3].into_iter().for_each(|score| good.take(score));
    let state = good.state();
    assert_eq!(state.kept, [9, 9, 7, 0, 0]);
    let resume = |state| Calibration::<5>::resume(state).map(|_| ());
    assert_eq!(resume(state), Ok(()));
    let taken = CalibrationError::Taken { wanted: 299, found: 300 };
    assert_eq!(resume(CalibrationState { taken: 300, ..state }), Err(taken));
    // Not falling; more than came; more than are kept.
    for (kept, taken, place) in
        [([9, 7, 8, 0, 0], 4, 2), ([9, 9, 7, 0, 0], 2, 2), ([9, 9, 7, 1, 0], 9, 3)]
    {
        let refused = Err(CalibrationError::Kept { place });
        assert_eq!(resume(CalibrationState { kept, taken, ..state }), refused);
    }
    assert_eq!(resume(CalibrationState { wanted: 98, ..state }), Err(few));
}

#[test]
fn memory_of_another_owner_serves_as_an_array_does() {
    let mut random = XorShift32::new(9);
    let mut bounds = 0;
    for _ in 0..2000 {
        let (n, ppm) = (1 + random.bits() % 60, 1 + random.bits() % 300_000);
        let mut memory = [[u64::MAX; 20]; 2];
        let [kept, kept_low] = &mut memory;
        let within = CalibrationIn::within(n, ppm, &mut kept[..]);
        let within_low = LowScoresIn::within(n, ppm, &mut kept_low[..]);
        let (array, array_low) = (Calibration::<20>::new(n, ppm), LowScores::<20>::new(n, ppm));
        let (mut within, mut within_low, mut array, mut array_low) =
            match (within, within_low, array, array_low) {
                (Ok(a), Ok(b), Ok(c), Ok(d)) => (a, b, c, d),
                (Err(a), Err(b), Err(c), Err(d)) => {
                    assert_eq!([a, b, c], [d; 3]);
                    continue;
                }
                other => panic!("{other:?}"),
            };
        for score in drawn(&mut random, n + 3) {
            within.take(score);
            within_low.take(score);
            array.take(score);
            array_low.take(score);
            assert_eq!(within.threshold(), array.threshold());
            assert_eq!(within_low.bound(), array_low.bound());
        }
        bounds += usize::from(array.threshold().is_some());
    }
    assert!(bounds > 500, "{bounds}");
}
