//! QEMU, started for one board.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::board::{Board, Emulator, Line};
use crate::waiting::{Deadline, Waiting};

/// How long a program may run that asks nothing of the host, whatever it says meanwhile.
const RUN: Duration = Duration::from_secs(1800);
/// Most bytes of what such a program, or its emulator, says.
const SAID: u64 = 1 << 20;
/// How long a program may take to the end of its next line, and most bytes of that.
const LINE: Duration = Duration::from_secs(300);
const LINE_BYTES: u64 = 4096;
/// How long an emulator has to end when it says nothing more.
const ENDING: Duration = Duration::from_secs(30);

/// Why an emulated board does not run.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// It is a real one.
    #[error("{board} is not emulated; {}", emulated())]
    Real {
        /// The board.
        board: &'static str,
    },
    /// QEMU is not there.
    #[error("{program} is not installed")]
    Missing {
        /// QEMU's program.
        program: String,
    },
    /// QEMU cannot be started.
    #[error("cannot start {program}: {error}")]
    Start {
        /// QEMU's program.
        program: String,
        /// Why.
        error: std::io::Error,
    },
    /// The program's output cannot be read, or takes too long or is too much.
    #[error("the emulated board gave no output: {0}")]
    Output(#[from] std::io::Error),
    /// The program goes on although it says nothing more.
    #[error("the emulated board's program does not end")]
    DoesNotEnd,
}

fn emulated() -> String {
    let names = Board::all().iter().filter(|board| board.emulator.is_some());
    format!("emulated are {}", names.map(|board| &*board.name).collect::<Vec<_>>().join(", "))
}

impl Emulator {
    /// QEMU with the program `elf` on this board. Standard input and output are the board's line
    /// to the host; the exit code is the program's.
    ///
    /// With `counting`, an instruction takes a nanosecond of virtual time: the same count in every
    /// run, and a slower emulation.
    #[must_use]
    pub fn command(&self, elf: &Path, counting: bool) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-machine", &self.machine, "-display", "none", "-monitor", "none"]);
        command.args(["-semihosting-config", "enable=on,target=native"]);
        match self.line {
            // The program reads and writes the emulator's own input and output.
            Line::Semihosting => command.args(["-serial", "none"]),
            // Here they are the UART's, and the program's semihosting goes to standard error.
            Line::Uart => {
                command.args(["-chardev", "stdio,id=uart,signal=off", "-serial", "chardev:uart"])
            }
        };
        if self.program.contains("riscv") {
            command.args(["-bios", "none"]);
        }
        if counting {
            command.args(["-icount", "shift=0"]);
        }
        command.arg("-kernel").arg(elf);
        command
    }
}

/// The emulator of `board`.
pub(crate) fn emulator_of(board: &'static Board) -> Result<&'static Emulator, EmulatorError> {
    board.emulator.as_ref().ok_or(EmulatorError::Real { board: &board.name })
}

pub(crate) fn start(command: &mut Command) -> Result<Child, EmulatorError> {
    command.spawn().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        match error.kind() {
            ErrorKind::NotFound => EmulatorError::Missing { program },
            _ => EmulatorError::Start { program, error },
        }
    })
}

/// How the process ended; `None` if it did not within `limit`.
pub(crate) fn ended(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait()? {
            None if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            status => return Ok(status),
        }
    }
}

/// A program that ran to its end.
#[derive(Debug, Clone)]
pub struct EmulatorRun {
    /// What it showed.
    pub output: String,
    /// What QEMU wrote to its standard error.
    pub errors: String,
    /// How it ended.
    pub status: ExitStatus,
}

/// QEMU, which does not outlive this.
struct Running(Child);

