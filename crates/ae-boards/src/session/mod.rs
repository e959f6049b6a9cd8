//! Asking the program `equivalence` on a board to compute, and `monitor` to watch a signal.

use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ae_protocol::{Answer, FrameError, FrameReader, FrameWriter, Identity, Request};
use embedded_io_adapters::std::FromStd;
use tempfile::NamedTempFile;

use crate::board::Board;
use crate::emulator::{EmulatorError, emulator_of, start};
use crate::flash_file::FlashFile;
use crate::process::{ENDING, Running, ended};
use crate::serial;
use crate::waiting::{Deadline, Sending, Waiting, took_longer};

pub use error::SessionError;
use text::{TEXT_LIMIT, Text};
pub use updating::BoardModels;
use watch::Watch;

mod error;
mod text;
mod updating;
mod watch;

/// How long a request and its answer may take in all, whatever the board says meanwhile, and how
/// often it is asked again when one of them is damaged or lost.
#[derive(Debug, Clone, Copy)]
struct Patience {
    attempt: Duration,
    attempts: u32,
}

/// For a board's first answer. A UART hears nothing before its board has set it up and loaded the
/// model, which takes a slow core seconds.
const FIRST: Patience = Patience { attempt: Duration::from_secs(1), attempts: 60 };
/// For any other answer: of an emulated board, and of a real one, over whose line the longest request
/// and the longest answer take nearly a minute.
const EMULATED: Patience = Patience { attempt: Duration::from_secs(100), attempts: 3 };
const SERIAL: Patience = Patience { attempt: Duration::from_secs(90), attempts: 3 };

type LineError = FrameError<std::io::Error>;

/// Whether the next attempt may succeed: the line is there, and something was damaged or lost.
fn can_pass(error: &LineError) -> bool {
    match error {
        FrameError::Line(error) => error.kind() == std::io::ErrorKind::TimedOut,
        FrameError::End => false,
        FrameError::Length { .. } | FrameError::Checksum | FrameError::BrokenOff => true,
    }
}

/// A board that answers.
pub struct Session {
    input: Sending,
    output: BufReader<Waiting>,
    /// For its first answer, and for any other.
    first: Patience,
    patience: Patience,
    /// What the board showed that was no answer: the message of a fault, say.
    text: Text,
    /// Of the last request.
    number: u8,
    /// The detector and what was pushed, once it has been asked for.
    watch: Option<Watch>,
    /// The emulator, which reads its program from the file.
    emulator: Option<(Running, NamedTempFile)>,
}

/// What a board says of itself; see [`Identity`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardIdentity {
    /// Name of the firmware's board.
    pub board: String,
    /// The core it runs on.
    pub core: String,
    /// The kernel that computes the model.
    pub kernel: String,
    /// Length of the blob that it has loaded.
    pub bytes: u32,
    /// That blob's checksum.
    pub checksum: u32,
}

/// What came of one request.
enum Asked {
    Answered(Vec<u8>),
    /// It, or its answer, was damaged or lost on its way.
    Damaged(LineError),
}

impl Session {
    /// Starts the program `elf` on the emulated `board`.
    ///
    /// # Errors
    /// The board is not emulated, or QEMU cannot be started.
    pub fn emulate(board: &'static Board, elf: &[u8]) -> Result<Self, SessionError> {
        let emulator = emulator_of(board)?;
        let (program, command) = with_program(elf, |program| emulator.command(program, false))?;
        Self::start(program, command)
    }

    /// Starts the program `elf` on the emulated `board`, which keeps its flash in the file `flash`; see
    /// [`FlashFile`](crate::FlashFile). Its line is that of its UART. The board is gone with its power
    /// when this is dropped, whatever it does then.
    ///
    /// # Errors
    /// The board is not emulated or has no such flash, or QEMU cannot be started.
    pub fn emulate_with_flash(
        board: &'static Board,
        elf: &[u8],
        flash: &FlashFile,
    ) -> Result<Self, SessionError> {
        let emulator = emulator_of(board)?;
        let (program, command) =
            with_program(elf, |program| emulator.command_with_flash(program, flash))?;
        Self::start(program, command)
    }

