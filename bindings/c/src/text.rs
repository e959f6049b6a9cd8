//! Errors in words.

#![allow(unsafe_code, reason = "a name that C finds")]

use core::ffi::{CStr, c_char};

use crate::error::Error;

/// What a number of `ae_error` means, in English and on one line: constant text that ends with a zero
/// byte. Any number may be given.
#[unsafe(no_mangle)]
pub extern "C" fn ae_error_text(error: i32) -> *const c_char {
    text(error).as_ptr()
}

/// Every error, for numbers from C and for tests.
pub(crate) const ALL: [(Error, &CStr); 42] = [
    (Error::Ok, c"success"),
    (Error::Null, c"a pointer is null; pass the address of a buffer, or null with length 0 where it may be empty"),
    (Error::Misaligned, c"a pointer is not on its type's boundary; declare the buffer with the type that the function takes"),
    (Error::Length, c"a length reaches past the end of memory; pass the number of elements that the buffer has"),
    (Error::Overlap, c"a buffer that is written to lies over another one; give each its own memory"),
    (Error::NotLoaded, c"the model or detector was never filled; call its load or begin function, and use it only if that gave 0"),
    (Error::NoBlob, c"these bytes are no blob of the format version that this library reads; quantise the model again, or flash it again"),
    (Error::BlobLength, c"the blob's header says another length than was passed; pass all its bytes and no more, or flash it again"),
    (Error::Checksum, c"the blob is damaged: its checksum differs; flash it again"),
    (Error::Contract, c"the blob has the other arithmetic contract; call the ae_f32_ functions for an f32 model and the ae_int8_ functions for an int8 model"),
    (Error::Format, c"the blob breaks a rule of the format; quantise the model again"),
    (Error::NotBuilt, c"the blob has a kind of layer that this library was built without; link a library that has it"),
    (Error::FloatMode, c"this core's float arithmetic is set to flush subnormal numbers or to round other than to nearest; load and run with FPSCR, FPCR or MXCSR as after a reset"),
    (Error::NoEncoder, c"the blob has no encoder; quantise the model with both parts"),
    (Error::NoDecoder, c"the blob has no decoder; quantise the model with both parts"),
    (Error::Pixels, c"a buffer of pixels has another length than the model's features; ae_sizes_of and the model's header have it"),
    (Error::Latent, c"the latent buffer has another length than the model's latent; ae_sizes_of and the model's header have it"),
    (Error::Scratch, c"the scratch is too small; ae_sizes_of and the model's header have its length"),
    (Error::SelfTest, c"a layer gives another result than where the model was made; the fault says which"),
    (Error::NoDetection, c"the blob has no detection section; make one with `ae-train detect`"),
    (Error::Detection, c"the blob's detection section is refused; make the detector again, or link a library with what it asks for"),
    (Error::Window, c"the window's buffer is too small; ae_sizes_of and the model's header have its length"),
    (Error::SampleType, c"the samples have another type than the blob's map takes; call the push function of its type"),
    (Error::Channels, c"the sample has another number of values than the blob has channels; ae_sizes_of and the model's header have it"),
    (Error::NoFeatures, c"no features are computed of the signal, so there are windows and no frames; copy and decide windows"),
    (Error::Frame, c"the frame has another length than the blob's frames; ae_sizes_of and the model's header have it"),
    (Error::AlarmRate, c"a rate of the plan is not in 1 to 999999 parts per million"),
    (Error::TooFewScores, c"the plan's scores are too few for its rate: one more than the scores, times the rate, must be at least 1000000"),
    (Error::Kept, c"the buffer for the scores that are kept is too small; AE_CALIBRATION_LEN has its length"),
    (Error::TooFewGroups, c"the blob has the thresholds of too few groups for this share: one more than the groups, times the share, must be at least 1000000"),
    (Error::StateLength, c"the state has another number of bytes than companions of this plan save; AE_COMPANIONS_STATE_LEN has it"),
    (Error::StateModel, c"the state was saved with another model, whose scores say nothing of this one's; begin the companions anew"),
    (Error::StatePlan, c"the state was saved with another plan; begin with that plan, and with its threshold of groups, before you resume"),
    (Error::State, c"no companions have such a state: its bytes were changed; begin the companions anew"),
    (Error::Key, c"these 32 bytes are no Ed25519 public key that may be used"),
    (Error::NotSigned, c"there is no signature behind the blob that this library reads; sign the model with this version's `ae-train sign`, or flash all of the signed file"),
    (Error::Signature, c"the signature is wrong: the file was changed, or signed with another key"),
    (Error::OtherKey, c"the model was signed with a key that is not among those passed; pass its public key, or sign the model with a key that is"),
    (Error::Purpose, c"the model was signed for another purpose; pass its purpose, or sign the model for this one"),
    (Error::PurposeName, c"the purpose is no name of 1 to 16 letters, digits and signs of ASCII; pass such a name, or no letters for no purpose"),
    (Error::TooOld, c"the model's version is too old: it is less than the least that may run"),
    (Error::Other, c"the model cannot be run, for a reason that this library has no number for"),
];

fn text(error: i32) -> &'static CStr {
    let found = ALL.iter().find(|(known, _)| *known as i32 == error);
    found.map_or(c"no number of ae_error", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::{ALL, text};

    #[test]
    fn every_number_has_its_own_words() {
        for (place, (error, words)) in ALL.iter().enumerate() {
            assert_eq!(text(*error as i32), *words);
            let again =
                ALL.iter().skip(place + 1).any(|(other, same)| other == error || same == words);
            assert!(!again, "{error:?} stands there twice");
        }
        for unknown in [-1, 6, 15, 1000, i32::MIN, i32::MAX] {
            assert_eq!(text(unknown), c"no number of ae_error");
        }
    }
}