impl Running {
    /// How it ended.
    fn end(mut self) -> Result<ExitStatus, EmulatorError> {
        ended(&mut self.0, ENDING)?.ok_or(EmulatorError::DoesNotEnd)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the program `elf`, which asks nothing of the host, on the emulated `board` while
/// instructions are counted. `arguments` are for QEMU, beside its usual ones.
///
/// # Errors
/// The board is not emulated, QEMU is missing, or the program takes half an hour or says a megabyte.
pub fn icount_run(
    board: &'static Board,
    elf: &Path,
    arguments: &[&str],
) -> Result<EmulatorRun, EmulatorError> {
    let mut command = emulator_of(board)?.command(elf, true);
    let command = command.args(arguments).stdin(Stdio::null());
    let mut running = Running(start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?);
    let pipes = running.0.stdout.take().zip(running.0.stderr.take());
    let (stdout, stderr) = pipes.ok_or_else(|| io::Error::from(ErrorKind::BrokenPipe))?;
    let deadline = Deadline::after(RUN);
    let errors = thread::spawn(move || all(stderr, deadline));
    let output = all(stdout, deadline)?;
    let errors = errors.join().map_err(|_| io::Error::from(ErrorKind::BrokenPipe))??;
    Ok(EmulatorRun { output, errors, status: running.end()? })
}

/// All that comes until the end.
fn all(source: impl Read + Send + 'static, deadline: Deadline) -> io::Result<String> {
    let mut bytes = Vec::new();
    Waiting::on(source, deadline).take(SAID + 1).read_to_end(&mut bytes)?;
    within(&bytes, SAID)
}

fn within(bytes: &[u8], limit: u64) -> io::Result<String> {
    if bytes.len() as u64 > limit {
        let message = format!("more than {limit} bytes");
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// Runs the program `elf` on the emulated `board`, sends it `input`, and hands each line that it
/// prints to `line`, until it ends or `line` has seen enough. How it ended; `None` if it was ended.
///
/// # Errors
/// The board is not emulated, QEMU is missing, or a line takes minutes or is of kilobytes.
pub fn watch(
    board: &'static Board,
    elf: &Path,
    input: &[u8],
    mut line: impl FnMut(&str) -> ControlFlow<()>,
) -> Result<Option<ExitStatus>, EmulatorError> {
    let mut command = emulator_of(board)?.command(elf, false);
    let mut running = Running(start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?);
    let pipes = running.0.stdin.take().zip(running.0.stdout.take());
    let (mut stdin, stdout) = pipes.ok_or_else(|| io::Error::from(ErrorKind::BrokenPipe))?;
    stdin.write_all(input)?;
    let mut output = BufReader::new(Waiting::on(stdout, Deadline::after(LINE)));
    while let Some(said) = next_line(&mut output)? {
        if line(&said).is_break() {
            return Ok(None);
        }
        output.get_mut().set_deadline(Deadline::after(LINE));
    }
    Ok(Some(running.end()?))
}

/// The next line, without its end; `None` where no more come.
fn next_line(output: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if output.take(LINE_BYTES + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let said = within(&bytes, LINE_BYTES)?;
    Ok(Some(said.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, repeat};
    use std::time::Duration;

    use super::{LINE_BYTES, SAID, all, next_line};
    use crate::waiting::Deadline;

    #[test]
    fn what_a_program_says_is_bounded() {
        let deadline = Deadline::after(Duration::from_secs(60));
        let error = all(repeat(b'x'), deadline).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), format!("more than {SAID} bytes"));
        assert_eq!(all(&b"ok: all"[..], deadline).unwrap(), "ok: all");
    }

    #[test]
    fn so_is_a_line() {
        let long = vec![b'x'; LINE_BYTES as usize + 1];
        let error = next_line(&mut &long[..]).unwrap_err();
        assert_eq!(error.to_string(), format!("more than {LINE_BYTES} bytes"));
        let mut said = &b"one\r\n\xfftwo\n\nend"[..];
        for line in [Some("one"), Some("\u{fffd}two"), Some(""), Some("end"), None] {
            assert_eq!(next_line(&mut said).unwrap().as_deref(), line);
        }
    }
}
