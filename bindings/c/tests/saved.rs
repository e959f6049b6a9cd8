//! What companions have learnt is saved as a board of ours keeps it, and goes on with nothing else.

#![allow(unsafe_code, reason = "functions that take pointers")]

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;
use ae_infer::{CompanionPlan, Int8Autoencoder};
use ae_protocol::CompanionsRecord;

const COUNTS: &[u8] = include_bytes!("../../../tests/golden/tiny.counts.int8.aeb");
const GROUPS: &[u8] = include_bytes!("../../../tests/golden/tiny.groups.int8.aeb");

/// A model with another id.
const OTHER: &[u8] = include_bytes!("../../../tests/golden/tiny.prototypes.int8.aeb");

/// Companions of the engine with more room than ours.
type Direct = ae_infer::Companions<9, 2, 11>;

const PLAN: Plan = Plan {
    scores: 19,
    alarm_ppm: 100_000,
    is_silent: 0,
    is_at_least_blob: 0,
    low_ppm: 50_000,
    drift_ppm: 10_000,
    drift_seed: 0,
    constant: 3,
};

/// Companions in buffers of these lengths.
fn begin(companions: *mut Companions, plan: &Plan, kept: &mut [u64], low: &mut [u64]) -> Error {
    // They stay for as long as the companions may.
    let runs = Box::leak(Box::new([0_u16; 2]));
    let ((a, b), (c, d)) = ((kept.as_mut_ptr(), kept.len()), (low.as_mut_ptr(), low.len()));
    // SAFETY: the lengths are those of the slices, which the tests keep.
    unsafe { ae_companions_begin(companions, plan, a, b, c, d, runs.as_mut_ptr(), 2) }
}

/// Models that were loaded.
fn loaded(blob: &'static [u8]) -> Box<MaybeUninit<Int8Model>> {
    let mut model = Box::new(MaybeUninit::uninit());
    // SAFETY: the length is that of the slice, which is there for ever.
    let error = unsafe { ae_int8_load(model.as_mut_ptr(), blob.as_ptr(), blob.len()) };
    assert_eq!(error, Error::Ok);
    model
}

#[test]
fn what_is_saved_are_the_bytes_of_a_board_of_ours() {
    let mut all = MaybeUninit::<Companions>::uninit();
    let (all, mut kept, mut low) = (all.as_mut_ptr(), [7; 3], [7; 9]);
    assert_eq!(begin(all, &PLAN, &mut kept, &mut low), Error::Ok);
    let model = loaded(GROUPS);
    let of = CompanionPlan {
        scores: PLAN.scores,
        alarm_ppm: PLAN.alarm_ppm,
        low_ppm: PLAN.low_ppm,
        drift_ppm: PLAN.drift_ppm,
        constant: PLAN.constant,
        group_ppm: 200_000,
        ..CompanionPlan::default()
    };
    // There is more room than the plan needs, in each.
    let mut direct = Direct::within(&of, [0; 9], [0; 9], [0; 2]).unwrap();
    let mut state = vec![0; ae_companions_state_len(19, 100_000, 50_000, 10_000)];
    // SAFETY: all of it is there.
    unsafe {
        assert_eq!(ae_int8_companions_by_groups(all, model.as_ptr(), 200_000), Error::Ok);
        for score in (0..30).map(|at| at * 7919 % 1000) {
            assert_eq!(ae_companions_take(all, score), Error::Ok);
            direct.calibration.iter_mut().for_each(|it| it.take(score));
            direct.low.iter_mut().for_each(|it| it.take(score));
            direct.drift.iter_mut().for_each(|it| it.take(score));
        }
        let (place, len) = (state.as_mut_ptr(), state.len());
        assert_eq!(ae_int8_companions_save(all, model.as_ptr(), place, len), Error::Ok);
    }
    let record = CompanionsRecord {
        scores: 19,
        alarm_ppm: 100_000,
        group_ppm: 200_000,
        low_ppm: 50_000,
        constant: 3,
        drift_ppm: 10_000,
        ..CompanionsRecord::default()
    };
    let id = Int8Autoencoder::load(GROUPS).unwrap().model().header().model_id;
    let mut learnt = vec![0; direct.state_len()];
    direct.write_state(&mut learnt).unwrap();
    assert_eq!(state, [&id[..], &record.to_bytes(), &learnt].concat());
    assert_eq!(of.to_bytes(), record.to_bytes());
}

