//! Why a board gives no answer.

use crate::emulator::EmulatorError;
use crate::serial::SerialError;

/// Why a board gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It cannot be emulated.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// Its serial port cannot be used.
    #[error(transparent)]
    Serial(#[from] SerialError),
    /// The line to it failed.
    #[error("no answer from the board: {error}{}", shown(.text))]
    Line {
        /// How.
        error: String,
        /// What the board showed instead.
        text: String,
    },
    /// It answered that it cannot.
    #[error("the board refused: {0}")]
    Refused(String),
    /// Samples were damaged on their way, or the answer to them was, or there was no reset before
    /// them: the detector's state is not known.
    #[error(
        "it is unknown which samples the board's detector has taken; reset it and send the signal again from the beginning"
    )]
    Interrupted,
    /// The values are not a whole number of samples.
    #[error("{found} bytes are not a whole number of samples of {sample} bytes")]
    NotWhole {
        /// Bytes there are.
        found: usize,
        /// Bytes of a sample.
        sample: usize,
    },
    /// It answered something else than was asked.
    #[error("the board answered with a message of kind {kind:#04x}")]
    Unexpected {
        /// The kind.
        kind: u8,
    },
    /// A temporary file cannot be written.
    #[error("cannot write the emulator's program: {0}")]
    Program(std::io::Error),
    /// Its program goes on although the host has left.
    #[error("the board's program does not end")]
    DoesNotEnd,
    /// The emulator ended with failure.
    #[error("the board's program ended with {status}{}", shown(.text))]
    Ended {
        /// How.
        status: std::process::ExitStatus,
        /// What it showed.
        text: String,
    },
}

fn shown(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("; it shows: {text}") }
}
