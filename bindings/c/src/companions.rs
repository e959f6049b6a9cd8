//! What goes along with a detector: a threshold that is found in place, and what is found beside an alarm.
//!
//! What they have learnt is saved as a board of ours keeps it: the model's id, the plan, and the state.

#![allow(unsafe_code, reason = "pointers from C, and names that C finds")]

use ae_infer::{BETS, CompanionPlan, Drift, calibration_len};

use crate::error::{Error, Result, number};
use crate::memory::{Input, Output, Plain, Region, check_apart, give};
use crate::storage::{self, Companions, CompanionsSlot, Company, EDGES, InMemory};

/// Bytes of a model's id.
pub(crate) const ID: usize = 16;
/// Bytes of what is saved in front of the state itself.
pub(crate) const HEAD: usize = ID + CompanionPlan::LEN;
/// Bytes of a drift's state.
const DRIFT: usize = 12 + 12 * EDGES + 8 * BETS;

/// Which companions go along; what is 0 does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Plan {
    /// Scores that the threshold, and the bound of low scores, are found from: those of the first
    /// windows that do not overlap.
    pub scores: u32,
    /// The false-alarm rate of a threshold that is found in place, in parts per million.
    pub alarm_ppm: u32,
    /// Whether there is no threshold until all scores have come, in place of the blob's.
    pub is_silent: u32,
    /// Whether the blob's threshold holds where it is higher than the one that is found.
    pub is_at_least_blob: u32,
    /// The rate of the bound of low scores, in parts per million.
    pub low_ppm: u32,
    /// The probability that a drift is ever told where there is none, in parts per million.
    pub drift_ppm: u32,
    /// A start for the generator with which a drift breaks ties, so that boards that see the same break
    /// them differently; 0 for the same on all.
    pub drift_seed: u32,
    /// Windows after which a channel that does not change is stuck.
    pub constant: u8,
}

impl Plain for Plan {}

/// What companions have learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Learnt {
    /// The threshold that was found in place; 0 before there is one.
    pub threshold: u64,
    /// The bound of low scores; 0 before there is one.
    pub low_bound: u64,
    /// Scores that the threshold has been given, of those that the plan says.
    pub taken: u32,
    /// 1 if there is a threshold, otherwise 0.
    pub has_threshold: u32,
    /// 1 if there is a bound of low scores, otherwise 0.
    pub has_low_bound: u32,
    /// 1 if what is normal has changed, otherwise 0.
    pub has_drifted: u32,
}

/// Scores that have to be kept of so many for a rate in parts per million: `AE_CALIBRATION_LEN` as a
/// function. It is 0 where the scores are too few for the rate.
#[unsafe(no_mangle)]
pub extern "C" fn ae_calibration_len(scores: u32, rate_ppm: u32) -> usize {
    calibration_len(scores, rate_ppm)
}

/// Bytes that companions of such a plan save: `AE_COMPANIONS_STATE_LEN` as a function.
#[unsafe(no_mangle)]
pub extern "C" fn ae_companions_state_len(
    scores: u32,
    alarm_ppm: u32,
    low_ppm: u32,
    drift_ppm: u32,
) -> usize {
    let of_scores = |rate_ppm| match rate_ppm {
        0 => 0,
        rate_ppm => calibration_len(scores, rate_ppm).saturating_mul(8).saturating_add(4),
    };
    let drift = if drift_ppm == 0 { 0 } else { DRIFT };
    [of_scores(alarm_ppm), of_scores(low_ppm), drift].into_iter().fold(HEAD, usize::saturating_add)
}

/// Companions before their first window. `kept_len` is at least
/// `AE_CALIBRATION_LEN(plan->scores, plan->alarm_ppm)`, `kept_low_len` is the same of `plan->low_ppm`,
/// and `runs_len` is the number of channels that are looked at, the first ones. A buffer may be null
/// with length 0 where the plan has no use for it. The buffers are the companions' while they are used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_companions_begin(
    companions: *mut Companions,
    plan: *const Plan,
    kept: *mut u64,
    kept_len: usize,
    kept_low: *mut u64,
    kept_low_len: usize,
    runs: *mut u16,
    runs_len: usize,
) -> Error {
    let kept = Output { pointer: kept, count: kept_len };
    let kept_low = Output { pointer: kept_low, count: kept_low_len };
    let runs = Output { pointer: runs, count: runs_len };
    // SAFETY: the caller's word, here and below.
    number(unsafe { begin(companions, plan, kept, kept_low, runs) })
}

/// Looks no more whether a channel changes: one that rests for long in normal use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_companions_pass_over(
    companions: *mut Companions,
    channel: u32,
) -> Error {
    // SAFETY: as above.
    number(unsafe { pass_over(companions, channel) })
}