#[test]
fn a_state_is_refused_that_is_of_others() {
    let mut all = MaybeUninit::<Companions>::uninit();
    let (all, mut kept, mut low) = (all.as_mut_ptr(), [7; 2], [7; 1]);
    let models = [loaded(COUNTS), loaded(GROUPS), loaded(OTHER)];
    let [counts, groups, other] = models.each_ref().map(|it| it.as_ptr());
    let mut state = [0_u8; 39 + 4 + 16 + 4 + 8 + 184];
    let (place, len) = (state.as_mut_ptr(), state.len());
    assert_eq!(ae_companions_state_len(19, 100_000, 50_000, 10_000), len);
    assert_eq!(ae_companions_state_len(u32::MAX, 0, 0, 0), 39);
    let kept_place = kept.as_mut_ptr().cast();
    // SAFETY: all of it is there, or is refused.
    unsafe {
        let save = |place, len| ae_int8_companions_save(all, counts, place, len);
        let resume = |model, len| ae_int8_companions_resume(all, model, place, len);
        assert_eq!(save(place, len), Error::NotLoaded);
        assert_eq!(resume(counts, len), Error::NotLoaded);
        assert_eq!(begin(all, &PLAN, &mut kept, &mut low), Error::Ok);
        assert_eq!(save(place, len - 1), Error::StateLength);
        assert_eq!(save(place, len + 1), Error::StateLength);
        assert_eq!(save(place, 0), Error::StateLength);
        assert_eq!(save(ptr::null_mut(), len), Error::Null);
        assert_eq!(save(all.cast(), len), Error::Overlap);
        assert_eq!(save(counts.cast_mut().cast(), len), Error::Overlap);
        assert_eq!(save(COUNTS.as_ptr().cast_mut(), len), Error::Overlap);
        assert_eq!(save(kept_place, len), Error::Overlap);
        assert_eq!(ae_int8_companions_save(all, all.cast(), place, len), Error::NotLoaded);
        assert_eq!(ae_int8_companions_save(all, ptr::null(), place, len), Error::Null);
        assert_eq!(ae_int8_companions_save(ptr::null(), counts, place, len), Error::Null);
        for score in 1..=12 {
            assert_eq!(ae_companions_take(all, score), Error::Ok);
        }
        assert_eq!(save(place, len), Error::Ok);
        assert_eq!(resume(counts, len - 1), Error::StateLength);
        assert_eq!(resume(counts, 38), Error::StateLength);
        assert_eq!(resume(other, len), Error::StateModel);
        assert_eq!(ae_int8_companions_resume(all, counts, ptr::null(), len), Error::Null);
        assert_eq!(ae_int8_companions_resume(all, counts, all.cast(), len), Error::Overlap);
        assert_eq!(ae_int8_companions_resume(all, counts, kept_place, len), Error::Overlap);
        let others = [
            Plan { scores: 20, ..PLAN },
            Plan { alarm_ppm: 100_001, ..PLAN },
            Plan { is_silent: 1, ..PLAN },
            Plan { is_at_least_blob: 9, ..PLAN },
            Plan { low_ppm: 50_001, ..PLAN },
            Plan { drift_ppm: 10_001, ..PLAN },
            Plan { constant: 4, ..PLAN },
        ];
        for plan in others {
            assert_eq!(begin(all, &plan, &mut kept, &mut low), Error::Ok);
            assert_eq!(resume(counts, len), Error::StatePlan, "{plan:?}");
        }
        // A threshold of groups is a part of the plan.
        assert_eq!(begin(all, &PLAN, &mut kept, &mut low), Error::Ok);
        assert_eq!(ae_int8_companions_by_groups(all, groups, 200_000), Error::Ok);
        assert_eq!(resume(counts, len), Error::StatePlan);
        // What it starts from is not: that is in the state.
        let plan = Plan { drift_seed: 77, ..PLAN };
        assert_eq!(begin(all, &plan, &mut kept, &mut low), Error::Ok);
        assert_eq!(resume(counts, len), Error::Ok);
        let mut learnt = MaybeUninit::<Learnt>::uninit();
        assert_eq!(ae_companions_learnt(all, learnt.as_mut_ptr()), Error::Ok);
        assert_eq!(learnt.assume_init().taken, 12);
        // More scores than are wanted; and then it has those that it had.
        *place.add(39) = 20;
        assert_eq!(resume(counts, len), Error::State);
        assert_eq!(ae_companions_learnt(all, learnt.as_mut_ptr()), Error::Ok);
        assert_eq!(learnt.assume_init().taken, 12);
    }
}
