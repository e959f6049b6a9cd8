//! A model may run that the holder of the key has signed, and that is not too old.

#![allow(unsafe_code, reason = "symbols with names that the host knows")]

use ae_signature::{
    PublicKey, Purpose, RamCounter, SignatureError, Signed, Trust, VersionCounter, open_in_place,
};

use super::Admitted;
use crate::board::Board;
use crate::model::{Unusable, place};
use crate::text::{Line, Reason, words};

/// The keys that this firmware was built with.
const KEYS: &[[u8; PublicKey::LEN]] =
    include_bytes!(concat!(env!("OUT_DIR"), "/keys.bin")).as_chunks().0;

/// Those keys: one, or two while its maker changes from one to the next. A tool that flashes a model
/// looks them up by this name, and checks the signature before the board does.
#[unsafe(no_mangle)]
#[used]
static AE_PUBLIC_KEY: [[u8; PublicKey::LEN]; KEYS.len()] = match KEYS.first_chunk() {
    Some(keys) => *keys,
    None => panic!("as many as there are"),
};

/// What models this firmware runs are for; looked up by this name too.
#[unsafe(no_mangle)]
#[used]
static AE_PURPOSE: [u8; Purpose::LEN] = *include_bytes!(concat!(env!("OUT_DIR"), "/purpose.bin"));

/// The least model version that this firmware was built for; looked up by this name too.
#[unsafe(no_mangle)]
#[used]
static AE_LEAST_MODEL_VERSION: u32 = match u32::from_str_radix(env!("AE_LEAST_MODEL_VERSION"), 10) {
    Ok(least) => least,
    Err(_) => panic!("build.rs has looked at it"),
};

/// Why a model may not run.
pub(crate) enum Refused {
    Signature(SignatureError),
    /// The board's counter of versions cannot be read or written.
    Counter,
}

/// Checks the signature of what lies in the model's place. Nothing of the model is read before but
/// its length.
pub(crate) fn verify() -> Result<Signed<'static>, Refused> {
    open_in_place(place(), &trusted()).map_err(Refused::Signature)
}

/// Whose models this firmware runs, and for what.
fn trusted() -> Trust<'static> {
    // The build has written a purpose, and only the same bytes would be taken for it.
    let purpose = Purpose::from_bytes(AE_PURPOSE).unwrap_or(Purpose::NONE);
    Trust { keys: &AE_PUBLIC_KEY, purpose }
}

/// The model in its place, if it may run.
pub(crate) fn admit<B: Board>(board: &mut B) -> Result<Admitted, Unusable> {
    admit_by(&mut board.versions()).map_err(Unusable::Gate)
}

fn admit_by(counter: &mut impl VersionCounter) -> Result<Admitted, Refused> {
    // What is older than the firmware stays out, whatever the counter has seen.
    let least = counter.least().map_err(|_| Refused::Counter)?.max(AE_LEAST_MODEL_VERSION);
    let signed = verify()?.not_older_than(least).map_err(Refused::Signature)?;
    Ok(Admitted { blob: signed.blob(), version: signed.version() })
}

/// See [`trusted`]: this firmware runs no other models.
#[cfg(feature = "update")]
pub(crate) fn trust() -> Option<Trust<'static>> {
    Some(trusted())
}

/// The least model version that this firmware was built for.
#[cfg(feature = "update")]
pub(crate) fn least() -> u32 {
    AE_LEAST_MODEL_VERSION
}

/// A counter that knows only what the firmware was built with.
pub(crate) fn floor() -> RamCounter {
    RamCounter::new(AE_LEAST_MODEL_VERSION)
}

impl Admitted {
    /// The model has been loaded and has passed its self-test: from now on none that is older.
    pub(crate) fn passed<B: Board>(self, board: &mut B) -> Result<(), Refused> {
        board.versions().advance(self.version).map_err(|_| Refused::Counter)
    }
}

impl Reason for Refused {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Signature(error) => {
                let short = match error {
                    SignatureError::TooOld { .. } => "it is too old",
                    SignatureError::BadSignature => "its signature is wrong",
                    SignatureError::OtherKey { .. } => "another key signed it",
                    SignatureError::OtherPurpose { .. } => "it is for another purpose",
                    SignatureError::OtherTrailer { .. } => "its trailer is of another version",
                    _ => "it is not signed",
                };
                words(line.text("the model is refused: "), error, short);
            }
            Self::Counter => {
                line.text("the counter of model versions cannot be read or written");
            }
        }
    }
}
