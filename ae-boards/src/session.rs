//! Asking the program `equivalence` on a board to compute.

use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use ae_protocol::{Answer, FrameError, FrameReader, FrameWriter, Identity, Request};
use embedded_io_adapters::std::FromStd;
use tempfile::NamedTempFile;

use crate::board::Board;
use crate::emulator::{EmulatorError, SILENCE, emulator_of, start};
use crate::waiting::Waiting;

/// Bits in a second on a real board's UART.
const BAUD: u32 = 115_200;
/// How long a write to a serial port may take.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// How long a board has for its first answer, and how often it is asked for it. Loading a large
/// model takes a slow core seconds.
const ATTEMPT: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 60;
/// Most bytes kept of what a board shows beside its answers.
const TEXT_LIMIT: usize = 4096;

/// A board that answers.
pub struct Session {
    input: BufWriter<Box<dyn Write + Send>>,
    output: BufReader<Waiting>,
    /// What the board showed that was no answer: the message of a fault, say.
    text: Vec<u8>,
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
    /// Length of the blob that it has loaded.
    pub bytes: u32,
    /// That blob's checksum.
    pub checksum: u32,
    /// That model's id.
    pub model_id: [u8; 16],
}

/// Why a board gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It cannot be emulated.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// Its serial port cannot be opened.
    #[error("cannot open the serial port {port}: {error}{}", hint(*.denied))]
    Port {
        /// The port.
        port: String,
        /// Why.
        error: serialport::Error,
        /// The user may not open it.
        denied: bool,
    },
    /// It is not clear which serial port is the board's.
    #[error(
        "which serial port is the board's? {}; name it with --port",
        if .found.is_empty() { "no USB serial port is there".to_owned() } else { format!("there are {found}") }
    )]
    WhichPort {
        /// The ports.
        found: String,
    },
    /// The line to it failed.
    #[error("no answer from the board: {error}{}", shown(.text))]
    Line {
        /// How.
        error: String,
        /// What the board showed instead.
        text: String,
        /// Nothing came for too long.
        silent: bool,
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

fn hint(denied: bool) -> &'static str {
    if denied {
        "; on Linux, `sudo usermod -aG dialout $USER` and a new login permit it"
    } else {
        ""
    }
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
        Ok(Self {
            input: BufWriter::new(Box::new(input)),
            output: BufReader::new(Waiting::on(output, SILENCE)),
            text: Vec::new(),
            emulator: Some((child, program)),
        })
    }

    /// Opens the serial port of a real board that runs the program.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn serial(port: &Path) -> Result<Self, SessionError> {
        let name = port.to_string_lossy().into_owned();
        let open = |timeout| serialport::new(name.as_str(), BAUD).timeout(timeout).open();
        let failed = |error: serialport::Error| {
            let denied =
                error.kind() == serialport::ErrorKind::Io(std::io::ErrorKind::PermissionDenied);
            SessionError::Port { port: name.clone(), error, denied }
        };
        let input = open(WRITE_LIMIT).map_err(failed)?;
        let output = input.try_clone().map_err(failed)?;
        Ok(Self {
            input: BufWriter::new(Box::new(input)),
            output: BufReader::new(Waiting::on(Patient(output), SILENCE)),
            text: Vec::new(),
            emulator: None,
        })
    }

    /// What the board says of itself.
    ///
    /// # Errors
    /// No answer, or a refusal: the model on the board cannot be used.
    pub fn identify(&mut self) -> Result<BoardIdentity, SessionError> {
        let payload = self.first_answer()?;
        let identity = Identity::from_bytes(&payload)
            .ok_or(SessionError::Unexpected { kind: Answer::Identity as u8 })?;
        Ok(BoardIdentity {
            board: identity.board.to_owned(),
            core: identity.core.to_owned(),
            bytes: identity.bytes,
            checksum: identity.checksum,
            model_id: identity.model_id,
        })
    }

    /// What the board computes of `input`: the payload of [`Answer::Computed`].
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub fn compute(&mut self, request: Request, input: &[u8]) -> Result<Vec<u8>, SessionError> {
        self.ask(request, input)
    }

    /// Ends the board's program.
    ///
    /// # Errors
    /// The board does not listen, or its program ends with failure.
    pub fn leave(mut self) -> Result<(), SessionError> {
        self.send(Request::Leave, &[])?;
        let Some((mut child, _program)) = self.emulator.take() else { return Ok(()) };
        let status = child.wait().map_err(EmulatorError::Output)?;
        if status.success() {
            Ok(())
        } else {
            Err(SessionError::Ended { status, text: self.shown() })
        }
    }

    /// The answer to [`Request::Identify`]. A UART hears nothing before its board has set it up, so
    /// the request is repeated.
    fn first_answer(&mut self) -> Result<Vec<u8>, SessionError> {
        self.output.get_mut().set_limit(ATTEMPT);
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.ask(Request::Identify, &[]) {
                Err(SessionError::Line { error, text, silent: true }) => {
                    last = Some(SessionError::Line { error, text, silent: true });
                }
                answered => {
                    self.output.get_mut().set_limit(SILENCE);
                    return answered;
                }
            }
        }
        Err(last.unwrap_or(SessionError::Unexpected { kind: 0 }))
    }

    fn ask(&mut self, request: Request, payload: &[u8]) -> Result<Vec<u8>, SessionError> {
        self.send(request, payload)?;
        let wanted = match request {
            Request::Identify | Request::Leave => Answer::Identity,
            Request::Encode | Request::Decode | Request::Reconstruct => Answer::Computed,
        };
        // A repeated request is answered as often as it was heard.
        let received = loop {
            let received = self.receive().map_err(|error| self.lost(&error))?;
            if received.0 != Answer::Identity as u8 || wanted == Answer::Identity {
                break received;
            }
        };
        match received {
            (kind, payload) if kind == wanted as u8 => Ok(payload),
            (kind, payload) if kind == Answer::Refused as u8 => {
                Err(SessionError::Refused(String::from_utf8_lossy(&payload).into_owned()))
            }
            (kind, _) => Err(SessionError::Unexpected { kind }),
        }
    }

    fn send(&mut self, request: Request, payload: &[u8]) -> Result<(), SessionError> {
        let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let sent = FrameWriter::begin(FromStd::new(&mut self.input), request as u8, len)
            .and_then(|mut frame| {
                frame.put(payload)?;
                frame.finish()
            })
            .map_err(FrameError::Line);
        sent.map_err(|error| self.lost(&error))
    }

    fn receive(&mut self) -> Result<(u8, Vec<u8>), FrameError<std::io::Error>> {
        let text = &mut self.text;
        let mut frame = FrameReader::begin(FromStd::new(&mut self.output), |byte| {
            if text.len() < TEXT_LIMIT {
                text.push(byte);
            }
        })?;
        let kind = frame.kind();
        let mut payload = vec![0; frame.left() as usize];
        frame.take(&mut payload)?;
        frame.finish()?;
        Ok((kind, payload))
    }

    fn lost(&mut self, error: &FrameError<std::io::Error>) -> SessionError {
        let (error, silent) = match error {
            FrameError::Line(error) => {
                (error.to_string(), error.kind() == std::io::ErrorKind::TimedOut)
            }
            other => (other.to_string(), false),
        };
        SessionError::Line { error, text: self.shown(), silent }
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.text).trim().to_owned()
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

/// The only USB serial port there is.
///
/// # Errors
/// There is none, or there are several; the error lists them.
pub fn only_serial_port() -> Result<PathBuf, SessionError> {
    let ports = serialport::available_ports().unwrap_or_default();
    let usb = ports.iter().filter(|port| {
        port.port_name.contains("USB")
            || port.port_name.contains("ACM")
            || matches!(port.port_type, serialport::SerialPortType::UsbPort(_))
    });
    let names: Vec<&str> = usb.map(|port| port.port_name.as_str()).collect();
    match names[..] {
        [name] => Ok(name.into()),
        _ => Err(SessionError::WhichPort { found: names.join(", ") }),
    }
}

/// A serial port whose own time limit is no end: [`Waiting`] has one.
struct Patient(Box<dyn serialport::SerialPort>);

impl std::io::Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {}
                // Where nothing more can come, a serial port reads nothing.
                read => return read,
            }
        }
    }
}
