//! The engine by the functions for C.

#![allow(unsafe_code, reason = "functions that take pointers")]

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;

use super::memory::{Along, Buffers, nothing, verdict};
use super::reader::{self, Case, Engine, Known, Verdict, flags};

const COUNTS: &[u8] = include_bytes!("../../../../tests/golden/tiny.counts.int8.aeb");

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
    ($name:ident, $element:ty, $model:ty, $detector:ty, $judge:ty, $load:ident, $self_test:ident,
     $encode:ident, $decode:ident, $score:ident, $begin:ident, $u8:ident, $i16:ident, $f32:ident,
     $u8_with:ident, $i16_with:ident, $f32_with:ident, $judge_begin:ident, $decide:ident,
     $decide_with:ident, $take_frame:ident, $take_frame_with:ident, $save:ident, $resume:ident) => {
        mod $name {
            use super::*;

            pub(crate) fn load(blob: &[u8]) -> MaybeUninit<$model> {
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

            /// Whole, and in two halves that are given the same.
            pub(crate) fn signal(blob: &[u8], case: &Case<'_>) -> Vec<Option<Verdict>> {
                let (model, sizes) = (load(blob), sizes(blob));
                let mut buffers = [Buffers::<$element>::new(&sizes), Buffers::new(&sizes)];
                let [(a, b, c), (d, e, f)] = buffers.each_mut().map(Buffers::places);
                let mut detector = MaybeUninit::<$detector>::uninit();
                let (mut judge, mut sampler) =
                    (MaybeUninit::<$judge>::uninit(), MaybeUninit::<Sampler>::uninit());
                let detector = detector.as_mut_ptr();
                let (judge, sampler, model) =
                    (judge.as_mut_ptr(), sampler.as_mut_ptr(), model.as_ptr());
                // SAFETY: the lengths are those of the buffers, which outlive the detector.
                let errors = unsafe {
                    [
                        $begin(detector, model, a.0, a.1, b.0, b.1, c.0, c.1),
                        $judge_begin(judge, sampler, model, d.0, d.1, e.0, e.1, f.0, f.1),
                    ]
                };
                assert_eq!(errors, [Error::Ok; 2]);
                let mut along = case.plan.as_ref().map(|plan| [Along::new(plan), Along::new(plan)]);
                let mut whole = vec![0_u8; sizes.features as usize];
                let mut frame = vec![0_i16; sizes.frame as usize];
                let mut say = |(at, (bytes, _)): (usize, &(&[u8], _))| {
                    if case.plan.as_ref().is_some_and(|it| it.constant == 0) && reader::is_saved(at)
                    {
                        along.iter_mut().flatten().for_each(|it| save_and_resume(it, model));
                    }
                    let along = along.as_mut().map(|two| two.each_mut().map(Along::place));
                    let (counts, values) = (reader::counts(bytes), reader::values(bytes));
                    let (x, y, z) = (bytes.as_ptr(), counts.as_ptr(), values.as_ptr());
                    let channels = sizes.channels as usize;
                    let mut is_whole = 0;
                    let (mut of, mut seen) = (nothing(), nothing());
                    // SAFETY: the lengths are those of the slices.
                    let errors = unsafe {
                        match (case.kind, along) {
                            (1, None) => [
                                $u8(detector, x, channels, &mut of.decision),
                                ae_sampler_push_u8(sampler, x, channels, &mut is_whole),
                            ],
                            (2, None) => [
                                $i16(detector, y, channels, &mut of.decision),
                                ae_sampler_push_i16(sampler, y, channels, &mut is_whole),
                            ],
                            (_, None) => [
                                $f32(detector, z, channels, &mut of.decision),
                                ae_sampler_push_f32(sampler, z, channels, &mut is_whole),
                            ],
                            (1, Some([with, _])) => [
                                $u8_with(detector, with, x, channels, &mut of),
                                ae_sampler_push_u8(sampler, x, channels, &mut is_whole),
                            ],
                            (2, Some([with, _])) => [
                                $i16_with(detector, with, y, channels, &mut of),
                                ae_sampler_push_i16(sampler, y, channels, &mut is_whole),
                            ],
                            (_, Some([with, _])) => [
                                $f32_with(detector, with, z, channels, &mut of),
                                ae_sampler_push_f32(sampler, z, channels, &mut is_whole),
                            ],
                        }
                    };
                    assert_eq!(errors, [Error::Ok; 2]);
                    if is_whole == 1 {
                        let (p, q) = (whole.as_mut_ptr(), whole.len());
                        let (r, s) = (frame.as_mut_ptr(), frame.len());
                        // SAFETY: the lengths are those of the slices.
                        let errors = unsafe {
                            match (s, along) {
                                (0, None) => [
                                    ae_sampler_copy_window(sampler, p, q),
                                    $decide(judge, p, q, &mut seen.decision),
                                ],
                                (0, Some([_, with])) => [
                                    ae_sampler_copy_window(sampler, p, q),
                                    $decide_with(judge, with, p, q, &mut seen),
                                ],
                                (_, None) => [
                                    ae_sampler_copy_frame(sampler, r, s),
                                    $take_frame(judge, r, s, &mut seen.decision),
                                ],
                                (_, Some([_, with])) => [
                                    ae_sampler_copy_frame(sampler, r, s),
                                    $take_frame_with(judge, with, r, s, &mut seen),
                                ],
                            }
                        };
                        assert_eq!(errors, [Error::Ok; 2]);
                    }
                    assert_eq!(of, seen, "in one, and in two halves");
                    verdict(&of, along.is_some())
                };
                case.samples.iter().enumerate().map(&mut say).collect()
            }

            pub(crate) fn save_and_resume(along: &mut Along, model: *const $model) {
                let state = along.save(|companions, (place, len)| {
                    // SAFETY: all of it is there.
                    unsafe { $save(companions, model, place, len) }
                });
                along.begin_anew();
                let (place, len) = (state.as_ptr(), state.len());
                // SAFETY: all of it is there.
                let error = unsafe { $resume(along.place(), model, place, len) };
                assert_eq!(error, Error::Ok);
            }
        }
    };
}

