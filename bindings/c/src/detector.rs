//! What both families do with a detector.

#![allow(unsafe_code, reason = "pointers from C")]

use ae_infer::{Compute, Detector, Sample};

use crate::error::Result;
use crate::memory::{Input, Output, Plain, Region, check_apart, give};
use crate::model::Model;
use crate::storage::{self, DetectorSlot, Kind, Storage};

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

impl Decision {
    const NONE: Self =
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
    unsafe { storage::fill(detector, [blob, codes, pixels, between], value) };
    Ok(())
}

pub(crate) unsafe fn push<A: Compute<'static>, S: Watching<A>, V: Sample + Plain>(
    detector: *mut S,
    sample: Input<V>,
    decision: *mut Decision,
) -> Result<()> {
    let (place, values) = (Region::one(detector)?, sample.region()?);
    let given = Region::one(decision)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(detector)? };
    let [blob, codes, pixels, between] = slot.held;
    check_apart(&[given], &[place, values, blob, codes, pixels, between])?;
    check_apart(&[values], &[place, codes, pixels, between])?;
    // SAFETY: checked, and apart from what the detector writes to.
    let sample = unsafe { sample.elements() };
    let found = slot.value.push(sample)?;
    // SAFETY: checked, and apart from all else.
    unsafe { give(decision, found.map_or(Decision::NONE, Decision::from)) };
    Ok(())
}

pub(crate) unsafe fn reset<A: Compute<'static>, S: Watching<A>>(detector: *mut S) -> Result<()> {
    Region::one(detector)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(detector)? };
    slot.value.reset();
    Ok(())
}
