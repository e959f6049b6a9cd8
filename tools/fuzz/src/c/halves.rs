//! A detector in two halves, and one with companions: both give what the engine's gives, or an error.

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;
use ae_core::SampleKind;
use ae_infer::{Autoencoder, Detector};
use ae_testkit::random::SplitMix64;

use super::along::{self, Along};
use super::saved::save_and_resume;
use super::{Places, Spoilt, buffer};
use crate::family::{Family, Functions, Struct};
use crate::source::Source;
use crate::subject::Subject;

/// What the functions of a half say of a sample.
type Seen = MaybeUninit<Observation>;

/// A detector of counts, in one with companions and in two halves with companions of the same plan, or
/// without any; the buffers of the halves may be spoilt.
pub(super) fn call<'a, A: Subject<'a> + Family<E = <A as ae_core::Arithmetic<'a>>::Element>>(
    direct: &Autoencoder<'a, A>,
    functions: &Functions<A::Element>,
    model: *mut u8,
    places: &Places,
    input: &mut Source<'_>,
) {
    let header = *direct.model().header();
    let features = header.features as usize;
    let Ok(Some(section)) = direct.model().detection() else { return };
    let (len, frame) = (section.window_len(features), section.features.map(|it| it.frame_values()));
    if len > 1 << 16 || section.kind() != SampleKind::Counts {
        return;
    }
    let mut buffers: [(Vec<u8>, Vec<u8>); 3] =
        std::array::from_fn(|_| (buffer(len), buffer(features)));
    let mut scratches: [Vec<A::Element>; 3] = std::array::from_fn(|_| buffer(header.scratch_len()));
    let [(w0, r0), (w1, r1), (w2, r2)] = &mut buffers;
    let [s0, s1, s2] = &mut scratches;
    let Ok(mut expected) = Detector::new(*direct, w0, r0, s0) else { return };
    let mut held = Struct::garbage::<Int8Detector>(input.byte());
    let held = held.pointer();
    // SAFETY: the lengths are those of the buffers, which outlive the detector.
    let begun = unsafe {
        let (a, b, c) = (w1.as_mut_ptr(), r1.as_mut_ptr(), s1.as_mut_ptr());
        (functions.begin)(held, model, a, w1.len(), b, r1.len(), c, s1.len())
    };
    assert_eq!(begun, Error::Ok);

    let mut judge = Struct::garbage::<Int8Judge>(input.byte());
    let mut sampler = Struct::garbage::<Sampler>(input.byte());
    let (judge, sampler) = (judge.pointer(), sampler.pointer());
    // SAFETY: the structs are there, and nothing filled them.
    let empty = unsafe { [(functions.judge_reset)(judge), ae_sampler_reset(sampler.cast())] };
    assert_eq!(empty, [Error::NotLoaded; 2]);
    let which = input.below(3);
    let spoilt = if input.below(2) == 0 { Spoilt::read(input) } else { Spoilt::Not };
    let of = |at: usize| if at == which { spoilt } else { Spoilt::Not };
    let (a, b) = of(0).of(w2.as_mut_ptr(), w2.len(), places);
    let (c, d) = of(1).of(r2.as_mut_ptr(), r2.len(), places);
    let (e, f) = of(2).of(s2.as_mut_ptr(), s2.len(), places);
    // SAFETY: what is not spoilt is there and outlives the halves, and what is spoilt is refused.
    let found = unsafe { (functions.judge_begin)(judge, sampler, model, a, b, c, d, e, f) };
    if spoilt != Spoilt::Not {
        let nothing = which == 2 && header.scratch_len() == 0;
        assert!(nothing || found != Error::Ok, "argument {which}: {spoilt:?} is taken");
        return;
    }
    assert_eq!(found, Error::Ok);

    let mut plan = input.clone();
    let (one, two) = (along::begin(input), along::begin(&mut plan));
    let mut company = one.zip(two);
    let mut whole = Whole { window: buffer(features), frame: buffer(frame.unwrap_or(0)) };
    let channels = expected.channels();
    let random = &mut SplitMix64::new(input.byte().into());
    for _ in 0..input.below(48) {
        if let Some((one, two)) = &mut company
            && input.below(8) == 0
        {
            save_and_resume(&mut [one, two], functions, model, header.model_id, places, input);
        }
        let sample: Vec<i16> = (0..channels).map(|_| random.bits() as i16).collect();
        let told = match &mut company {
            Some((one, _)) => {
                let seen = expected.push_with(&sample, &mut one.direct).expect("a sample");
                seen.map_or_else(nothing, Observation::from)
            }
            None => {
                let decision = expected.push(&sample).expect("a sample");
                let decision = decision.map_or_else(|| nothing().decision, Decision::from);
                Observation { decision, ..nothing() }
            }
        };
        let in_one = match &mut company {
            Some((one, _)) => {
                let mut seen = Seen::uninit();
                let (p, n) = (sample.as_ptr(), sample.len());
                // SAFETY: all of it is there.
                let error = unsafe {
                    (functions.push_i16_with)(held, one.pointer(), p, n, seen.as_mut_ptr())
                };
                assert_eq!(error, Error::Ok);
                // SAFETY: without an error it was written.
                unsafe { seen.assume_init() }
            }
            None => told,
        };
        assert_eq!(in_one, told, "with companions");
        let company = company.as_mut().map(|(_, two)| two);
        let in_two = in_halves(functions, judge, sampler, &sample, &mut whole, company, input);
        assert_eq!(in_two, told, "in two halves");
    }
}