family!(
    int8,
    i8,
    Int8Model,
    Int8Detector,
    Int8Judge,
    ae_int8_load,
    ae_int8_self_test,
    ae_int8_encode,
    ae_int8_decode,
    ae_int8_score,
    ae_int8_detector_begin,
    ae_int8_detector_push_u8,
    ae_int8_detector_push_i16,
    ae_int8_detector_push_f32,
    ae_int8_detector_push_u8_with,
    ae_int8_detector_push_i16_with,
    ae_int8_detector_push_f32_with,
    ae_int8_judge_begin,
    ae_int8_judge_decide,
    ae_int8_judge_decide_with,
    ae_int8_judge_take_frame,
    ae_int8_judge_take_frame_with,
    ae_int8_companions_save,
    ae_int8_companions_resume
);
family!(
    f32,
    f32,
    F32Model,
    F32Detector,
    F32Judge,
    ae_f32_load,
    ae_f32_self_test,
    ae_f32_encode,
    ae_f32_decode,
    ae_f32_score,
    ae_f32_detector_begin,
    ae_f32_detector_push_u8,
    ae_f32_detector_push_i16,
    ae_f32_detector_push_f32,
    ae_f32_detector_push_u8_with,
    ae_f32_detector_push_i16_with,
    ae_f32_detector_push_f32_with,
    ae_f32_judge_begin,
    ae_f32_judge_decide,
    ae_f32_judge_decide_with,
    ae_f32_judge_take_frame,
    ae_f32_judge_take_frame_with,
    ae_f32_companions_save,
    ae_f32_companions_resume
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

    fn scores(&self, plan: &ae_testkit::oracle::companions::Plan, scores: &[u64]) -> Known {
        // Whose scores these are does not matter.
        let model = int8::load(COUNTS);
        let mut along = Along::new(plan);
        let place = along.place();
        let learnt = || {
            let mut learnt = MaybeUninit::uninit();
            // SAFETY: the companions were filled.
            assert_eq!(unsafe { ae_companions_learnt(place, learnt.as_mut_ptr()) }, Error::Ok);
            // SAFETY: without an error it was written.
            let found: Learnt = unsafe { learnt.assume_init() };
            found
        };
        let take = |(at, &score): (usize, &u64)| {
            if reader::is_saved(at) {
                int8::save_and_resume(&mut along, model.as_ptr());
            }
            // SAFETY: as above.
            assert_eq!(unsafe { ae_companions_take(place, score) }, Error::Ok);
            let Learnt { has_threshold, has_low_bound, has_drifted, .. } = learnt();
            flags([has_threshold, has_low_bound, has_drifted].map(|it| it == 1))
        };
        (scores.iter().enumerate().map(take).collect(), learnt().threshold, learnt().low_bound)
    }
}
