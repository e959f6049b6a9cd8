//! Asking the program `equivalence` on a board to compute, and `monitor` to watch a signal.

use std::collections::VecDeque;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ae_protocol::{
    Answer, DecisionRecord, DetectorInfo, FrameError, FrameReader, FrameWriter, Identity, Request,
};
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
    /// The detector and what was pushed, once it has been asked for.
    watch: Option<Watch>,
    /// The emulator, which reads its program from the file.
    emulator: Option<(Child, NamedTempFile)>,
}

/// A board's detector as the host keeps account of it.
#[derive(Debug, Clone, Copy)]
struct Watch {
    info: DetectorInfo,
    /// Samples up to the end of the next window.
    due: u32,
    /// Whether a window has just ended.
    ended: bool,
}

impl Watch {
    fn new(info: DetectorInfo) -> Self {
        Self { info, due: info.window, ended: false }
    }

    /// How many of the next samples go into one request: see [`Request::Push`].
    fn next(self) -> usize {
        if self.ended { 1 } else { self.due as usize }
    }

    fn pushed(&mut self, samples: usize) {
        self.due = self.due.saturating_sub(u32::try_from(samples).unwrap_or(u32::MAX));
        self.ended = self.due == 0;
        if self.ended {
            self.due = self.info.stride;
        }
    }
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
        Self { input, output, silence, text: VecDeque::new(), number: 0, watch: None, emulator }
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

    /// Which samples the board's detector takes.
    ///
    /// # Errors
    /// No answer, or a refusal: the blob on the board has no detection section, say.
    pub fn detector(&mut self) -> Result<DetectorInfo, SessionError> {
        let payload = self.ask(Request::Detector, &[], Answer::Detector, ATTEMPTS)?;
        let info = DetectorInfo::from_bytes(&payload);
        let info = info.filter(|info| info.sample_bytes() > 0);
        info.ok_or(SessionError::Unexpected { kind: Answer::Detector as u8 })
    }

    /// Lets the detector forget all samples. A signal begins with this.
    ///
    /// # Errors
    /// As [`detector`](Self::detector).
    pub fn reset(&mut self) -> Result<(), SessionError> {
        let info = match self.watch.take() {
            Some(watch) => watch.info,
            None => self.detector()?,
        };
        self.ask(Request::Reset, &[], Answer::Decided, ATTEMPTS)?;
        self.watch = Some(Watch::new(info));
        Ok(())
    }

    /// Gives the detector the next samples of the signal, each a value for each channel in
    /// little-endian bytes. They may be as many as one likes. The decisions of the windows that end
    /// with them. A [`reset`](Self::reset) comes first.
    ///
    /// # Errors
    /// No whole number of samples, which is told before any is sent; no answer; a refusal. After
    /// [`SessionError::Interrupted`] a [`reset`](Self::reset) is due, and the signal from its
    /// beginning.
    pub fn push(&mut self, samples: &[u8]) -> Result<Vec<DecisionRecord>, SessionError> {
        let Some(mut watch) = self.watch else { return Err(SessionError::Interrupted) };
        let sample = watch.info.sample_bytes();
        if !samples.len().is_multiple_of(sample) {
            return Err(SessionError::NotWhole { found: samples.len(), sample });
        }
        let mut decisions = Vec::new();
        let mut rest = samples;
        while !rest.is_empty() {
            let count = watch.next().min(rest.len() / sample);
            let (request, behind) = rest.split_at(count * sample);
            decisions.extend(self.push_once(request)?);
            watch.pushed(count);
            self.watch = Some(watch);
            rest = behind;
        }
        Ok(decisions)
    }

    /// Samples of one request, which is not repeated.
    fn push_once(&mut self, samples: &[u8]) -> Result<Vec<DecisionRecord>, SessionError> {
        let answer = self.ask_once(Request::Push, samples, Answer::Decided);
        let payload = match answer? {
            Asked::Answered(payload) => payload,
            Asked::Damaged(_) => {
                self.watch = None;
                return Err(SessionError::Interrupted);
            }
        };
        let decisions = DecisionRecord::read_all(&payload);
        let decisions = decisions.map(|records| records.collect());
        decisions.ok_or(SessionError::Unexpected { kind: Answer::Decided as u8 })
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
            match self.ask_once(request, payload, wanted)? {
                Asked::Answered(payload) => return Ok(payload),
                Asked::Damaged(_) if attempt < attempts => attempt += 1,
                Asked::Damaged(error) => return Err(self.lost(&error)),
            }
        }
    }

    fn ask_once(
        &mut self,
        request: Request,
        payload: &[u8],
        wanted: Answer,
    ) -> Result<Asked, SessionError> {
        self.number = self.number.wrapping_add(1);
        let answer = self.send(request, payload).and_then(|()| self.receive());
        match answer {
            Ok((kind, payload)) if kind == wanted as u8 => Ok(Asked::Answered(payload)),
            Ok((kind, payload)) if kind == Answer::Refused as u8 => {
                Err(SessionError::Refused(String::from_utf8_lossy(&payload).into_owned()))
            }
            Ok((kind, _)) if kind == Answer::Damaged as u8 => {
                Ok(Asked::Damaged(FrameError::Checksum))
            }
            Ok((kind, _)) => Err(SessionError::Unexpected { kind }),
            Err(error) if can_pass(&error) => Ok(Asked::Damaged(error)),
            Err(error) => Err(self.lost(&error)),
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
