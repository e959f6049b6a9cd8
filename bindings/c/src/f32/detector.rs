// Made of the same file of the int8 family by `cargo xtask c-library`; not to be edited.
//! The functions for detectors with f32 models.

#![allow(unsafe_code, reason = "pointers from C, and names that C finds")]

use super::A;
use crate::detector::{self, Decision, Observation};
use crate::error::{Error, number};
use crate::memory::{Input, Output};
use crate::storage::{Companions, F32Detector, F32Model};

/// Makes a detector before its first sample. `window_len` is at least the model's `window`, and exactly
/// that where no features are computed of the signal; `reconstruction_len` is its `features`, and
/// `scratch_len` at least its `scratch`. The three buffers are the detector's while it is used. The
/// model is not needed after this; its blob is.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "three buffers, each with its length")]
pub unsafe extern "C" fn ae_f32_detector_begin(
    detector: *mut F32Detector,
    model: *const F32Model,
    window: *mut u8,
    window_len: usize,
    reconstruction: *mut u8,
    reconstruction_len: usize,
    scratch: *mut f32,
    scratch_len: usize,
) -> Error {
    let window = Output { pointer: window, count: window_len };
    let reconstruction = Output { pointer: reconstruction, count: reconstruction_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: the caller's word, here and below.
    number(unsafe { detector::begin::<A, _, _>(detector, model, window, reconstruction, scratch) })
}

/// Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
/// and what the window is. A sample that gives an error is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_detector_push_u8(
    detector: *mut F32Detector,
    sample: *const u8,
    channels: usize,
    decision: *mut Decision,
) -> Error {
    let sample = Input { pointer: sample, count: channels };
    // SAFETY: as above.
    number(unsafe { detector::push::<A, _, u8>(detector, sample, decision) })
}

/// Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
/// and what the window is. A sample that gives an error is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_detector_push_i16(
    detector: *mut F32Detector,
    sample: *const i16,
    channels: usize,
    decision: *mut Decision,
) -> Error {
    let sample = Input { pointer: sample, count: channels };
    // SAFETY: as above.
    number(unsafe { detector::push::<A, _, i16>(detector, sample, decision) })
}

/// Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
/// and what the window is. A sample that gives an error is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_detector_push_f32(
    detector: *mut F32Detector,
    sample: *const f32,
    channels: usize,
    decision: *mut Decision,
) -> Error {
    let sample = Input { pointer: sample, count: channels };
    // SAFETY: as above.
    number(unsafe { detector::push::<A, _, f32>(detector, sample, decision) })
}

/// Forgets the samples and the windows so far: for a signal that was interrupted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_detector_reset(detector: *mut F32Detector) -> Error {
    // SAFETY: as above.
    number(unsafe { detector::reset::<A, _>(detector) })
}

/// As `ae_f32_detector_push_u8`, with companions that see every window.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_detector_push_u8_with(
    detector: *mut F32Detector,
    companions: *mut Companions,
    sample: *const u8,
    channels: usize,
    observation: *mut Observation,
) -> Error {
    let sample = Input { pointer: sample, count: channels };
    // SAFETY: as above.
    number(unsafe { detector::push_with::<A, _, u8>(detector, companions, sample, observation) })
}

/// As `ae_f32_detector_push_i16`, with companions that see every window.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_detector_push_i16_with(
    detector: *mut F32Detector,
    companions: *mut Companions,
    sample: *const i16,
    channels: usize,
    observation: *mut Observation,
) -> Error {
    let sample = Input { pointer: sample, count: channels };
    // SAFETY: as above.
    number(unsafe { detector::push_with::<A, _, i16>(detector, companions, sample, observation) })
}

/// As `ae_f32_detector_push_f32`, with companions that see every window.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_detector_push_f32_with(
    detector: *mut F32Detector,
    companions: *mut Companions,
    sample: *const f32,
    channels: usize,
    observation: *mut Observation,
) -> Error {
    let sample = Input { pointer: sample, count: channels };
    // SAFETY: as above.
    number(unsafe { detector::push_with::<A, _, f32>(detector, companions, sample, observation) })
}
