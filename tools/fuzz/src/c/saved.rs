//! Companions that are saved, and go on with hostile bytes: what the engine refuses is refused, and with what
//! it takes both go on alike.

use std::ptr;

use ae_c::*;
use ae_infer::StateError;

use super::along::{self, Along};
use super::{Places, Spoilt, buffer};
use crate::family::Functions;
use crate::source::Source;

/// Bytes of a model's id.
const ID: usize = 16;
/// Bytes in front of the state.
const HEAD: usize = ID + 23;

/// Companions of a model without its detector.
pub(super) fn call<E>(
    functions: &Functions<E>,
    model: *mut u8,
    id: [u8; ID],
    places: &Places,
    input: &mut Source<'_>,
) {
    let Some(mut along) = along::begin(input) else { return };
    for _ in 0..1 + input.below(3) {
        along::take(&mut along, input);
        save_and_resume(&mut [&mut along], functions, model, id, places, input);
        along::check_learnt(&mut along);
    }
}

/// Saves all of them, which have seen the same, spoils what was saved, and has them go on with it. The first
/// one's engine is that of all.
pub(super) fn save_and_resume<E>(
    all: &mut [&mut Along],
    functions: &Functions<E>,
    model: *mut u8,
    id: [u8; ID],
    places: &Places,
    input: &mut Source<'_>,
) {
    let Some((first, _)) = all.split_first_mut() else { return };
    let plan = first.plan;
    let mut expected = [&id[..], &plan.to_bytes()].concat();
    let mut learnt = buffer::<u8>(first.direct.state_len());
    first.direct.write_state(&mut learnt).expect("a state of its length");
    expected.extend(learnt);
    let len = ae_companions_state_len(plan.scores, plan.alarm_ppm, plan.low_ppm, plan.drift_ppm);
    assert_eq!(len, expected.len());

    let mut state = buffer::<u8>(len);
    for along in all.iter_mut() {
        let place = along.pointer();
        let spoilt = Spoilt::read(input);
        let (a, b) = spoilt.of(state.as_mut_ptr(), len, places);
        // SAFETY: what is not spoilt is there, and what is spoilt is refused.
        let found = unsafe { (functions.save)(place, model, a, b) };
        if spoilt != Spoilt::Not {
            assert_ne!(found, Error::Ok, "{spoilt:?} is taken");
            // SAFETY: all of it is there.
            let found = unsafe { (functions.save)(place, model, state.as_mut_ptr(), len) };
            assert_eq!(found, Error::Ok);
        }
        assert_eq!(state, expected, "what is saved");
    }

    let bytes = spoil(state, input);
    let taken = match bytes.split_at_checked(HEAD) {
        None => Error::StateLength,
        Some((head, _)) if head[..ID] != id => Error::StateModel,
        Some((head, _)) if head[ID..] != plan.to_bytes() => Error::StatePlan,
        Some((_, learnt)) => match all[0].direct.read_state(learnt) {
            Ok(()) => Error::Ok,
            Err(StateError::Length { .. }) => Error::StateLength,
            Err(_) => Error::State,
        },
    };
    for along in all.iter_mut() {
        let place = along.pointer();
        // SAFETY: null is refused, and so is a struct that is no model.
        let refused = unsafe {
            [
                (functions.resume)(place, model, ptr::null(), len),
                (functions.resume)(place, place, bytes.as_ptr(), bytes.len()),
                (functions.resume)(place, model, place, len),
            ]
        };
        assert_eq!(refused, [Error::Null, Error::NotLoaded, Error::Overlap]);
        // SAFETY: all of it is there.
        let found = unsafe { (functions.resume)(place, model, bytes.as_ptr(), bytes.len()) };
        assert_eq!(found, taken);
    }
}

/// The same bytes, or others.
fn spoil(mut state: Vec<u8>, input: &mut Source<'_>) -> Vec<u8> {
    match input.below(6) {
        0 | 1 => state,
        2 => {
            let len = usize::from(input.byte()) * 2;
            let mut other = buffer::<u8>(len);
            other.iter_mut().zip(&state).for_each(|(to, from)| *to = *from);
            other
        }
        3 => {
            state.iter_mut().skip(HEAD).for_each(|byte| *byte = input.byte());
            state
        }
        _ => {
            for _ in 0..1 + input.below(3) {
                let at = usize::from(input.byte()) + usize::from(input.byte());
                if let Some(byte) = state.get_mut(at) {
                    *byte = input.byte();
                }
            }
            state
        }
    }
}
