//! Asking the program `equivalence` on a board to compute.

use std::collections::VecDeque;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ae_protocol::{Answer, FrameError, FrameReader, FrameWriter, Identity, Request};
use embedded_io_adapters::std::FromStd;
use tempfile::NamedTempFile;

use crate::board::Board;
use crate::emulator::{EmulatorError, SILENCE, emulator_of, start};
use crate::serial::{self, SerialError};
use crate::waiting::Waiting;

/// How long a real board may say nothing: less than an emulated one, because a byte can be lost on
/// the way, and the request is repeated then.
const SERIAL_SILENCE: Duration = Duration::from_secs(60);
/// How long a board has for its first answer, and how often it is asked for it. Loading a large
/// model takes a slow core seconds.
const FIRST_ATTEMPT: Duration = Duration::from_secs(1);
const FIRST_ATTEMPTS: u32 = 60;
/// How often any other answer is asked for when the line damages it.
const ATTEMPTS: u32 = 3;
/// How long an emulator has to end.
const ENDING: Duration = Duration::from_secs(30);
/// Most bytes of an answer: pixels and latents of the largest model are well below.
const ANSWER_LIMIT: u32 = 1 << 24;
/// Most bytes kept of what a board shows beside its answers: the last ones.
const TEXT_LIMIT: usize = 4096;

type LineError = FrameError<std::io::Error>;

/// Whether the next attempt may succeed: the line is there, and something was damaged or lost.
fn can_pass(error: &LineError) -> bool {
    match error {
        FrameError::Line(error) => error.kind() == std::io::ErrorKind::TimedOut,
        FrameError::End => false,
        FrameError::Length { .. } | FrameError::Checksum => true,
    }
}

/// A board that answers.
pub struct Session {
    input: BufWriter<Box<dyn Write + Send>>,
    output: BufReader<Waiting>,
    /// How long the board may say nothing.
    silence: Duration,
    /// What the board showed that was no answer: the message of a fault, say.
    text: VecDeque<u8>,
    /// Of the last request.
    number: u8,
    /// The emulator, which reads its program from the file.
    emulator: Option<(Child, NamedTempFile)>,
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

impl Session {
    /// Starts the program `elf` on the emulated `board`.
    ///
    /// # Errors
    /// The board is not emulated, or QEMU cannot be started.
    pub fn emulate(board: &'static Board, elf: &[u8]) -> Result<Self, SessionError> {
        let emulator = emulator_of(board)?;
        let mut program = NamedTempFile::new().map_err(SessionError::Program)?;
        program.write_all(elf).map_err(SessionError::Program)?;
        let mut command = emulator.command(program.path(), false);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = start(&mut command)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(SessionError::Program(std::io::ErrorKind::BrokenPipe.into()));
        };
        let output = Waiting::on(output, SILENCE);
        Ok(Self::new(Box::new(input), output, SILENCE, Some((child, program))))
    }

    /// Opens the serial port of a real board that runs the program.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn serial(port: &Path) -> Result<Self, SessionError> {
        let (input, output) = serial::open(port)?;
        Ok(Self::new(Box::new(input), Waiting::on(output, SERIAL_SILENCE), SERIAL_SILENCE, None))
    }

    fn new(
        input: Box<dyn Write + Send>,
        output: Waiting,
        silence: Duration,
        emulator: Option<(Child, NamedTempFile)>,
    ) -> Self {
        let (input, output) = (BufWriter::new(input), BufReader::new(output));
        Self { input, output, silence, text: VecDeque::new(), number: 0, emulator }
    }

    /// What the board says of itself.
    ///
    /// # Errors
    /// No answer, or a refusal: the model on the board cannot be used.
    pub fn identify(&mut self) -> Result<BoardIdentity, SessionError> {
        // A UART hears nothing before its board has set it up and loaded the model.
        self.output.get_mut().set_limit(FIRST_ATTEMPT);
        let payload = self.ask(Request::Identify, &[], Answer::Identity, FIRST_ATTEMPTS);
        self.output.get_mut().set_limit(self.silence);
        let payload = payload?;
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
        self.ask(request, input, Answer::Computed, ATTEMPTS)
    }

    /// Ends the board's program.
    ///
    /// # Errors
    /// The board does not listen, or its program does not end, or ends with failure.
    pub fn leave(mut self) -> Result<(), SessionError> {
        self.number = self.number.wrapping_add(1);
        self.send(Request::Leave, &[]).map_err(|error| self.lost(&error))?;
        let Some((child, _program)) = &mut self.emulator else { return Ok(()) };
        let deadline = Instant::now() + ENDING;
        let status = loop {
            match child.try_wait().map_err(EmulatorError::Output)? {
                Some(status) => break status,
                None if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
                None => return Err(SessionError::DoesNotEnd),
            }
        };
        if status.success() {
            Ok(())
        } else {
            Err(SessionError::Ended { status, text: self.shown() })
        }
    }

    /// Asks until the answer comes: a request or an answer that is damaged on its way is repeated.
    fn ask(
        &mut self,
        request: Request,
        payload: &[u8],
        wanted: Answer,
        attempts: u32,
    ) -> Result<Vec<u8>, SessionError> {
        let mut attempt = 1;
        loop {
            self.number = self.number.wrapping_add(1);
            let answer = self.send(request, payload).and_then(|()| self.receive());
            match answer {
                Ok((kind, payload)) if kind == wanted as u8 => return Ok(payload),
                Ok((kind, payload)) if kind == Answer::Refused as u8 => {
                    let why = String::from_utf8_lossy(&payload).into_owned();
                    return Err(SessionError::Refused(why));
                }
                Ok((kind, _)) if kind != Answer::Damaged as u8 => {
                    return Err(SessionError::Unexpected { kind });
                }
                Ok(_) if attempt < attempts => {}
                Ok(_) => return Err(self.lost(&FrameError::Checksum)),
                Err(error) if attempt < attempts && can_pass(&error) => {}
                Err(error) => return Err(self.lost(&error)),
            }
            attempt += 1;
        }
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
            let text = &mut self.text;
            let mut frame = FrameReader::begin(FromStd::new(&mut self.output), |byte| {
                if text.len() == TEXT_LIMIT {
                    text.pop_front();
                }
                text.push_back(byte);
            })?;
            let (kind, number) = (frame.kind(), frame.number());
            if frame.left() > ANSWER_LIMIT {
                return Err(FrameError::Checksum);
            }
            let mut payload = vec![0; frame.left() as usize];
            frame.take(&mut payload)?;
            frame.finish()?;
            if number == self.number {
                return Ok((kind, payload));
            }
        }
    }

    fn lost(&mut self, error: &LineError) -> SessionError {
        let error = match error {
            FrameError::Line(error) => error.to_string(),
            other => other.to_string(),
        };
        SessionError::Line { error, text: self.shown() }
    }

    fn shown(&mut self) -> String {
        String::from_utf8_lossy(self.text.make_contiguous()).trim().to_owned()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.emulator {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
