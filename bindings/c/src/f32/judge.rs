// Made of the same file of the int8 family by `cargo xtask c-library`; not to be edited.
//! The functions for detectors in two halves, with f32 models.

#![allow(unsafe_code, reason = "pointers from C, and names that C finds")]

use super::A;
use crate::detector::{Decision, Observation};
use crate::error::{Error, number};
use crate::judge;
use crate::memory::{Input, Output};
use crate::storage::{Companions, F32Judge, F32Model, Sampler};

/// Makes a detector in two halves, before its first sample: a sampler, which an interrupt may own, and a
/// judge, which decides while samples come. Together they give the decisions of `ae_f32_detector`. The
/// buffers are those of `ae_f32_detector_begin`, and belong to both halves while one is used.
///
/// When the sampler says that a window is whole, the program copies the window into a buffer of its own
/// and hands that to the judge, before the next one is whole. Where features are computed of the signal,
/// frames of samples take the place of windows.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "three buffers, each with its length")]
pub unsafe extern "C" fn ae_f32_judge_begin(
    judge: *mut F32Judge,
    sampler: *mut Sampler,
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
    number(unsafe {
        judge::begin::<A, _, _>((judge, sampler), model, window, reconstruction, scratch)
    })
}

/// Decides about the next window, which `ae_sampler_copy_window` gave; `window_len` is the model's
/// `features`. Windows are given in their order, and none is left out, or an alarm that takes several
/// looks at others. A window that gives an error does not count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_judge_decide(
    judge: *mut F32Judge,
    window: *const u8,
    window_len: usize,
    decision: *mut Decision,
) -> Error {
    let window = Input { pointer: window, count: window_len };
    // SAFETY: as above.
    number(unsafe { judge::decide::<A, _>(judge, window, decision) })
}

/// As `ae_f32_judge_decide`, with companions that see every window.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_judge_decide_with(
    judge: *mut F32Judge,
    companions: *mut Companions,
    window: *const u8,
    window_len: usize,
    observation: *mut Observation,
) -> Error {
    let window = Input { pointer: window, count: window_len };
    // SAFETY: as above.
    number(unsafe { judge::decide_with::<A, _>(judge, companions, window, observation) })
}

/// Takes the next frame, which `ae_sampler_copy_frame` gave, computes its features, and decides if it
/// ends a window; `frame_len` is the model's `frame`. Frames are given in their order. If one is left
/// out, both halves must be reset. A frame that gives an error does not count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_judge_take_frame(
    judge: *mut F32Judge,
    frame: *const i16,
    frame_len: usize,
    decision: *mut Decision,
) -> Error {
    let frame = Input { pointer: frame, count: frame_len };
    // SAFETY: as above.
    number(unsafe { judge::take_frame::<A, _>(judge, frame, decision) })
}

/// As `ae_f32_judge_take_frame`, with companions that see every window.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_judge_take_frame_with(
    judge: *mut F32Judge,
    companions: *mut Companions,
    frame: *const i16,
    frame_len: usize,
    observation: *mut Observation,
) -> Error {
    let frame = Input { pointer: frame, count: frame_len };
    // SAFETY: as above.
    number(unsafe { judge::take_frame_with::<A, _>(judge, companions, frame, observation) })
}

/// Forgets the windows so far: for a signal that was interrupted, or a window that was lost. The sampler
/// must forget, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_judge_reset(judge: *mut F32Judge) -> Error {
    // SAFETY: as above.
    number(unsafe { judge::reset::<A, _>(judge) })
}
