//! What both families do with a model.

#![allow(unsafe_code, reason = "pointers from C")]

use ae_core::PartKind;
use ae_infer::{Autoencoder, Compute, GroupThreshold, SelfTestError};

use crate::companions::{self, ID};
use crate::error::{Error, Result};
use crate::memory::{Input, Output, Plain, Region, check_apart, give};
use crate::storage::{self, Companions, Kind, ModelSlot, Storage};

/// A half of an autoencoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Side {
    /// From pixels to latent values.
    Encoder = 0,
    /// From latent values to pixels.
    Decoder = 1,
}

/// The first layer that gives another result than where the model was made. The layers before it are
/// right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Fault {
    /// The half that it is in.
    pub side: Side,
    /// Its number there, from 0.
    pub layer: u32,
    /// The digest in the blob.
    pub expected: u32,
    /// The digest of what was computed.
    pub found: u32,
}

/// A struct of C that holds a model of the contract.
pub(crate) trait Model<A: Compute<'static>>: Storage<Slot = ModelSlot<A>> + Kind {}
impl<A: Compute<'static>, S: Storage<Slot = ModelSlot<A>> + Kind> Model<A> for S {}

/// # Safety
/// As the crate says, and so for all functions here.
pub(crate) unsafe fn load<A: Compute<'static>, S: Model<A>>(
    model: *mut S,
    blob: Input<u8>,
) -> Result<()> {
    let (place, bytes) = (Region::one(model)?, blob.region()?);
    check_apart(&[place], &[bytes])?;
    // SAFETY: checked above; the memory is the caller's word.
    unsafe { storage::empty(model) };
    // SAFETY: the same; the blob stays as it is while the model is used.
    let blob = unsafe { blob.elements::<'static>() };
    let value = Autoencoder::<A>::load(blob)?;
    // SAFETY: as above.
    unsafe { storage::fill(model, [bytes], value) };
    Ok(())
}

/// No memory.
const NONE: Region = Region::NONE;

/// The model, if what is written lies over neither it nor its blob nor what is read.
unsafe fn checked<'c, A: Compute<'static>, S: Model<A>>(
    model: *const S,
    [a, b, c]: [Region; 3],
    read: Region,
) -> Result<&'c Autoencoder<'static, A>> {
    let place = Region::one(model)?;
    // SAFETY: checked; the memory is the caller's word, and nothing is written before the check below.
    let slot = unsafe { storage::read(model)? };
    let [blob] = slot.held;
    // Written out: these are most of what a call takes.
    let is_over = |it: Region| it.meets(place) || it.meets(blob) || it.meets(read);
    if a.meets(b) || a.meets(c) || b.meets(c) || is_over(a) || is_over(b) || is_over(c) {
        return Err(Error::Overlap);
    }
    Ok(&slot.value)
}

pub(crate) unsafe fn encode<A: Compute<'static, Element: Plain>, S: Model<A>>(
    model: *const S,
    pixels: Input<u8>,
    latent: Output<A::Element>,
    scratch: Output<A::Element>,
) -> Result<()> {
    let written = [latent.region()?, scratch.region()?, NONE];
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, written, pixels.region()?)? };
    // SAFETY: checked, and apart from each other; the memory is the caller's word.
    let pixels = unsafe { pixels.elements() };
    // SAFETY: the same.
    let latent = unsafe { latent.elements() };
    // SAFETY: the same.
    let scratch = unsafe { scratch.elements() };
    Ok(model.encode(pixels, latent, scratch)?)
}

pub(crate) unsafe fn decode<A: Compute<'static, Element: Plain>, S: Model<A>>(
    model: *const S,
    latent: Input<A::Element>,
    pixels: Output<u8>,
    scratch: Output<A::Element>,
) -> Result<()> {
    let written = [pixels.region()?, scratch.region()?, NONE];
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, written, latent.region()?)? };
    // SAFETY: checked, and apart from each other; the memory is the caller's word.
    let latent = unsafe { latent.elements() };
    // SAFETY: the same.
    let pixels = unsafe { pixels.elements() };
    // SAFETY: the same.
    let scratch = unsafe { scratch.elements() };
    Ok(model.decode(latent, pixels, scratch)?)
}

pub(crate) unsafe fn reconstruct<A: Compute<'static, Element: Plain>, S: Model<A>>(
    model: *const S,
    pixels: Input<u8>,
    reconstruction: Output<u8>,
    scratch: Output<A::Element>,
) -> Result<()> {
    let written = [reconstruction.region()?, scratch.region()?, NONE];
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, written, pixels.region()?)? };
    // SAFETY: checked, and apart from each other; the memory is the caller's word.
    let pixels = unsafe { pixels.elements() };
    // SAFETY: the same.
    let reconstruction = unsafe { reconstruction.elements() };
    // SAFETY: the same.
    let scratch = unsafe { scratch.elements() };
    Ok(model.reconstruct(pixels, reconstruction, scratch)?)
}

