//! What both families do with a detector.

#![allow(unsafe_code, reason = "pointers from C")]

use core::ptr;

use ae_infer::{Compute, Detector, Sample};

use crate::companions;
use crate::error::Result;
use crate::memory::{Input, Output, Plain, Region, check_apart, give};
use crate::model::Model;
use crate::storage::{self, Companions, DetectorSlot, Kind, Storage};
use crate::watcher::{Handed, Watcher};

/// What a detector says after a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Verdict {
    /// The sample ended no window; the other fields are 0.
    None = 0,
    /// Fewer of the last windows exceed the threshold than an alarm takes.
    Normal = 1,
    /// So many exceed it; this window need not be one of them.
    Alarm = 2,
}

/// What a detector says after a sample, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Decision {
    /// The window's score: the weighted sum of squared errors.
    pub score: u64,
    /// The blob's threshold.
    pub threshold: u64,
    /// What the channel below contributes to the score.
    pub channel_score: u64,
    /// The channel that contributes most, from 0.
    pub channel: u32,
    /// Whether there is a decision, and which.
    pub verdict: Verdict,
}

/// Whose threshold a window was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum ThresholdSource {
    /// The blob's.
    Blob = 0,
    /// One that companions found in place.
    Own = 1,
    /// There was none; the decision then has the largest number in its place, which no score exceeds.
    Silent = 2,
    /// That of the maker's groups.
    Groups = 3,
}

/// What a detector with companions says after a sample. Where the sample ended no window, all is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Observation {
    /// Whether it is an alarm, and its score.
    pub decision: Decision,
    /// Whose threshold it was compared with.
    pub source: ThresholdSource,
    /// 1 if the score is below the bound of low scores, otherwise 0.
    pub is_low: u32,
    /// 1 if a channel does not change, otherwise 0.
    pub is_constant: u32,
    /// The first such channel, from 0.
    pub constant: u32,
    /// 1 if what is normal has changed, otherwise 0. This stays.
    pub has_drifted: u32,
}

impl Observation {
    pub(crate) const NONE: Self = Self {
        decision: Decision::NONE,
        source: ThresholdSource::Blob,
        is_low: 0,
        is_constant: 0,
        constant: 0,
        has_drifted: 0,
    };
}

impl From<ae_infer::Observation> for Observation {
    fn from(seen: ae_infer::Observation) -> Self {
        let ae_infer::Findings { is_low, constant, has_drifted } = seen.findings;
        Self {
            decision: seen.decision.into(),
            source: match seen.source {
                ae_infer::ThresholdSource::Blob => ThresholdSource::Blob,
                ae_infer::ThresholdSource::Own => ThresholdSource::Own,
                ae_infer::ThresholdSource::Silent => ThresholdSource::Silent,
                ae_infer::ThresholdSource::Groups => ThresholdSource::Groups,
            },
            is_low: is_low.into(),
            is_constant: constant.is_some().into(),
            constant: constant.map_or(0, |channel| u32::try_from(channel).unwrap_or(u32::MAX)),
            has_drifted: has_drifted.into(),
        }
    }
}

impl Decision {
    pub(crate) const NONE: Self =
        Self { score: 0, threshold: 0, channel_score: 0, channel: 0, verdict: Verdict::None };
}

impl From<ae_infer::Decision> for Decision {
    fn from(decision: ae_infer::Decision) -> Self {
        let verdict = if decision.is_alarm() { Verdict::Alarm } else { Verdict::Normal };
        let evidence = decision.evidence();
        Self {
            score: evidence.score,
            threshold: evidence.threshold,
            channel_score: evidence.channel_score,
            channel: u32::try_from(evidence.channel).unwrap_or(u32::MAX),
            verdict,
        }
    }
}

/// A struct of C that holds a detector of the contract.
pub(crate) trait Watching<A: Compute<'static>>:
    Storage<Slot = DetectorSlot<A>> + Kind
{
}
impl<A: Compute<'static>, S: Storage<Slot = DetectorSlot<A>> + Kind> Watching<A> for S {}

/// # Safety
/// As the crate says, and so for all functions here.
pub(crate) unsafe fn begin<A: Compute<'static, Element: Plain>, M: Model<A>, S: Watching<A>>(
    detector: *mut S,
    model: *const M,
    window: Output<u8>,
    reconstruction: Output<u8>,
    scratch: Output<A::Element>,
) -> Result<()> {
    let (place, source) = (Region::one(detector)?, Region::one(model)?);
    let [codes, pixels, between] = [window.region()?, reconstruction.region()?, scratch.region()?];
    // SAFETY: checked; the memory is the caller's word, and nothing is written before the check below.
    let slot = unsafe { storage::read(model)? };
    let [blob] = slot.held;
    check_apart(&[place, codes, pixels, between], &[source, blob])?;
    let model = slot.value;
    // SAFETY: checked, and apart from all else.
    unsafe { storage::empty(detector) };
    // SAFETY: checked, and apart from each other; they are the detector's while it is used.
    let window = unsafe { window.elements::<'static>() };
    // SAFETY: the same.
    let reconstruction = unsafe { reconstruction.elements::<'static>() };
    // SAFETY: the same.
    let scratch = unsafe { scratch.elements::<'static>() };
    let value = Detector::new(model, window, reconstruction, scratch)?;
    // SAFETY: as above.
    unsafe { storage::fill(detector, [blob, codes, pixels, between], Watcher::new(value)) };
    Ok(())
}

pub(crate) unsafe fn push<A: Compute<'static>, S: Watching<A>, V: Sample + Plain>(
    detector: *mut S,
    sample: Input<V>,
    decision: *mut Decision,
) -> Result<()> {
    let place = Region::one(detector)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(detector)? };
    let handed = Handed::new(sample, decision, ptr::null::<Companions>());
    if !slot.knows(&handed) {
        slot.look(handed, place, sample.region()?, Region::one(decision)?)?;
    }
    // SAFETY: checked, and apart from what the detector writes to.
    let sample = unsafe { sample.elements() };
    let found = slot.value.of.push(sample)?;
    // SAFETY: checked, and apart from all else.
    unsafe { give(decision, found.map_or(Decision::NONE, Decision::from)) };
    Ok(())
}

pub(crate) unsafe fn push_with<A: Compute<'static>, S: Watching<A>, V: Sample + Plain>(
    detector: *mut S,
    companions: *mut Companions,
    sample: Input<V>,
    observation: *mut Observation,
) -> Result<()> {
    let place = Region::one(detector)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(detector)? };
    // SAFETY: the caller's word.
    let company = unsafe { companions::change(companions)? };
    let handed = Handed::new(sample, observation, companions);
    if !slot.knows(&handed) || company.value.with != place.start() {
        let (along, given) = (Region::one(companions)?, Region::one(observation)?);
        slot.look_with(handed, (company, along), place, sample.region()?, given)?;
    }
    // SAFETY: checked, and apart from what the detector and its companions write to.
    let sample = unsafe { sample.elements() };
    match slot.value.of.push_with(sample, &mut company.value.all)? {
        // SAFETY: checked, and apart from all else.
        Some(seen) => unsafe { give(observation, seen.into()) },
        // SAFETY: the same.
        None => unsafe { give(observation, Observation::NONE) },
    }
    Ok(())
}

pub(crate) unsafe fn reset<A: Compute<'static>, S: Watching<A>>(detector: *mut S) -> Result<()> {
    Region::one(detector)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(detector)? };
    slot.value.of.reset();
    Ok(())
}
