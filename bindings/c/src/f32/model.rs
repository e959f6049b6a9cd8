// Made of the same file of the int8 family by `cargo xtask c-library`; not to be edited.
//! The functions for f32 models.

#![allow(unsafe_code, reason = "pointers from C, and names that C finds")]

use super::A;
use crate::error::{Error, number};
use crate::memory::{Input, Output};
use crate::model::{self, Fault};
use crate::storage::{Companions, F32Model};

/// Reads and checks a blob in place. The blob must stay where it is and as it is while the model is
/// used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_load(
    model: *mut F32Model,
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
pub unsafe extern "C" fn ae_f32_encode(
    model: *const F32Model,
    pixels: *const u8,
    pixels_len: usize,
    latent: *mut f32,
    latent_len: usize,
    scratch: *mut f32,
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
pub unsafe extern "C" fn ae_f32_decode(
    model: *const F32Model,
    latent: *const f32,
    latent_len: usize,
    pixels: *mut u8,
    pixels_len: usize,
    scratch: *mut f32,
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
pub unsafe extern "C" fn ae_f32_reconstruct(
    model: *const F32Model,
    pixels: *const u8,
    reconstruction: *mut u8,
    pixels_len: usize,
    scratch: *mut f32,
    scratch_len: usize,
) -> Error {
    let pixels = Input { pointer: pixels, count: pixels_len };
    let reconstruction = Output { pointer: reconstruction, count: pixels_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { model::reconstruct::<A, _>(model, pixels, reconstruction, scratch) })
}

/// As `ae_f32_reconstruct`, and the squared error of the reconstruction, which is exact.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_score(
    model: *const F32Model,
    pixels: *const u8,
    reconstruction: *mut u8,
    pixels_len: usize,
    scratch: *mut f32,
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
pub unsafe extern "C" fn ae_f32_self_test(
    model: *const F32Model,
    pixels: *mut u8,
    pixels_len: usize,
    scratch: *mut f32,
    scratch_len: usize,
    fault: *mut Fault,
) -> Error {
    let pixels = Output { pointer: pixels, count: pixels_len };
    let scratch = Output { pointer: scratch, count: scratch_len };
    // SAFETY: as above.
    number(unsafe { model::self_test::<A, _>(model, pixels, scratch, fault) })
}

/// Gives companions a threshold for a machine or person that is none of the maker's groups: of a share
/// `group_ppm` of such ones, in parts per million, a higher one would be theirs. It takes the place of the
/// blob's threshold, until one is found in place. `AE_ERROR_TOO_FEW_GROUPS` says that the blob has the
/// thresholds of too few groups for the share.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_companions_by_groups(
    companions: *mut Companions,
    model: *const F32Model,
    group_ppm: u32,
) -> Error {
    // SAFETY: as above.
    number(unsafe { model::by_groups::<A, _>(companions, model, group_ppm) })
}

/// Writes what companions have learnt of a model's scores to `state`, for a memory that outlasts a reset.
/// `state_len` is `AE_COMPANIONS_STATE_LEN` of the plan. Save between two samples, and a checksum with it.
/// The samples and windows that a detector has are not among it, nor are channels that are stuck, which are
/// found anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_companions_save(
    companions: *const Companions,
    model: *const F32Model,
    state: *mut u8,
    state_len: usize,
) -> Error {
    let state = Output { pointer: state, count: state_len };
    // SAFETY: as above.
    number(unsafe { model::save::<A, _>(companions, model, state) })
}

/// Goes on with what `ae_f32_companions_save` wrote. The companions were begun with the same plan, and
/// given a threshold of groups as those were; channels that were passed over must be passed over again. If
/// the state is refused, they stay as they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_f32_companions_resume(
    companions: *mut Companions,
    model: *const F32Model,
    state: *const u8,
    state_len: usize,
) -> Error {
    let state = Input { pointer: state, count: state_len };
    // SAFETY: as above.
    number(unsafe { model::resume::<A, _>(companions, model, state) })
}
