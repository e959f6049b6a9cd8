//! Companions and a detector in two halves: what C may hand over by mistake is refused by its own error.

#![allow(unsafe_code, reason = "functions that take pointers")]

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;

const COUNTS: &[u8] = include_bytes!("../../../tests/golden/tiny.counts.int8.aeb");
const GROUPS: &[u8] = include_bytes!("../../../tests/golden/tiny.groups.int8.aeb");
const FEATURES: &[u8] = include_bytes!("../../../tests/golden/tiny.features.int8.aeb");

const PLAN: Plan = Plan {
    scores: 19,
    alarm_ppm: 100_000,
    is_silent: 0,
    is_at_least_blob: 0,
    low_ppm: 50_000,
    drift_ppm: 10_000,
    drift_seed: 0,
    constant: 3,
};

/// Companions in buffers of these lengths.
fn begin(companions: *mut Companions, plan: &Plan, kept: &mut [u64], low: &mut [u64]) -> Error {
    // They stay for as long as the companions may.
    let runs = Box::leak(Box::new([0_u16; 2]));
    let ((a, b), (c, d)) = ((kept.as_mut_ptr(), kept.len()), (low.as_mut_ptr(), low.len()));
    // SAFETY: the lengths are those of the slices, which the tests keep.
    unsafe { ae_companions_begin(companions, plan, a, b, c, d, runs.as_mut_ptr(), 2) }
}

#[test]
fn plans_and_buffers() {
    let mut all = MaybeUninit::<Companions>::uninit();
    let (all, mut kept, mut low) = (all.as_mut_ptr(), [0; 2], [0; 1]);
    for rate in [1_000_000, u32::MAX] {
        let wrong = [
            Plan { alarm_ppm: rate, ..PLAN },
            Plan { low_ppm: rate, ..PLAN },
            Plan { drift_ppm: rate, ..PLAN },
        ];
        for plan in wrong {
            assert_eq!(begin(all, &plan, &mut kept, &mut low), Error::AlarmRate);
        }
    }
    let few = Plan { scores: 8, ..PLAN };
    assert_eq!(begin(all, &few, &mut kept, &mut low), Error::TooFewScores);
    assert_eq!(begin(all, &PLAN, &mut kept[..1], &mut low), Error::Kept);
    assert_eq!(begin(all, &PLAN, &mut kept, &mut []), Error::Kept);
    // SAFETY: what failed left nothing, and null is refused.
    unsafe {
        assert_eq!(ae_companions_take(all, 1), Error::NotLoaded);
        assert_eq!(ae_companions_take(ptr::null_mut(), 1), Error::Null);
        let (a, b) = (kept.as_mut_ptr(), low.as_mut_ptr());
        let none = ptr::null_mut();
        assert_eq!(ae_companions_begin(all, ptr::null(), a, 2, b, 1, none, 0), Error::Null);
        assert_eq!(ae_companions_begin(all, &PLAN, a, 2, a, 1, none, 0), Error::Overlap);
        assert_eq!(ae_companions_begin(all, &PLAN, all.cast(), 2, b, 1, none, 0), Error::Overlap);
        assert_eq!(ae_companions_begin(all, &PLAN, a, usize::MAX, b, 1, none, 0), Error::Length);
        assert_eq!(ae_companions_begin(all, &PLAN, none.cast(), 2, b, 1, none, 0), Error::Null);
    }
    assert_eq!(begin(all, &PLAN, &mut kept, &mut low), Error::Ok);
    assert_eq!((ae_calibration_len(19, 100_000), ae_calibration_len(8, 100_000)), (2, 0));
}

