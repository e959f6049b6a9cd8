//! What functions for C are given: buffers, companions, and places for what they say.

#![allow(unsafe_code, reason = "functions that take pointers")]

use std::mem::MaybeUninit;

use ae_c::*;

use super::reader::{Beside, Verdict, flags};

/// Buffers of a detector.
pub(super) struct Buffers<E> {
    window: Vec<u8>,
    reconstruction: Vec<u8>,
    scratch: Vec<E>,
}

/// A buffer for C.
pub(super) type Place<E> = (*mut E, usize);

impl<E: Default + Clone> Buffers<E> {
    pub(super) fn new(sizes: &Sizes) -> Self {
        Self {
            window: vec![0; sizes.window as usize],
            reconstruction: vec![0; sizes.features as usize],
            scratch: vec![E::default(); sizes.scratch as usize],
        }
    }

    pub(super) fn places(&mut self) -> (Place<u8>, Place<u8>, Place<E>) {
        let Self { window, reconstruction, scratch } = self;
        (
            (window.as_mut_ptr(), window.len()),
            (reconstruction.as_mut_ptr(), reconstruction.len()),
            (scratch.as_mut_ptr(), scratch.len()),
        )
    }
}

/// Companions and their buffers.
pub(super) struct Along {
    plan: ae_testkit::oracle::companions::Plan,
    companions: MaybeUninit<Companions>,
    // In boxes, for they must stay where they are.
    _kept: [Box<[u64]>; 2],
    _runs: Box<[u16]>,
}

impl Along {
    pub(super) fn new(plan: &ae_testkit::oracle::companions::Plan) -> Self {
        let of = Plan {
            scores: plan.scores,
            alarm_ppm: plan.alarm_ppm,
            is_silent: plan.is_silent.into(),
            is_at_least_blob: plan.is_at_least_blob.into(),
            low_ppm: plan.low_ppm,
            drift_ppm: plan.drift_ppm,
            drift_seed: plan.drift_seed,
            constant: plan.constant as u8,
        };
        let len = |ppm| ae_calibration_len(plan.scores, ppm);
        // What is in them does not matter.
        let mut kept =
            [plan.alarm_ppm, plan.low_ppm].map(|ppm| vec![9; len(ppm)].into_boxed_slice());
        let mut runs = vec![9; 64].into_boxed_slice();
        let mut companions = MaybeUninit::uninit();
        let [low, high] = &mut kept;
        let ((a, b), (c, d)) = ((low.as_mut_ptr(), low.len()), (high.as_mut_ptr(), high.len()));
        let (e, f) = (runs.as_mut_ptr(), runs.len());
        // SAFETY: the lengths are those of the slices, which live as long.
        let error = unsafe { ae_companions_begin(companions.as_mut_ptr(), &of, a, b, c, d, e, f) };
        assert_eq!(error, Error::Ok);
        Self { plan: *plan, companions, _kept: kept, _runs: runs }
    }

    /// What is saved of them.
    pub(super) fn save(&mut self, by: impl Fn(*const Companions, Place<u8>) -> Error) -> Vec<u8> {
        let ae_testkit::oracle::companions::Plan { scores, alarm_ppm, low_ppm, drift_ppm, .. } =
            self.plan;
        let mut state = vec![0; ae_companions_state_len(scores, alarm_ppm, low_ppm, drift_ppm)];
        assert_eq!(by(self.place(), (state.as_mut_ptr(), state.len())), Error::Ok);
        state
    }

    /// In the same place, with other buffers.
    pub(super) fn begin_anew(&mut self) {
        *self = Self::new(&self.plan);
    }

    pub(super) fn place(&mut self) -> *mut Companions {
        self.companions.as_mut_ptr()
    }
}

/// What is said where no window ends.
pub(super) fn nothing() -> Observation {
    let decision = Decision {
        score: 0,
        threshold: 0,
        channel_score: 0,
        channel: 0,
        verdict: ae_c::Verdict::None,
    };
    Observation {
        decision,
        source: ThresholdSource::Blob,
        is_low: 0,
        is_constant: 0,
        constant: 0,
        has_drifted: 0,
    }
}

/// What was said, as the file has it.
pub(super) fn verdict(seen: &Observation, is_along: bool) -> Option<Verdict> {
    let Observation { decision, source, is_low, is_constant, constant, has_drifted } = *seen;
    let Decision { score, threshold, channel_score, channel, verdict } = decision;
    let alarm = verdict == ae_c::Verdict::Alarm;
    let found = flags([is_low, is_constant, has_drifted].map(|it| it == 1));
    let beside = Beside { threshold, source: source as u32, found, constant };
    let beside = is_along.then_some(beside);
    (verdict != ae_c::Verdict::None).then_some(Verdict {
        alarm,
        channel,
        score,
        channel_score,
        beside,
    })
}