/// Takes the score of a window that overlaps none of those before: for a program that has scores
/// without a detector. A detector that is given samples with companions does it by itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_companions_take(companions: *mut Companions, score: u64) -> Error {
    // SAFETY: as above.
    number(unsafe { take(companions, score) })
}

/// Says what companions have learnt.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_companions_learnt(
    companions: *const Companions,
    learnt: *mut Learnt,
) -> Error {
    // SAFETY: as above.
    number(unsafe { tell(companions, learnt) })
}

/// # Safety
/// As the crate says, and so for all functions here.
unsafe fn begin(
    companions: *mut Companions,
    plan: *const Plan,
    kept: Output<u64>,
    kept_low: Output<u64>,
    runs: Output<u16>,
) -> Result<()> {
    let (place, asked) = (Region::one(companions)?, Input { pointer: plan, count: 1 });
    let held = [kept.region()?, kept_low.region()?, runs.region()?];
    let [a, b, c] = held;
    check_apart(&[place, a, b, c], &[asked.region()?])?;
    // SAFETY: checked; the memory is the caller's word.
    let Some(plan) = (unsafe { asked.elements() }).first() else { return Err(Error::Null) };
    // SAFETY: checked, and apart from all else.
    unsafe { storage::empty(companions) };
    let Plan { scores, alarm_ppm, low_ppm, constant, drift_ppm, drift_seed, .. } = *plan;
    let plan = CompanionPlan {
        scores,
        alarm_ppm,
        is_silent: plan.is_silent != 0,
        is_at_least_blob: plan.is_at_least_blob != 0,
        // A function of its own, which has the model, gives that.
        group_ppm: 0,
        low_ppm,
        constant,
        drift_ppm,
    };
    // No more is used than the plan takes, so that a state's length goes by the plan alone.
    let kept = kept.at_most(calibration_len(scores, alarm_ppm));
    let kept_low = kept_low.at_most(calibration_len(scores, low_ppm));
    // SAFETY: checked, and apart from each other; they are the companions' while they are used.
    let kept = unsafe { kept.elements::<'static>() };
    // SAFETY: the same.
    let kept_low = unsafe { kept_low.elements::<'static>() };
    // SAFETY: the same.
    let runs = unsafe { runs.elements::<'static>() };
    let mut all = InMemory::within(&plan, kept, kept_low, runs)?;
    all.drift = all.drift.map(|drift| drift.seeded(drift_seed));
    // SAFETY: as above.
    unsafe { storage::fill(companions, held, Company { plan, all, with: 0 }) };
    Ok(())
}

/// The companions, to change them.
pub(crate) unsafe fn change<'c>(companions: *mut Companions) -> Result<&'c mut CompanionsSlot> {
    Region::one(companions)?;
    // They and the detector are told apart by their tags, so no struct is both.
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    unsafe { storage::change(companions) }
}

unsafe fn pass_over(companions: *mut Companions, channel: u32) -> Result<()> {
    // SAFETY: the caller's word, here and below.
    let slot = unsafe { change(companions)? };
    if let Some(constant) = &mut slot.value.all.constant {
        constant.pass_over(usize::try_from(channel).unwrap_or(usize::MAX));
    }
    Ok(())
}

unsafe fn take(companions: *mut Companions, score: u64) -> Result<()> {
    // SAFETY: as above.
    let slot = unsafe { change(companions)? };
    let value = &mut slot.value.all;
    if let Some(calibration) = &mut value.calibration {
        calibration.take(score);
    }
    if let Some(low) = &mut value.low {
        low.take(score);
    }
    if let Some(drift) = &mut value.drift {
        drift.take(score);
    }
    Ok(())
}

unsafe fn tell(companions: *const Companions, learnt: *mut Learnt) -> Result<()> {
    let (place, given) = (Region::one(companions)?, Region::one(learnt)?);
    // SAFETY: checked; the memory is the caller's word, and nothing is written before the check below.
    let slot = unsafe { storage::read(companions)? };
    let [kept, kept_low, runs] = slot.held;
    check_apart(&[given], &[place, kept, kept_low, runs])?;
    let value = &slot.value.all;
    let threshold = value.calibration.as_ref().and_then(|it| it.threshold());
    let low_bound = value.low.as_ref().and_then(|it| it.bound());
    let found = Learnt {
        threshold: threshold.unwrap_or(0),
        low_bound: low_bound.unwrap_or(0),
        taken: value.calibration.as_ref().map_or(0, |it| it.taken()),
        has_threshold: threshold.is_some().into(),
        has_low_bound: low_bound.is_some().into(),
        has_drifted: value.drift.as_ref().is_some_and(Drift::has_drifted).into(),
    };
    // SAFETY: checked, and apart from all else.
    unsafe { give(learnt, found) };
    Ok(())
}