#[test]
fn a_threshold_is_learnt_and_told() {
    let mut all = MaybeUninit::<Companions>::uninit();
    let (all, mut kept, mut low) = (all.as_mut_ptr(), [7; 2], [7; 1]);
    assert_eq!(begin(all, &PLAN, &mut kept, &mut low), Error::Ok);
    let mut learnt = MaybeUninit::<Learnt>::uninit();
    // SAFETY: all of it is there.
    let learnt = unsafe {
        for score in 1..=19 {
            assert_eq!(ae_companions_take(all, score), Error::Ok);
        }
        assert_eq!(ae_companions_learnt(all, ptr::null_mut()), Error::Null);
        assert_eq!(ae_companions_learnt(all, all.cast()), Error::Overlap);
        assert_eq!(ae_companions_learnt(all, learnt.as_mut_ptr()), Error::Ok);
        learnt.assume_init()
    };
    // The 18th and the first of 19.
    assert_eq!((learnt.threshold, learnt.low_bound, learnt.taken), (18, 1, 19));
}

#[test]
fn the_threshold_of_the_makers_groups() {
    let mut all = MaybeUninit::<Companions>::uninit();
    let (all, mut kept, mut low) = (all.as_mut_ptr(), [0; 2], [0; 1]);
    assert_eq!(begin(all, &PLAN, &mut kept, &mut low), Error::Ok);
    let [mut groups, mut none] = [(); 2].map(|()| MaybeUninit::<Int8Model>::uninit());
    let (groups, none) = (groups.as_mut_ptr(), none.as_mut_ptr());
    let mut detector = MaybeUninit::<Int8Detector>::uninit();
    let detector = detector.as_mut_ptr();
    let (mut window, mut out, mut scratch) = ([0_u8; 4], [0_u8; 4], [0_i8; 5]);
    let mut seen = MaybeUninit::<Observation>::uninit();
    // SAFETY: all of it is there, or is refused.
    unsafe {
        assert_eq!(ae_int8_load(groups, GROUPS.as_ptr(), GROUPS.len()), Error::Ok);
        assert_eq!(ae_int8_load(none, COUNTS.as_ptr(), COUNTS.len()), Error::Ok);
        for (model, share, error) in [
            (groups, 0, Error::AlarmRate),
            (groups, 1_000_000, Error::AlarmRate),
            (groups, 199_999, Error::TooFewGroups),
            (none, 200_000, Error::TooFewGroups),
            (ptr::null_mut(), 200_000, Error::Null),
            (all.cast(), 200_000, Error::NotLoaded),
        ] {
            assert_eq!(ae_int8_companions_by_groups(all, model, share), error, "{share}");
        }
        assert_eq!(ae_int8_companions_by_groups(ptr::null_mut(), groups, 200_000), Error::Null);
        assert_eq!(ae_int8_companions_by_groups(all, groups, 200_000), Error::Ok);
        let (window, out, scratch) = (window.as_mut_ptr(), out.as_mut_ptr(), scratch.as_mut_ptr());
        let begun = ae_int8_detector_begin(detector, groups, window, 4, out, 4, scratch, 5);
        assert_eq!(begun, Error::Ok);
        for _ in 0..2 {
            let (sample, given) = ([120_i16, -40], seen.as_mut_ptr());
            let pushed = ae_int8_detector_push_i16_with(detector, all, sample.as_ptr(), 2, given);
            assert_eq!(pushed, Error::Ok);
        }
        let seen = seen.assume_init();
        // Of four groups the highest.
        assert_eq!(seen.source, ThresholdSource::Groups);
        assert_eq!(seen.decision.threshold, 1_500_000);
    }
}