pub(crate) unsafe fn score<A: Compute<'static, Element: Plain>, S: Model<A>>(
    model: *const S,
    pixels: Input<u8>,
    reconstruction: Output<u8>,
    scratch: Output<A::Element>,
    score: *mut u64,
) -> Result<()> {
    let written = [reconstruction.region()?, scratch.region()?, Region::one(score)?];
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, written, pixels.region()?)? };
    // SAFETY: checked, and apart from each other; the memory is the caller's word.
    let pixels = unsafe { pixels.elements() };
    // SAFETY: the same.
    let reconstruction = unsafe { reconstruction.elements() };
    // SAFETY: the same.
    let scratch = unsafe { scratch.elements() };
    let found = model.score(pixels, reconstruction, scratch)?;
    // SAFETY: the same.
    unsafe { give(score, found) };
    Ok(())
}

pub(crate) unsafe fn self_test<A: Compute<'static, Element: Plain>, S: Model<A>>(
    model: *const S,
    pixels: Output<u8>,
    scratch: Output<A::Element>,
    fault: *mut Fault,
) -> Result<()> {
    let told = if fault.is_null() { Region::NONE } else { Region::one(fault)? };
    let written = [pixels.region()?, scratch.region()?, told];
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, written, NONE)? };
    // SAFETY: checked, and apart from each other; the memory is the caller's word.
    let pixels = unsafe { pixels.elements() };
    // SAFETY: the same.
    let scratch = unsafe { scratch.elements() };
    let Err(error) = model.self_test(pixels, scratch) else { return Ok(()) };
    if let SelfTestError::Differs { part, layer, expected, found } = error
        && !fault.is_null()
    {
        let side = match part {
            PartKind::Encoder => Side::Encoder,
            PartKind::Decoder => Side::Decoder,
        };
        let layer = u32::try_from(layer).unwrap_or(u32::MAX);
        // SAFETY: not null, and checked.
        unsafe { give(fault, Fault { side, layer, expected, found }) };
    }
    Err(Error::from(error))
}

pub(crate) unsafe fn by_groups<A: Compute<'static>, S: Model<A>>(
    companions: *mut Companions,
    model: *const S,
    group_ppm: u32,
) -> Result<()> {
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, [Region::one(companions)?, NONE, NONE], NONE)? };
    // SAFETY: the same.
    let slot = unsafe { companions::change(companions)? };
    let detection = model.model().detection().map_err(|_| Error::Detection)?;
    let detection = detection.ok_or(Error::NoDetection)?;
    slot.value.all.groups = Some(GroupThreshold::new(&detection, group_ppm)?);
    slot.value.plan.group_ppm = group_ppm;
    Ok(())
}

pub(crate) unsafe fn save<A: Compute<'static>, S: Model<A>>(
    companions: *const Companions,
    model: *const S,
    state: Output<u8>,
) -> Result<()> {
    let (place, written) = (Region::one(companions)?, state.region()?);
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, [written, NONE, NONE], NONE)? };
    // SAFETY: checked; the memory is the caller's word, and nothing is written before the check below.
    let slot = unsafe { storage::read(companions)? };
    let [kept, kept_low, runs] = slot.held;
    check_apart(&[written], &[place, kept, kept_low, runs])?;
    let company = &slot.value;
    if state.count != company.all.state_len().saturating_add(companions::HEAD) {
        return Err(Error::StateLength);
    }
    // SAFETY: checked, and apart from all else.
    let bytes = unsafe { state.elements() };
    let (id, bytes) = bytes.split_first_chunk_mut::<ID>().ok_or(Error::StateLength)?;
    let (plan, bytes) = bytes.split_first_chunk_mut().ok_or(Error::StateLength)?;
    *id = model.model().header().model_id;
    *plan = company.plan.to_bytes();
    Ok(company.all.write_state(bytes)?)
}

pub(crate) unsafe fn resume<A: Compute<'static>, S: Model<A>>(
    companions: *mut Companions,
    model: *const S,
    state: Input<u8>,
) -> Result<()> {
    let (place, read) = (Region::one(companions)?, state.region()?);
    // SAFETY: the caller's word.
    let model = unsafe { checked::<A, S>(model, [place, NONE, NONE], read)? };
    // SAFETY: the same.
    let slot = unsafe { companions::change(companions)? };
    let [kept, kept_low, runs] = slot.held;
    check_apart(&[kept, kept_low, runs], &[read])?;
    let company = &mut slot.value;
    // SAFETY: checked, and apart from what the companions write to.
    let bytes = unsafe { state.elements() };
    // What it is of is told before its length, which goes by the plan.
    let (id, bytes) = bytes.split_first_chunk::<ID>().ok_or(Error::StateLength)?;
    let (plan, bytes) = bytes.split_first_chunk().ok_or(Error::StateLength)?;
    if *id != model.model().header().model_id {
        return Err(Error::StateModel);
    }
    if *plan != company.plan.to_bytes() {
        return Err(Error::StatePlan);
    }
    Ok(company.all.read_state(bytes)?)
}
