extern crate std;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use ae_testkit::random::XorShift32;

use super::*;
use crate::detector::Companions;

type All = Companions<8, 3, 11>;

const PLAN: CompanionPlan = CompanionPlan {
    scores: 59,
    alarm_ppm: 100_000,
    is_silent: true,
    is_at_least_blob: false,
    group_ppm: 0,
    low_ppm: 50_000,
    constant: 3,
    drift_ppm: 10_000,
};

fn begun(plan: &CompanionPlan) -> All {
    All::within(plan, [0; 8], [0; 8], [0; 3]).unwrap()
}

fn take(all: &mut All, score: u64) {
    all.calibration.iter_mut().for_each(|it| it.take(score));
    all.low.iter_mut().for_each(|it| it.take(score));
    all.drift.iter_mut().for_each(|it| it.take(score));
}

fn state(all: &All) -> Vec<u8> {
    let mut bytes = vec![0xa5; all.state_len()];
    all.write_state(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_state_goes_on_where_it_was_written_with_every_plan() {
    let mut random = XorShift32::new(21);
    for kinds in 0..8_u32 {
        let asked = |bit: u32, rate| if kinds & bit == 0 { 0 } else { rate };
        let plan = CompanionPlan {
            alarm_ppm: asked(1, PLAN.alarm_ppm),
            low_ppm: asked(2, PLAN.low_ppm),
            drift_ppm: asked(4, PLAN.drift_ppm),
            ..PLAN
        };
        let mut whole = begun(&plan);
        let mut pieces = whole;
        for at in 0..400_u32 {
            let score = u64::from(random.bits() >> 20) + if at < 200 { 0 } else { 3000 };
            take(&mut whole, score);
            // Another start: nothing of what was there may stay.
            let bytes = state(&pieces);
            pieces = begun(&plan);
            take(&mut pieces, u64::MAX);
            pieces.read_state(&bytes).unwrap();
            assert_eq!(state(&pieces), bytes);
            take(&mut pieces, score);
            assert_eq!(pieces, whole, "plan {kinds}, score {at}");
        }
        assert_eq!(whole.drift.is_some_and(|it| it.has_drifted()), kinds & 4 != 0);
    }
}

#[test]
fn every_byte_is_where_the_page_says() {
    let mut all = begun(&PLAN);
    [70, 0x0102_0304_0506_0708, 9].into_iter().for_each(|score| take(&mut all, score));
    let bytes = state(&all);
    let (six, three) = (4 + 8 * 6, 4 + 8 * 3);
    assert_eq!(bytes.len(), six + three + 12 * 11 + 52);
    assert_eq!(bytes[..12], [3, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(bytes[12..28], [70, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    assert!(bytes[28..six].iter().all(|&byte| byte == 0));
    // Of low scores the complements.
    assert_eq!(bytes[six..six + 8], [3, 0, 0, 0, 0xf6, 0xff, 0xff, 0xff]);
    let drift = &bytes[six + three..];
    assert_eq!(drift[..12], [3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(drift[4 + 88 + 44 + 4..][..4], 0x2545_f491_u32.to_le_bytes());
    let plan = CompanionPlan { group_ppm: 0x0403_0201, ..PLAN }.to_bytes();
    let expected =
        [59, 0, 0, 0, 0xa0, 0x86, 1, 0, 1, 0, 1, 2, 3, 4, 0x50, 0xc3, 0, 0, 3, 0x10, 0x27, 0, 0];
    assert_eq!(plan, expected);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let mut all = begun(&PLAN);
    (0..70).for_each(|score| take(&mut all, 1000 - score));
    let good = state(&all);
    let mut again = begun(&PLAN);
    let expected = good.len();
    for found in [0, 1, expected - 1, expected + 1] {
        let mut other = good.clone();
        other.resize(found, 0);
        let wrong = StateError::Length { expected, found };
        assert_eq!(again.read_state(&other), Err(wrong));
        assert_eq!(all.write_state(&mut other), Err(wrong));
        assert!(wrong.to_string().contains(&found.to_string()));
    }
    let (low_at, drift_at) = (4 + 8 * 6, 4 + 8 * 6 + 4 + 8 * 3);
    let refused = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = good.clone();
        change(&mut bytes);
        let mut again = begun(&PLAN);
        let error = again.read_state(&bytes).unwrap_err();
        // The drift's faults are found when scores have been read.
        assert_eq!(again, begun(&PLAN));
        error
    };
    use CalibrationError::{Counted, Generator, Kept, Taken};
    assert_eq!(refused(&|it| it[0] = 60), Taken { wanted: 59, found: 60 }.into());
    assert_eq!(refused(&|it| it[0] = 2), Kept { place: 2 }.into());
    assert_eq!(refused(&|it| it[4] = 0), Kept { place: 1 }.into());
    assert_eq!(refused(&|it| it[low_at + 1] = 1), Taken { wanted: 59, found: 315 }.into());
    assert_eq!(refused(&|it| it[low_at + 4 + 7] = 0), Kept { place: 1 }.into());
    assert_eq!(refused(&|it| it[drift_at] = 12), Taken { wanted: 11, found: 12 }.into());
    assert_eq!(refused(&|it| it[drift_at + 4 + 7] = 0xff), Kept { place: 1 }.into());
    let counted = refused(&|it| it[drift_at + 4 + 88..][..44].fill(0xff));
    assert!(matches!(counted, StateError::State(Counted { gathered: 11, .. })), "{counted}");
    assert_eq!(refused(&|it| it[drift_at + 4 + 88 + 48..][..4].fill(0)), Generator.into());
    again.read_state(&good).unwrap();
    assert_eq!(again, all);
}
