//! The functions for int8 models.

#![allow(unsafe_code, reason = "pointers from C, and names that C finds")]

use ae_infer::Int8;

use crate::detector::{self, Decision};
use crate::error::{Error, number};
use crate::memory::{Input, Output};
use crate::model::{self, Fault};
use crate::storage::{Int8Detector, Int8Model};

/// The arithmetic.
type A = Int8<'static>;

/// Reads and checks a blob in place. The blob must stay where it is and as it is while the model is
/// used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_int8_load(
    model: *mut Int8Model,
    blob: *const u8,
    blob_len: usize,
) -> Error {
    let blob = Input { pointer: blob, count: blob_len };
    // SAFETY: the caller's word, here and below.
    number(unsafe { model::load::<A, _>(model, blob) })
}

/// Pixels to latent. `pixels_len` is the model's `features`, `latent_len` its `latent`, and
/// `scratch_len` at least its `encode_scratch`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_int8_encode(
    model: *const Int8Model,
    pixels: *const u8,
    pixels_len: usize,
    latent: *mut i8,
    latent_len: usize,
    scratch: *mut i8,
    scratch_len: usize,
) -> Error {
    let pixels = Input { pointer: pixels, count: pixels_len };
    let latent = Output { pointer: latent, count: latent_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { model::encode::<A, _>(model, pixels, latent, scratch) })
}

/// Latent to pixels. `latent_len` is the model's `latent`, `pixels_len` its `features`, and
/// `scratch_len` at least its `decode_scratch`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_int8_decode(
    model: *const Int8Model,
    latent: *const i8,
    latent_len: usize,
    pixels: *mut u8,
    pixels_len: usize,
    scratch: *mut i8,
    scratch_len: usize,
) -> Error {
    let latent = Input { pointer: latent, count: latent_len };
    let pixels = Output { pointer: pixels, count: pixels_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { model::decode::<A, _>(model, latent, pixels, scratch) })
}

/// Pixels to latent and back. `pixels` and `reconstruction` have `pixels_len` bytes each, the model's
/// `features`; `scratch_len` is at least its `scratch`. The latent is left at the front of `scratch`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_int8_reconstruct(
    model: *const Int8Model,
    pixels: *const u8,
    reconstruction: *mut u8,
    pixels_len: usize,
    scratch: *mut i8,
    scratch_len: usize,
) -> Error {
    let pixels = Input { pointer: pixels, count: pixels_len };
    let reconstruction = Output { pointer: reconstruction, count: pixels_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { model::reconstruct::<A, _>(model, pixels, reconstruction, scratch) })
}

/// As `ae_int8_reconstruct`, and the squared error of the reconstruction, which is exact.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_int8_score(
    model: *const Int8Model,
    pixels: *const u8,
    reconstruction: *mut u8,
    pixels_len: usize,
    scratch: *mut i8,
    scratch_len: usize,
    score: *mut u64,
) -> Error {
    let pixels = Input { pointer: pixels, count: pixels_len };
    let reconstruction = Output { pointer: reconstruction, count: pixels_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { model::score::<A, _>(model, pixels, reconstruction, scratch, score) })
}

/// Runs the blob's own test vector and compares the digest of every layer, in the halves that the blob
/// holds. `pixels` has the model's `features` bytes, and may be null with length 0 where there is no
/// decoder; `scratch_len` is at least its `scratch`. If the result is `AE_ERROR_SELF_TEST` and `fault`
/// is not null, it says which layer differs first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_int8_self_test(
    model: *const Int8Model,
    pixels: *mut u8,
    pixels_len: usize,
    scratch: *mut i8,
    scratch_len: usize,
    fault: *mut Fault,
) -> Error {
    let pixels = Output { pointer: pixels, count: pixels_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { model::self_test::<A, _>(model, pixels, scratch, fault) })
}

/// Makes a detector before its first sample. `window_len` is at least the model's `window`, and exactly
/// that where no features are computed of the signal; `reconstruction_len` is its `features`, and
/// `scratch_len` at least its `scratch`. The three buffers are the detector's while it is used. The
/// model is not needed after this; its blob is.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "three buffers, each with its length")]
pub unsafe extern "C" fn ae_int8_detector_begin(
    detector: *mut Int8Detector,
    model: *const Int8Model,
    window: *mut u8,
    window_len: usize,
    reconstruction: *mut u8,
    reconstruction_len: usize,
    scratch: *mut i8,
    scratch_len: usize,
) -> Error {
    let window = Output { pointer: window, count: window_len };
    let reconstruction = Output { pointer: reconstruction, count: reconstruction_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { detector::begin::<A, _, _>(detector, model, window, reconstruction, scratch) })
}

/// Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
/// and what the window is. A sample that gives an error is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_int8_detector_push_u8(
    detector: *mut Int8Detector,
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
pub unsafe extern "C" fn ae_int8_detector_push_i16(
    detector: *mut Int8Detector,
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
pub unsafe extern "C" fn ae_int8_detector_push_f32(
    detector: *mut Int8Detector,
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
pub unsafe extern "C" fn ae_int8_detector_reset(detector: *mut Int8Detector) -> Error {
    // SAFETY: as above.
    number(unsafe { detector::reset::<A, _>(detector) })
}
