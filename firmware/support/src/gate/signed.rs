//! A model may run that the holder of the key has signed, and that is not too old.

#![allow(unsafe_code, reason = "symbols with names that the host knows")]

use ae_signature::{
    KeyError, PublicKey, RamCounter, SignatureError, Signed, VersionCounter, open_in_place,
};

use super::Admitted;
use crate::board::Board;
use crate::model::{Unusable, place};
use crate::text::{Line, Reason, words};

/// The key that this firmware was built with. A tool that flashes a model looks it up by this name,
/// and checks the signature before the board does.
#[unsafe(no_mangle)]
#[used]
static AE_PUBLIC_KEY: [u8; PublicKey::LEN] = *include_bytes!(concat!(env!("OUT_DIR"), "/key.bin"));

/// The least model version that this firmware was built for; looked up by this name too.
#[unsafe(no_mangle)]
#[used]
static AE_LEAST_MODEL_VERSION: u32 = match u32::from_str_radix(env!("AE_LEAST_MODEL_VERSION"), 10) {
    Ok(least) => least,
    Err(_) => panic!("build.rs has looked at it"),
};

/// Why a model may not run.
pub(crate) enum Refused {
    Key(KeyError),
    Signature(SignatureError),
    /// The board's counter of versions cannot be read or written.
    Counter,
}

/// Checks the signature of what lies in the model's place. Nothing of the model is read before but
/// its length.
pub(crate) fn verify() -> Result<Signed<'static>, Refused> {
    let key = PublicKey::from_bytes(&AE_PUBLIC_KEY).map_err(Refused::Key)?;
    open_in_place(place(), &key).map_err(Refused::Signature)
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
            Self::Key(error) => {
                words(line.text("the firmware's public key: "), error, "it is no key");
            }
            Self::Signature(error) => {
                let short = match error {
                    SignatureError::TooOld { .. } => "it is too old",
                    SignatureError::BadSignature => "its signature is wrong",
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
