//! What both families do with a detector in two halves.

#![allow(unsafe_code, reason = "pointers from C")]

use core::ptr;

use ae_infer::{Compute, Detector, Judge};

use crate::companions;
use crate::detector::{Decision, Observation};
use crate::error::Result;
use crate::memory::{Input, Output, Plain, Region, check_apart, give};
use crate::model::Model;
use crate::storage::{self, Companions, InMemory, JudgeSlot, Kind, Sampler, Storage};
use crate::watcher::{Handed, Watcher};

/// A struct of C that holds a judge of the contract.
pub(crate) trait Judging<A: Compute<'static>>: Storage<Slot = JudgeSlot<A>> + Kind {}
impl<A: Compute<'static>, S: Storage<Slot = JudgeSlot<A>> + Kind> Judging<A> for S {}

/// # Safety
/// As the crate says, and so for all functions here.
pub(crate) unsafe fn begin<A: Compute<'static, Element: Plain>, M: Model<A>, S: Judging<A>>(
    (judge, sampler): (*mut S, *mut Sampler),
    model: *const M,
    window: Output<u8>,
    reconstruction: Output<u8>,
    scratch: Output<A::Element>,
) -> Result<()> {
    let (place, other, source) = (Region::one(judge)?, Region::one(sampler)?, Region::one(model)?);
    let [codes, pixels, between] = [window.region()?, reconstruction.region()?, scratch.region()?];
    // SAFETY: checked; the memory is the caller's word, and nothing is written before the check below.
    let slot = unsafe { storage::read(model)? };
    let [blob] = slot.held;
    check_apart(&[place, other, codes, pixels, between], &[source, blob])?;
    let model = slot.value;
    // SAFETY: checked, and apart from all else.
    unsafe { storage::empty(judge) };
    // SAFETY: the same.
    unsafe { storage::empty(sampler) };
    // SAFETY: checked, and apart from each other; they are the halves' while one is used.
    let window = unsafe { window.elements::<'static>() };
    // SAFETY: the same.
    let reconstruction = unsafe { reconstruction.elements::<'static>() };
    // SAFETY: the same.
    let scratch = unsafe { scratch.elements::<'static>() };
    let (samples, judging) = Detector::new(model, window, reconstruction, scratch)?.split();
    // SAFETY: as above.
    unsafe { storage::fill(sampler, [codes], samples) };
    // SAFETY: as above.
    unsafe { storage::fill(judge, [blob, codes, pixels, between], Watcher::new(judging)) };
    Ok(())
}

/// The judge, if what is read and what is given lie over nothing of it. Its window may be the sampler's, so
/// nothing is read of that either.
unsafe fn checked<'c, A: Compute<'static>, S: Judging<A>, V: Plain, G>(
    judge: *mut S,
    read: Input<V>,
    given: *mut G,
) -> Result<&'c mut Judge<'static, 'static, A>> {
    let place = Region::one(judge)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(judge)? };
    let handed = Handed::new(read, given, ptr::null::<Companions>());
    if !slot.knows(&handed) {
        slot.look(handed, place, read.region()?, Region::one(given)?)?;
    }
    Ok(&mut slot.value.of)
}

/// The same, and companions that lie over nothing of all that.
unsafe fn checked_with<'c, A: Compute<'static>, S: Judging<A>, V: Plain, G>(
    judge: *mut S,
    companions: *mut Companions,
    read: Input<V>,
    given: *mut G,
) -> Result<(&'c mut Judge<'static, 'static, A>, &'c mut InMemory)> {
    let place = Region::one(judge)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(judge)? };
    // SAFETY: the caller's word.
    let company = unsafe { companions::change(companions)? };
    let handed = Handed::new(read, given, companions);
    if !slot.knows(&handed) || company.value.with != place.start() {
        let (along, told) = (Region::one(companions)?, Region::one(given)?);
        slot.look_with(handed, (company, along), place, read.region()?, told)?;
    }
    Ok((&mut slot.value.of, &mut company.value.all))
}