    fn start(program: NamedTempFile, mut command: Command) -> Result<Self, SessionError> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = start(&mut command)?;
        let child = &mut running.0;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(SessionError::Program(std::io::ErrorKind::BrokenPipe.into()));
        };
        let mut session = Self::new(input, output, EMULATED);
        session.text = Text::with(errors);
        session.emulator = Some((running, program));
        Ok(session)
    }

    /// Opens the serial port of a real board that runs the program.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn serial(port: &Path) -> Result<Self, SessionError> {
        let (input, output) = serial::open(port)?;
        Ok(Self::new(input, output, SERIAL))
    }

    /// The process of an emulated board: to end it is to cut the board's power.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.emulator.as_ref().map(|(running, _)| running.0.id())
    }

    /// A board at the other end of any line. Each answer may take `attempt`, and is asked for
    /// `attempts` times.
    pub fn over(
        input: impl Write + Send + 'static,
        output: impl Read + Send + 'static,
        attempt: Duration,
        attempts: u32,
    ) -> Self {
        let patience = Patience { attempt, attempts };
        let mut session = Self::new(input, output, patience);
        session.first = patience;
        session
    }

    fn new(
        input: impl Write + Send + 'static,
        output: impl Read + Send + 'static,
        patience: Patience,
    ) -> Self {
        let deadline = Deadline::after(patience.attempt);
        let input = Sending::to(input, deadline);
        let output = BufReader::new(Waiting::on(output, deadline));
        let text = Text::default();
        let (number, watch, emulator) = (0, None, None);
        Self { input, output, first: FIRST, patience, text, number, watch, emulator }
    }

    /// What the board says of itself.
    ///
    /// # Errors
    /// No answer, or a refusal: the model on the board cannot be used.
    pub fn identify(&mut self) -> Result<BoardIdentity, SessionError> {
        let payload = self.ask(Request::Identify, &[], Answer::Identity, self.first)?;
        let identity = Identity::from_bytes(&payload)
            .ok_or(SessionError::Unexpected { kind: Answer::Identity as u8 })?;
        Ok(BoardIdentity {
            board: identity.board.to_owned(),
            core: identity.core.to_owned(),
            kernel: identity.kernel.to_owned(),
            bytes: identity.bytes,
            checksum: identity.checksum,
        })
    }

    /// What the board computes of `input`: the payload of [`Answer::Computed`].
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub fn compute(&mut self, request: Request, input: &[u8]) -> Result<Vec<u8>, SessionError> {
        self.ask(request, input, Answer::Computed, self.patience)
    }

    /// Ends the board's program.
    ///
    /// # Errors
    /// The board does not listen, or its program does not end, or ends with failure.
    pub fn leave(mut self) -> Result<(), SessionError> {
        self.number = self.number.wrapping_add(1);
        self.set_deadline(ENDING);
        self.send(Request::Leave, &[]).map_err(|error| self.lost(&error))?;
        let Some((running, _program)) = &mut self.emulator else { return Ok(()) };
        let status = ended(&mut running.0, ENDING)
            .map_err(EmulatorError::Output)?
            .ok_or(SessionError::DoesNotEnd)?;
        if status.success() {
            Ok(())
        } else {
            Err(SessionError::Ended { status, text: self.text.shown() })
        }
    }

    /// Asks until the answer comes: a request or an answer that is damaged on its way is repeated.
    fn ask(
        &mut self,
        request: Request,
        payload: &[u8],
        wanted: Answer,
        patience: Patience,
    ) -> Result<Vec<u8>, SessionError> {
        let mut left = patience.attempts;
        loop {
            left = left.saturating_sub(1);
            match self.ask_once(request, payload, wanted, patience.attempt)? {
                Asked::Answered(payload) => return Ok(payload),
                Asked::Damaged(_) if left > 0 => {}
                Asked::Damaged(FrameError::Line(_)) => {
                    let error = took_longer(patience.attempt * patience.attempts);
                    return Err(SessionError::Line { error, text: self.text.shown() });
                }
                Asked::Damaged(error) => return Err(self.lost(&error)),
            }
        }
    }

    fn ask_once(
        &mut self,
        request: Request,
        payload: &[u8],
        wanted: Answer,
        limit: Duration,
    ) -> Result<Asked, SessionError> {
        self.number = self.number.wrapping_add(1);
        self.set_deadline(limit);
        let answer = self.send(request, payload).and_then(|()| self.receive());
        match answer {
            Ok((kind, payload)) if kind == wanted as u8 => Ok(Asked::Answered(payload)),
            Ok((kind, payload)) if kind == Answer::Refused as u8 => {
                let told = &payload[..payload.len().min(TEXT_LIMIT)];
                Err(SessionError::Refused(String::from_utf8_lossy(told).into_owned()))
            }
            Ok((kind, _)) if kind == Answer::Damaged as u8 => {
                Ok(Asked::Damaged(FrameError::Checksum))
            }
            Ok((kind, _)) => Err(SessionError::Unexpected { kind }),
            Err(error) if can_pass(&error) => Ok(Asked::Damaged(error)),
            Err(error) => Err(self.lost(&error)),
        }
    }

    fn set_deadline(&mut self, limit: Duration) {
        let deadline = Deadline::after(limit);
        self.input.set_deadline(deadline);
        self.output.get_mut().set_deadline(deadline);
    }

    fn send(&mut self, request: Request, payload: &[u8]) -> Result<(), LineError> {
        let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let line = FromStd::new(&mut self.input);
        let mut frame =
            FrameWriter::begin(line, request as u8, self.number, len).map_err(FrameError::Line)?;
        frame.put(payload).and_then(|()| frame.finish()).map_err(FrameError::Line)
    }

    /// Kind and payload of the answer that is due. Others are late, their request was repeated.
    fn receive(&mut self) -> Result<(u8, Vec<u8>), LineError> {
        loop {
            let text = &self.text;
            let shows = |byte| text.push(byte);
            let mut frame = FrameReader::begin(FromStd::new(&mut self.output), shows)?;
            let (kind, number) = (frame.kind(), frame.number());
            let mut payload = vec![0; frame.left() as usize];
            match frame.take(&mut payload).and_then(|()| frame.finish()) {
                Ok(()) if number == self.number => return Ok((kind, payload)),
                // What looked like an answer was none, and the next begins.
                Ok(()) | Err(FrameError::BrokenOff) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn lost(&mut self, error: &LineError) -> SessionError {
        let error = match error {
            FrameError::Line(error) => error.to_string(),
            other => other.to_string(),
        };
        SessionError::Line { error, text: self.text.shown() }
    }
}

/// A file with the program, and the emulator that reads it from there.
fn with_program(
    elf: &[u8],
    command: impl FnOnce(&Path) -> Command,
) -> Result<(NamedTempFile, Command), SessionError> {
    let mut program = NamedTempFile::new().map_err(SessionError::Program)?;
    program.write_all(elf).map_err(SessionError::Program)?;
    let command = command(program.path());
    Ok((program, command))
}

#[cfg(all(test, unix))]
mod tests;
