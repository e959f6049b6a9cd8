//! Remedies for errors of boards and keys.

use std::error::Error;

use ae_boards::equivalence::BoardError;
use ae_boards::monitor::MonitorError;
use ae_boards::update::UpdateError;
use ae_boards::{EmulatorError, FirmwareError, ProbeError, SerialError, SessionError};
use ae_signature::host::KeyFileError;
use ae_signature::{Purpose, SignatureError};

/// What the user can do about this error.
pub(super) fn remedy(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref() {
        of_firmware(error)
    } else if let Some(error) = error.downcast_ref() {
        of_probe(error)
    } else if let Some(error) = error.downcast_ref() {
        of_serial(error)
    } else if let Some(error) = error.downcast_ref() {
        of_emulator(error)
    } else if let Some(error) = error.downcast_ref() {
        of_session(error)
    } else if let Some(error) = error.downcast_ref() {
        of_board(error)
    } else if let Some(MonitorError::Board(error)) = error.downcast_ref() {
        of_board(error)
    } else if let Some(error) = error.downcast_ref() {
        of_key_file(error)
    } else if let Some(error) = error.downcast_ref() {
        of_signature(error)
    } else if let Some(error) = error.downcast_ref() {
        of_update(error)
    } else {
        None
    }
}

fn of_firmware(error: &FirmwareError) -> Option<String> {
    match error {
        FirmwareError::NotBuilt { board, .. } => Some(format!(
            "`cargo xtask firmware {board}` builds it, and --firmware names its file, or the folder with \
             that of all boards, as the variable AE_FIRMWARE does; the command needs a checkout of this \
             project"
        )),
        FirmwareError::OtherCore { board, .. } => {
            Some(format!("`cargo xtask firmware {board}` builds the right one"))
        }
        _ => None,
    }
}

fn of_probe(error: &ProbeError) -> Option<String> {
    match error {
        ProbeError::Emulated { board } => Some(format!("`cargo xtask emulate {board}` runs it")),
        _ => None,
    }
}

fn of_serial(error: &SerialError) -> Option<String> {
    match error {
        SerialError::Which { .. } => Some("name the board's port with --port".to_owned()),
        SerialError::Open { .. } => None,
    }
}

fn of_emulator(error: &EmulatorError) -> Option<String> {
    match error {
        EmulatorError::Missing { .. } => Some(
            "`cargo xtask setup` installs it where there is apt; elsewhere install QEMU with the \
             system's package manager"
                .to_owned(),
        ),
        _ => None,
    }
}

// The errors below show those in them as their own, so that these are no causes of theirs.

fn of_session(error: &SessionError) -> Option<String> {
    match error {
        SessionError::Emulator(error) => of_emulator(error),
        SessionError::Serial(error) => of_serial(error),
        _ => None,
    }
}

fn of_board(error: &BoardError) -> Option<String> {
    match error {
        BoardError::Session(error) => of_session(error),
        BoardError::OtherBoard { .. } => Some("name the board's port with --port".to_owned()),
        _ => None,
    }
}

fn of_update(error: &UpdateError) -> Option<String> {
    match error {
        UpdateError::Session(SessionError::Refused(why)) if why.contains("unknown request") => {
            Some(
                "the program on the board takes no new models; docs/boards.md says which does"
                    .to_owned(),
            )
        }
        UpdateError::Session(error) => of_session(error).or_else(|| match error {
            SessionError::Line { .. } => {
                Some("the same command goes on where this one was cut".to_owned())
            }
            _ => None,
        }),
        UpdateError::OtherBoard { .. } => Some("name the board's port with --port".to_owned()),
        UpdateError::Refused(_) | UpdateError::NotRunning { .. } => {
            Some("the board runs on with the model that it had".to_owned())
        }
        UpdateError::OnTrial { .. } => Some(
            "`ae-train update` with that model confirms it, and a restart of the board gives it up"
                .to_owned(),
        ),
        _ => None,
    }
}

fn of_key_file(error: &KeyFileError) -> Option<String> {
    match error {
        KeyFileError::Kind { expected, found } => match (*expected, &**found) {
            // The user has the right key, and the error says how to give it.
            ("PUBLIC KEY", "PRIVATE KEY")
            | ("PRIVATE KEY", "PUBLIC KEY" | "ENCRYPTED PRIVATE KEY") => None,
            _ => Some("`ae-train keygen` makes both keys".to_owned()),
        },
        KeyFileError::Algorithm { .. } => Some("`ae-train keygen` makes one".to_owned()),
        _ => None,
    }
}

fn of_signature(error: &SignatureError) -> Option<String> {
    match error {
        SignatureError::OtherPurpose { expected, .. } if *expected == Purpose::NONE => Some(
            "firmware that is built with AE_PURPOSE runs it; `ae-train sign` without --purpose signs \
             the blob for this one"
                .to_owned(),
        ),
        SignatureError::OtherPurpose { expected, .. } => {
            let name = expected.name();
            Some(format!("`ae-train sign --purpose {name}` signs a model for this firmware"))
        }
        SignatureError::OtherKey { .. } => Some(
            "sign it with a key that the firmware has, or build the firmware with this one as \
             AE_NEXT_PUBLIC_KEY beside AE_PUBLIC_KEY"
                .to_owned(),
        ),
        SignatureError::TooOld { least, .. } => {
            Some(format!("sign it with --model-version {least} or above"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ae_boards::equivalence::BoardError;
    use ae_boards::monitor::MonitorError;
    use ae_boards::{EmulatorError, SerialError, SessionError};
    use ae_signature::host::KeyFileError;
    use anyhow::Error;

    use crate::trouble::remedy;

    #[test]
    fn an_error_has_its_remedy_within_others_and_behind_contexts() {
        let serial = || SessionError::from(SerialError::Which { found: Vec::new() });
        let emulator = EmulatorError::Missing { program: "qemu".to_owned() };
        let session = SessionError::from(emulator);
        for (error, word) in [
            (Error::new(serial()), "--port"),
            (Error::new(MonitorError::from(serial())).context("no monitor"), "--port"),
            (Error::new(BoardError::from(session)), "cargo xtask setup"),
        ] {
            assert!(remedy(&error).unwrap().contains(word), "{error:#}");
        }
        assert_eq!(remedy(&Error::new(SessionError::DoesNotEnd)), None);
    }

    #[test]
    fn a_key_that_the_user_has_already_is_not_made_again() {
        let kind = |expected, found: &str| {
            remedy(&Error::new(KeyFileError::Kind { expected, found: found.to_owned() }))
        };
        assert_eq!(kind("PUBLIC KEY", "PRIVATE KEY"), None);
        assert_eq!(kind("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), None);
        assert!(kind("PUBLIC KEY", "CERTIFICATE").unwrap().contains("keygen"));
    }
}