pub(crate) unsafe fn decide<A: Compute<'static>, S: Judging<A>>(
    judge: *mut S,
    window: Input<u8>,
    decision: *mut Decision,
) -> Result<()> {
    // SAFETY: the caller's word, here and below.
    let judge = unsafe { checked::<A, S, _, _>(judge, window, decision)? };
    // SAFETY: checked, and apart from what the judge writes to.
    let found = judge.decide(unsafe { window.elements() })?;
    // SAFETY: checked, and apart from all else.
    unsafe { give(decision, found.into()) };
    Ok(())
}

pub(crate) unsafe fn decide_with<A: Compute<'static>, S: Judging<A>>(
    judge: *mut S,
    companions: *mut Companions,
    window: Input<u8>,
    observation: *mut Observation,
) -> Result<()> {
    // SAFETY: as above.
    let (judge, along) =
        unsafe { checked_with::<A, S, _, _>(judge, companions, window, observation)? };
    // SAFETY: checked, and apart from what judge and companions write to.
    let found = judge.decide_with(unsafe { window.elements() }, along)?;
    // SAFETY: checked, and apart from all else.
    unsafe { give(observation, found.into()) };
    Ok(())
}

pub(crate) unsafe fn take_frame<A: Compute<'static>, S: Judging<A>>(
    judge: *mut S,
    frame: Input<i16>,
    decision: *mut Decision,
) -> Result<()> {
    // SAFETY: as above.
    let judge = unsafe { checked::<A, S, _, _>(judge, frame, decision)? };
    // SAFETY: checked, and apart from what the judge writes to.
    let found = frames::take(judge, unsafe { frame.elements() })?;
    // SAFETY: checked, and apart from all else.
    unsafe { give(decision, found.map_or(Decision::NONE, Decision::from)) };
    Ok(())
}

pub(crate) unsafe fn take_frame_with<A: Compute<'static>, S: Judging<A>>(
    judge: *mut S,
    companions: *mut Companions,
    frame: Input<i16>,
    observation: *mut Observation,
) -> Result<()> {
    // SAFETY: as above.
    let (judge, along) =
        unsafe { checked_with::<A, S, _, _>(judge, companions, frame, observation)? };
    // SAFETY: checked, and apart from what judge and companions write to.
    let found = frames::take_with(judge, unsafe { frame.elements() }, along)?;
    // SAFETY: checked, and apart from all else.
    unsafe { give(observation, found.map_or(Observation::NONE, Observation::from)) };
    Ok(())
}

pub(crate) unsafe fn reset<A: Compute<'static>, S: Judging<A>>(judge: *mut S) -> Result<()> {
    Region::one(judge)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(judge)? };
    slot.value.of.reset();
    Ok(())
}

/// Frames of a library that computes features.
#[cfg(feature = "signal-features")]
mod frames {
    use ae_infer::{Companion, Compute, Decision, DetectorError, Judge, Observation};

    pub(super) fn take<'a, A: Compute<'a>>(
        judge: &mut Judge<'a, '_, A>,
        frame: &[i16],
    ) -> Result<Option<Decision>, DetectorError> {
        judge.take_frame(frame)
    }

    pub(super) fn take_with<'a, A: Compute<'a>>(
        judge: &mut Judge<'a, '_, A>,
        frame: &[i16],
        companions: &mut impl Companion,
    ) -> Result<Option<Observation>, DetectorError> {
        judge.take_frame_with(frame, companions)
    }
}

/// Frames of one that does not: it has none.
#[cfg(not(feature = "signal-features"))]
mod frames {
    use ae_infer::{Companion, Compute, Decision, DetectorError, Judge, Observation};

    pub(super) fn take<'a, A: Compute<'a>>(
        _judge: &mut Judge<'a, '_, A>,
        _frame: &[i16],
    ) -> Result<Option<Decision>, DetectorError> {
        Err(DetectorError::NoFeatures)
    }

    pub(super) fn take_with<'a, A: Compute<'a>>(
        _judge: &mut Judge<'a, '_, A>,
        _frame: &[i16],
        _companions: &mut impl Companion,
    ) -> Result<Option<Observation>, DetectorError> {
        Err(DetectorError::NoFeatures)
    }
}