#[test]
fn halves_of_a_detector() {
    for (blob, has_frames) in [(COUNTS, false), (FEATURES, true)] {
        let (mut model, mut sizes) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        // SAFETY: the lengths are those of the slices, which are there for ever.
        let sizes: Sizes = unsafe {
            let (place, len) = (blob.as_ptr(), blob.len());
            assert_eq!(ae_int8_load(model.as_mut_ptr(), place, len), Error::Ok);
            assert_eq!(ae_sizes_of(place, len, sizes.as_mut_ptr()), Error::Ok);
            sizes.assume_init()
        };
        assert_eq!(sizes.frame > 0, has_frames);
        let (mut window, mut out) = (vec![0; sizes.window as usize], vec![0; 4]);
        let mut scratch = vec![0_i8; sizes.scratch as usize];
        // The stack may still hold those of the turn before.
        let (mut judge, mut sampler) = (MaybeUninit::zeroed(), MaybeUninit::zeroed());
        let (judge, sampler): (*mut Int8Judge, *mut Sampler) =
            (judge.as_mut_ptr(), sampler.as_mut_ptr());
        let mut decision = MaybeUninit::<Decision>::uninit();
        let given = decision.as_mut_ptr();
        let (mut whole, mut frame) = ([0_u8; 4], vec![0_i16; 32]);
        let channels = sizes.channels as usize;
        let mut is_whole = 0;
        // SAFETY: all of it is there, or is refused.
        unsafe {
            let (a, b) = (window.as_mut_ptr(), window.len());
            let (c, d) = (scratch.as_mut_ptr(), scratch.len());
            let (model, out) = (model.as_ptr(), out.as_mut_ptr());
            let begin =
                |sampler, out| ae_int8_judge_begin(judge, sampler, model, a, b, out, 4, c, d);
            assert_eq!(begin(judge.cast(), out), Error::Overlap);
            assert_eq!(begin(sampler, a), Error::Overlap);
            assert_eq!(begin(ptr::null_mut(), out), Error::Null);
            assert_eq!(ae_int8_judge_reset(judge), Error::NotLoaded);
            assert_eq!(ae_sampler_reset(sampler), Error::NotLoaded);
            assert_eq!(begin(sampler, out), Error::Ok);

            // One is not taken for the other.
            assert_eq!(ae_sampler_reset(judge.cast()), Error::NotLoaded);
            assert_eq!(ae_int8_detector_reset(judge.cast()), Error::NotLoaded);
            let sample = [120_i16, -40];
            let push =
                |channels, told| ae_sampler_push_i16(sampler, sample.as_ptr(), channels, told);
            assert_eq!(push(channels + 1, &mut is_whole), Error::Channels);
            assert_eq!(push(channels, ptr::null_mut()), Error::Null);
            assert_eq!(push(channels, sampler.cast()), Error::Overlap);
            let of_floats =
                ae_sampler_push_f32(sampler, [0.0; 2].as_ptr(), channels, &mut is_whole);
            assert_eq!(of_floats, Error::SampleType);
            assert_eq!(push(channels, &mut is_whole), Error::Ok);

            // The judge reads no window where the sampler writes it.
            assert_eq!(ae_int8_judge_decide(judge, a, 4, given), Error::Overlap);
            assert_eq!(ae_int8_judge_decide(judge, whole.as_ptr(), 3, given), Error::Pixels);
            let short = ae_int8_judge_take_frame(judge, frame.as_ptr(), 31, given);
            assert_eq!(short, if has_frames { Error::Frame } else { Error::NoFeatures });
            let whole_frame = ae_sampler_copy_frame(sampler, frame.as_mut_ptr(), 32);
            assert_eq!(whole_frame, if has_frames { Error::Ok } else { Error::NoFeatures });
            assert_eq!(ae_sampler_copy_window(sampler, a, 4), Error::Overlap);
            assert_eq!(ae_sampler_copy_window(sampler, whole.as_mut_ptr(), 5), Error::Pixels);
            let mut all = MaybeUninit::<Companions>::uninit();
            let all = all.as_mut_ptr();
            let mut seen = MaybeUninit::<Observation>::uninit();
            let seen = seen.as_mut_ptr();
            let decide = |all| ae_int8_judge_decide_with(judge, all, whole.as_ptr(), 4, seen);
            assert_eq!(decide(ptr::null_mut()), Error::Null);
            assert_eq!(decide(all), Error::NotLoaded);
        }
    }
}

