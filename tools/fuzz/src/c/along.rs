//! Companions with hostile plans, buffers and scores.

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;
use ae_infer::{CalibrationError, CompanionPlan, CompanionsIn};

use super::{Places, Spoilt, buffer};
use crate::family::Struct;
use crate::source::Source;

/// Companions of the engine, in memory of their own.
pub(super) type Direct = CompanionsIn<Vec<u64>, Vec<u16>, 11>;

/// Most scores that are kept.
const MOST: usize = 40;

/// What goes along, and its memory.
pub(super) struct Along {
    /// What they were begun with.
    pub(super) plan: CompanionPlan,
    held: Struct,
    // They are used by the pointers in `held`.
    _kept: [Vec<u64>; 2],
    _runs: Vec<u16>,
    /// The same without C.
    pub(super) direct: Direct,
}

impl Along {
    pub(super) fn pointer(&mut self) -> *mut u8 {
        self.held.pointer()
    }
}

fn plan(input: &mut Source<'_>) -> Plan {
    let mut rate = || match input.below(6) {
        0 => 0,
        1 => 1_000_000 - u32::from(input.byte() % 2),
        2 => u32::from_le_bytes([input.byte(), input.byte(), input.byte(), input.byte()]),
        _ => 1000 * u32::from(input.byte()),
    };
    let [alarm_ppm, low_ppm, drift_ppm] = [rate(), rate(), rate()];
    Plan {
        scores: match input.below(4) {
            0 => u32::MAX - u32::from(input.byte()),
            _ => input.byte().into(),
        },
        alarm_ppm,
        is_silent: input.byte().into(),
        is_at_least_blob: u32::from(input.byte() & 1),
        low_ppm,
        drift_ppm,
        drift_seed: input.byte().into(),
        constant: input.byte(),
    }
}

/// Begins companions, with an argument that may be spoilt; none where they are refused, as the engine's
/// are.
pub(super) fn begin(input: &mut Source<'_>) -> Option<Along> {
    let plan = plan(input);
    let mut held = Struct::garbage::<Companions>(input.byte());
    let place = held.pointer();
    // SAFETY: the struct is there, and nothing filled it.
    assert_eq!(unsafe { ae_companions_take(place.cast(), 1) }, Error::NotLoaded);
    let room = |input: &mut Source<'_>, ppm| match input.below(4) {
        0 => usize::from(input.byte()) % MOST,
        _ => ae_calibration_len(plan.scores, ppm).min(MOST),
    };
    let (kept, low) = (room(input, plan.alarm_ppm), room(input, plan.low_ppm));
    let mut kept = [buffer::<u64>(kept), buffer(low)];
    let mut runs = buffer::<u16>(usize::from(input.byte() % 9));
    let of = CompanionPlan {
        scores: plan.scores,
        alarm_ppm: plan.alarm_ppm,
        is_silent: plan.is_silent != 0,
        is_at_least_blob: plan.is_at_least_blob != 0,
        group_ppm: 0,
        low_ppm: plan.low_ppm,
        constant: plan.constant,
        drift_ppm: plan.drift_ppm,
    };
    let [again, low_again] = kept.clone();
    let (engine_plan, direct) = (of, Direct::within(&of, again, low_again, runs.clone()));
    let places = Places { model: place.cast(), blob: ptr::from_ref(&plan).cast() };
    let (which, spoilt) = (input.below(4), Spoilt::read(input));
    let spoilt = if input.below(3) == 0 { spoilt } else { Spoilt::Not };
    let of = |at: usize| if at == which { spoilt } else { Spoilt::Not };
    // Of no elements nothing is asked, and a plan has neither a boundary of its own here nor a length.
    let lengths = [kept[0].len(), kept[1].len(), runs.len()];
    let is_taken = match lengths.get(which) {
        Some(&len) => spoilt == Spoilt::Not || spoilt == Spoilt::Misaligned && len == 0,
        None => spoilt != Spoilt::Null,
    };
    let [first, second] = &mut kept;
    let (a, b) = of(0).of(first.as_mut_ptr(), first.len(), &places);
    let (c, d) = of(1).of(second.as_mut_ptr(), second.len(), &places);
    let (e, f) = of(2).of(runs.as_mut_ptr(), runs.len(), &places);
    let asked = if of(3) == Spoilt::Null { ptr::null() } else { &raw const plan };
    // SAFETY: what is not spoilt is there and lives as long, and what is spoilt is refused.
    let found = unsafe { ae_companions_begin(place.cast(), asked, a, b, c, d, e, f) };
    if !is_taken {
        assert!(found != Error::Ok, "argument {which}: {spoilt:?} is taken");
        return None;
    }
    match direct {
        Ok(mut direct) => {
            assert_eq!(found, Error::Ok);
            direct.drift = direct.drift.map(|drift| drift.seeded(plan.drift_seed));
            Some(Along { plan: engine_plan, held, _kept: kept, _runs: runs, direct })
        }
        Err(error) => {
            let expected = match error {
                CalibrationError::AlarmRate { .. } => Error::AlarmRate,
                CalibrationError::TooFewScores { .. } => Error::TooFewScores,
                CalibrationError::Room { .. } => Error::Kept,
                other => panic!("{other}"),
            };
            assert_eq!(found, expected);
            None
        }
    }
}

/// Companions without a detector.
pub(super) fn call(input: &mut Source<'_>) {
    let Some(mut along) = begin(input) else { return };
    take(&mut along, input);
    let place = along.pointer();
    let channel = u32::from(input.byte()) << (input.byte() % 25);
    // SAFETY: it was filled, and its memory is there.
    assert_eq!(unsafe { ae_companions_pass_over(place.cast(), channel) }, Error::Ok);
    check_learnt(&mut along);
}

/// Both take some scores.
pub(super) fn take(along: &mut Along, input: &mut Source<'_>) {
    let place = along.pointer();
    for _ in 0..input.below(40) {
        let score = u64::from(input.byte()) << (input.byte() % 57);
        // SAFETY: it was filled, and its memory is there.
        assert_eq!(unsafe { ae_companions_take(place.cast(), score) }, Error::Ok);
        let direct = &mut along.direct;
        direct.calibration.iter_mut().for_each(|it| it.take(score));
        direct.low.iter_mut().for_each(|it| it.take(score));
        direct.drift.iter_mut().for_each(|it| it.take(score));
    }
}

/// Both have learnt the same.
pub(super) fn check_learnt(along: &mut Along) {
    let place = along.pointer();
    let mut learnt = MaybeUninit::<Learnt>::uninit();
    // SAFETY: as above; what is given would lie over the companions.
    let over = unsafe { ae_companions_learnt(place.cast(), place.cast()) };
    assert_eq!(over, Error::Overlap);
    // SAFETY: as above.
    assert_eq!(unsafe { ae_companions_learnt(place.cast(), learnt.as_mut_ptr()) }, Error::Ok);
    // SAFETY: without an error it was written.
    let learnt = unsafe { learnt.assume_init() };
    let direct = &along.direct;
    let threshold = direct.calibration.as_ref().and_then(|it| it.threshold());
    let low_bound = direct.low.as_ref().and_then(|it| it.bound());
    let has_drifted = direct.drift.as_ref().is_some_and(|it| it.has_drifted());
    let expected = Learnt {
        threshold: threshold.unwrap_or(0),
        low_bound: low_bound.unwrap_or(0),
        taken: direct.calibration.as_ref().map_or(0, |it| it.taken()),
        has_threshold: threshold.is_some().into(),
        has_low_bound: low_bound.is_some().into(),
        has_drifted: has_drifted.into(),
    };
    assert_eq!(learnt, expected);
}