/// What a sampler hands to a judge.
struct Whole {
    window: Vec<u8>,
    frame: Vec<i16>,
}

/// Pushes to the sampler, and asks the judge where there is something whole: first with an argument that
/// may be spoilt, which changes nothing.
fn in_halves<E>(
    functions: &Functions<E>,
    judge: *mut u8,
    sampler: *mut u8,
    sample: &[i16],
    whole: &mut Whole,
    company: Option<&mut Along>,
    input: &mut Source<'_>,
) -> Observation {
    let places = Places { model: sampler.cast(), blob: judge.cast_const() };
    let mut is_whole = 0;
    let (p, n) = (sample.as_ptr(), sample.len());
    // SAFETY: all of it is there.
    let error = unsafe { ae_sampler_push_i16(sampler.cast(), p, n, &mut is_whole) };
    assert_eq!(error, Error::Ok);
    if is_whole == 0 {
        return nothing();
    }
    let has_frames = !whole.frame.is_empty();
    let (w, l) = (whole.window.as_mut_ptr(), whole.window.len());
    let (r, k) = (whole.frame.as_mut_ptr(), whole.frame.len());
    let spoilt = Spoilt::read(input);
    let mut seen = Seen::uninit();
    let with = company.map_or(ptr::null_mut(), Along::pointer);
    if spoilt != Spoilt::Not {
        let ((a, b), (c, d)) = (spoilt.of(w, l, &places), spoilt.of(r, k, &places));
        // SAFETY: what is spoilt is refused.
        let errors = unsafe {
            let given = seen.as_mut_ptr();
            if has_frames {
                let copied = match spoilt {
                    // The sampler writes to no judge, and knows of none.
                    Spoilt::Blob => Error::Overlap,
                    _ => ae_sampler_copy_frame(sampler.cast(), c, d),
                };
                let taken = match spoilt {
                    Spoilt::Model => Error::Overlap,
                    _ => (functions.take_frame)(judge, c, d, given.cast()),
                };
                [copied, taken]
            } else {
                let copied = match spoilt {
                    Spoilt::Blob => Error::Overlap,
                    _ => ae_sampler_copy_window(sampler.cast(), a, b),
                };
                let taken = match spoilt {
                    Spoilt::Model => Error::Overlap,
                    _ => (functions.decide)(judge, a, b, given.cast()),
                };
                [copied, taken]
            }
        };
        assert!(errors.iter().all(|error| *error != Error::Ok), "{spoilt:?} is taken");
    }
    // SAFETY: all of it is there.
    let errors = unsafe {
        let given = seen.as_mut_ptr();
        given.write(nothing());
        let decision = given.cast::<Decision>();
        match (has_frames, with.is_null()) {
            (true, true) => [
                ae_sampler_copy_frame(sampler.cast(), r, k),
                (functions.take_frame)(judge, r, k, decision),
            ],
            (true, false) => [
                ae_sampler_copy_frame(sampler.cast(), r, k),
                (functions.take_frame_with)(judge, with, r, k, given),
            ],
            (false, true) => [
                ae_sampler_copy_window(sampler.cast(), w, l),
                (functions.decide)(judge, w, l, decision),
            ],
            (false, false) => [
                ae_sampler_copy_window(sampler.cast(), w, l),
                (functions.decide_with)(judge, with, w, l, given),
            ],
        }
    };
    assert_eq!(errors, [Error::Ok; 2]);
    // SAFETY: it was written.
    unsafe { seen.assume_init() }
}

/// What is said where no window ends.
fn nothing() -> Observation {
    let decision =
        Decision { score: 0, threshold: 0, channel_score: 0, channel: 0, verdict: Verdict::None };
    Observation {
        decision,
        source: ThresholdSource::Blob,
        is_low: 0,
        is_constant: 0,
        constant: 0,
        has_drifted: 0,
    }
}
