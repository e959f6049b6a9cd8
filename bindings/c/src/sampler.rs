//! The half of a detector that takes samples, the same for both families.

#![allow(unsafe_code, reason = "pointers from C, and names that C finds")]

use ae_infer::Sample;

use crate::error::{Error, Result, number};
use crate::memory::{Input, Output, Plain, Region, give};
use crate::storage::{self, Sampler};

/// Takes the next sample, one value for each channel. `is_whole` becomes 1 if it is the last of a window,
/// or, where features are computed of the signal, of a frame; otherwise 0. A sample that gives an error
/// is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_sampler_push_u8(
    sampler: *mut Sampler,
    sample: *const u8,
    channels: usize,
    is_whole: *mut u32,
) -> Error {
    // SAFETY: the caller's word, here and below.
    number(unsafe { push(sampler, Input { pointer: sample, count: channels }, is_whole) })
}

/// Takes the next sample, one value for each channel. `is_whole` becomes 1 if it is the last of a window,
/// or, where features are computed of the signal, of a frame; otherwise 0. A sample that gives an error
/// is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_sampler_push_i16(
    sampler: *mut Sampler,
    sample: *const i16,
    channels: usize,
    is_whole: *mut u32,
) -> Error {
    // SAFETY: as above.
    number(unsafe { push(sampler, Input { pointer: sample, count: channels }, is_whole) })
}

/// Takes the next sample, one value for each channel. `is_whole` becomes 1 if it is the last of a window;
/// otherwise 0. A sample that gives an error is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_sampler_push_f32(
    sampler: *mut Sampler,
    sample: *const f32,
    channels: usize,
    is_whole: *mut u32,
) -> Error {
    // SAFETY: as above.
    number(unsafe { push(sampler, Input { pointer: sample, count: channels }, is_whole) })
}

/// Copies the whole window, until the next sample, for a judge. `window_len` is the model's `features`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_sampler_copy_window(
    sampler: *const Sampler,
    window: *mut u8,
    window_len: usize,
) -> Error {
    // SAFETY: as above.
    number(unsafe { copy_window(sampler, Output { pointer: window, count: window_len }) })
}

/// Copies the samples of the whole frame, until the next sample, for a judge. `frame_len` is the model's
/// `frame`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_sampler_copy_frame(
    sampler: *const Sampler,
    frame: *mut i16,
    frame_len: usize,
) -> Error {
    // SAFETY: as above.
    number(unsafe { copy_frame(sampler, Output { pointer: frame, count: frame_len }) })
}

/// Forgets the samples so far: for a signal that was interrupted. The judge must forget, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_sampler_reset(sampler: *mut Sampler) -> Error {
    // SAFETY: as above.
    number(unsafe { reset(sampler) })
}

/// # Safety
/// As the crate says, and so for all functions here.
unsafe fn push<V: Sample + Plain>(
    sampler: *mut Sampler,
    sample: Input<V>,
    is_whole: *mut u32,
) -> Result<()> {
    let (place, values) = (Region::one(sampler)?, sample.region()?);
    let given = Region::one(is_whole)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(sampler)? };
    let [codes] = slot.held;
    if given.meets_any(&[place, values, codes]) || values.meets(place) || values.meets(codes) {
        return Err(Error::Overlap);
    }
    // SAFETY: checked, and apart from what the sampler writes to.
    let sample = unsafe { sample.elements() };
    let found = slot.value.push(sample)?;
    // SAFETY: checked, and apart from all else.
    unsafe { give(is_whole, found.into()) };
    Ok(())
}

/// The sampler, if what is written lies over neither it nor its window.
unsafe fn checked<'c>(
    sampler: *const Sampler,
    written: Region,
) -> Result<&'c ae_infer::Sampler<'static, 'static>> {
    let place = Region::one(sampler)?;
    // SAFETY: checked; the memory is the caller's word, and nothing is written before the check below.
    let slot = unsafe { storage::read(sampler)? };
    let [codes] = slot.held;
    if written.meets(place) || written.meets(codes) {
        return Err(Error::Overlap);
    }
    Ok(&slot.value)
}

unsafe fn copy_window(sampler: *const Sampler, window: Output<u8>) -> Result<()> {
    let region = window.region()?;
    // SAFETY: the caller's word.
    let codes = unsafe { checked(sampler, region)? }.window();
    if codes.len() != window.count {
        return Err(Error::Pixels);
    }
    // SAFETY: checked, and apart from the window.
    let to = unsafe { window.elements() };
    to.iter_mut().zip(codes).for_each(|(to, &code)| *to = code);
    Ok(())
}

#[cfg(feature = "signal-features")]
unsafe fn copy_frame(sampler: *const Sampler, frame: Output<i16>) -> Result<()> {
    let region = frame.region()?;
    // SAFETY: the caller's word.
    let sampler = unsafe { checked(sampler, region)? };
    // SAFETY: checked, and apart from the window.
    let to = unsafe { frame.elements() };
    Ok(sampler.copy_frame(to)?)
}

#[cfg(not(feature = "signal-features"))]
unsafe fn copy_frame(sampler: *const Sampler, frame: Output<i16>) -> Result<()> {
    let region = frame.region()?;
    // SAFETY: the caller's word.
    unsafe { checked(sampler, region)? };
    Err(Error::NoFeatures)
}

unsafe fn reset(sampler: *mut Sampler) -> Result<()> {
    Region::one(sampler)?;
    // SAFETY: checked; the memory is the caller's word, and nothing else has it.
    let slot = unsafe { storage::change(sampler)? };
    slot.value.reset();
    Ok(())
}
