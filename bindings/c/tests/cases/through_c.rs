//! The engine by the functions for C.

#![allow(unsafe_code, reason = "functions that take pointers")]

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;

use super::reader::{self, Case, Engine, Verdict};

pub(crate) struct ThroughC;

fn sizes(blob: &[u8]) -> Sizes {
    let mut sizes = MaybeUninit::uninit();
    // SAFETY: the lengths are those of the slices.
    let error = unsafe { ae_sizes_of(blob.as_ptr(), blob.len(), sizes.as_mut_ptr()) };
    assert_eq!(error, Error::Ok);
    // SAFETY: without an error it was written.
    unsafe { sizes.assume_init() }
}

/// What both families do, in the functions of one.
macro_rules! family {
    ($name:ident, $element:ty, $model:ty, $detector:ty, $load:ident, $self_test:ident, $encode:ident,
     $decode:ident, $score:ident, $begin:ident, $u8:ident, $i16:ident, $f32:ident) => {
        mod $name {
            use super::*;

            fn load(blob: &[u8]) -> MaybeUninit<$model> {
                let mut model = MaybeUninit::uninit();
                // SAFETY: the lengths are those of the slices, and the blob outlives the model.
                let error = unsafe { $load(model.as_mut_ptr(), blob.as_ptr(), blob.len()) };
                assert_eq!(error, Error::Ok);
                model
            }

            pub(crate) fn image(blob: &[u8], pixels: &[u8]) -> (Vec<u8>, Vec<u8>, u64) {
                let (model, sizes) = (load(blob), sizes(blob));
                let mut latent = vec![<$element>::default(); sizes.latent as usize];
                let mut scratch = vec![<$element>::default(); sizes.scratch as usize];
                let (mut out, mut again) = (vec![0; pixels.len()], vec![0; pixels.len()]);
                let (model, len, mut score) = (model.as_ptr(), pixels.len(), 0);
                let room = (scratch.as_mut_ptr(), scratch.len());
                // SAFETY: the lengths are those of the slices.
                let errors = unsafe {
                    [
                        $self_test(model, out.as_mut_ptr(), len, room.0, room.1, ptr::null_mut()),
                        $encode(
                            model,
                            pixels.as_ptr(),
                            len,
                            latent.as_mut_ptr(),
                            latent.len(),
                            room.0,
                            room.1,
                        ),
                        $decode(
                            model,
                            latent.as_ptr(),
                            latent.len(),
                            again.as_mut_ptr(),
                            len,
                            room.0,
                            room.1,
                        ),
                        $score(
                            model,
                            pixels.as_ptr(),
                            out.as_mut_ptr(),
                            len,
                            room.0,
                            room.1,
                            &mut score,
                        ),
                    ]
                };
                assert_eq!(errors, [Error::Ok; 4]);
                assert_eq!(out, again);
                (latent.iter().flat_map(|it| it.to_le_bytes()).collect(), out, score)
            }

            pub(crate) fn signal(blob: &[u8], case: &Case<'_>) -> Vec<Option<Verdict>> {
                let (model, sizes) = (load(blob), sizes(blob));
                let mut window = vec![0; sizes.window as usize];
                let mut out = vec![0; sizes.features as usize];
                let mut scratch = vec![<$element>::default(); sizes.scratch as usize];
                let mut detector = MaybeUninit::<$detector>::uninit();
                // SAFETY: the lengths are those of the slices, which outlive the detector.
                let error = unsafe {
                    $begin(
                        detector.as_mut_ptr(),
                        model.as_ptr(),
                        window.as_mut_ptr(),
                        window.len(),
                        out.as_mut_ptr(),
                        out.len(),
                        scratch.as_mut_ptr(),
                        scratch.len(),
                    )
                };
                assert_eq!(error, Error::Ok);
                let detector = detector.as_mut_ptr();
                let push = |(bytes, _): &(&[u8], _)| {
                    let mut decision = MaybeUninit::uninit();
                    let given = decision.as_mut_ptr();
                    let (counts, values) = (reader::counts(bytes), reader::values(bytes));
                    // SAFETY: the lengths are those of the slices.
                    let error = unsafe {
                        match case.kind {
                            1 => $u8(detector, bytes.as_ptr(), bytes.len(), given),
                            2 => $i16(detector, counts.as_ptr(), counts.len(), given),
                            _ => $f32(detector, values.as_ptr(), values.len(), given),
                        }
                    };
                    assert_eq!(error, Error::Ok);
                    // SAFETY: without an error it was written.
                    let decision: Decision = unsafe { decision.assume_init() };
                    let Decision { score, channel_score, channel, verdict, .. } = decision;
                    let alarm = verdict == ae_c::Verdict::Alarm;
                    (verdict != ae_c::Verdict::None).then_some(Verdict {
                        alarm,
                        channel,
                        score,
                        channel_score,
                    })
                };
                case.samples.iter().map(push).collect()
            }
        }
    };
}

family!(
    int8,
    i8,
    Int8Model,
    Int8Detector,
    ae_int8_load,
    ae_int8_self_test,
    ae_int8_encode,
    ae_int8_decode,
    ae_int8_score,
    ae_int8_detector_begin,
    ae_int8_detector_push_u8,
    ae_int8_detector_push_i16,
    ae_int8_detector_push_f32
);
family!(
    f32,
    f32,
    F32Model,
    F32Detector,
    ae_f32_load,
    ae_f32_self_test,
    ae_f32_encode,
    ae_f32_decode,
    ae_f32_score,
    ae_f32_detector_begin,
    ae_f32_detector_push_u8,
    ae_f32_detector_push_i16,
    ae_f32_detector_push_f32
);

impl Engine for ThroughC {
    fn image(&self, blob: &[u8], pixels: &[u8]) -> (Vec<u8>, Vec<u8>, u64) {
        match sizes(blob).contract {
            Contract::Int8 => int8::image(blob, pixels),
            Contract::F32 => f32::image(blob, pixels),
        }
    }

    fn signal(&self, blob: &[u8], case: &Case<'_>) -> Vec<Option<Verdict>> {
        match sizes(blob).contract {
            Contract::Int8 => int8::signal(blob, case),
            Contract::F32 => f32::signal(blob, case),
        }
    }
}