#[test]
fn pointers_that_were_well_are_looked_at_again_where_something_has_begun_anew() {
    /// The window, which may also be a sample, scores, or what is said.
    #[repr(align(8))]
    struct Memory([u8; 64]);
    let mut memory = Memory([0; 64]);
    let place = memory.0.as_mut_ptr();
    let model = {
        let mut model = MaybeUninit::<Int8Model>::uninit();
        // SAFETY: the length is that of the slice, which is there for ever.
        let error = unsafe { ae_int8_load(model.as_mut_ptr(), COUNTS.as_ptr(), COUNTS.len()) };
        assert_eq!(error, Error::Ok);
        model
    };
    let (mut window, mut out, mut scratch) = ([0_u8; 4], [0_u8; 4], [0_i8; 5]);
    let mut detector = MaybeUninit::<Int8Detector>::zeroed();
    let detector = detector.as_mut_ptr();
    let (mut one, mut two) = (MaybeUninit::<Companions>::uninit(), MaybeUninit::uninit());
    let (one, two): (*mut Companions, *mut Companions) = (one.as_mut_ptr(), two.as_mut_ptr());
    let (mut kept, mut low) = ([0_u64; 4], [0_u64; 2]);
    // On the boundary of counts, and on none of reals.
    let sample = place.wrapping_add(2).cast::<i16>().cast_const();
    let mut seen = MaybeUninit::<Observation>::uninit();
    let seen = seen.as_mut_ptr();
    let mut runs = [0_u16; 4];
    let (a, b, c, r) =
        (kept.as_mut_ptr(), low.as_mut_ptr(), scratch.as_mut_ptr(), runs.as_mut_ptr());
    let (window, out) = (window.as_mut_ptr(), out.as_mut_ptr());
    // SAFETY: all of it is there, or is refused.
    unsafe {
        let begin = |window| {
            let (model, len) = (model.as_ptr(), 4);
            ae_int8_detector_begin(detector, model, window, len, out, len, c, 5)
        };
        let accompany = |all, kept| {
            // The first ones' and the others'.
            let at = usize::from(all == two);
            ae_companions_begin(all, &PLAN, kept, 2, b.add(at), 1, r.add(2 * at), 2)
        };
        let push = || ae_int8_detector_push_i16(detector, sample, 2, seen.cast());
        let push_with = |all| ae_int8_detector_push_i16_with(detector, all, sample, 2, seen);
        let well = |error| assert_eq!(error, Error::Ok);
        well(begin(window));
        well(accompany(one, a));
        for _ in 0..3 {
            well(push());
            well(push_with(one));
        }
        // More values, and values of another type, are others although they begin in the same place.
        assert_eq!(ae_int8_detector_push_i16(detector, sample, 3, seen.cast()), Error::Channels);
        well(push());
        let of_floats = ae_int8_detector_push_f32(detector, sample.cast(), 2, seen.cast());
        assert_eq!(of_floats, Error::Misaligned);
        well(push_with(one));
        // The window is where samples come.
        well(begin(place));
        assert_eq!([push(), push_with(one)], [Error::Overlap; 2]);
        well(begin(window));
        well(push_with(one));
        // Scores are kept where samples come.
        well(accompany(one, place.cast()));
        assert_eq!(push_with(one), Error::Overlap);
        well(push());
        well(accompany(one, a));
        well(push_with(one));
        // Others keep their scores over what is said.
        well(accompany(two, seen.cast()));
        assert_eq!(push_with(two), Error::Overlap);
        well(push_with(one));
        // Behind others the first ones are looked at again.
        well(accompany(two, place.add(16).cast()));
        well(push_with(two));
        well(accompany(one, place.cast()));
        assert_eq!(push_with(one), Error::Overlap);
        well(push_with(two));
        assert_eq!(push_with(ptr::null_mut()), Error::Null);
    }
}
