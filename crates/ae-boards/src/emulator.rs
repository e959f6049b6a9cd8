//! QEMU, started for one board.

use std::io::{self, BufReader, ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::board::{Board, Emulator, Line};
use crate::flash_file::FlashFile;
use crate::process::{Running, next_line};
use crate::waiting::{Deadline, Waiting};

/// How long a program may run that asks nothing of the host, whatever it says meanwhile.
const RUN: Duration = Duration::from_secs(1800);
/// How long a program may take to the end of its next line.
const LINE: Duration = Duration::from_secs(300);

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
        let mut command = self.alone(elf);
        command.args(["-semihosting-config", "enable=on,target=native"]);
        if counting {
            command.args(["-icount", "shift=0"]);
        }
        command
    }

    /// QEMU with the program `elf` on this board, which keeps its flash in a file. Standard input and
    /// output are those of the board's first UART; the exit code is the program's.
    #[must_use]
    pub fn command_with_flash(&self, elf: &Path, flash: &FlashFile) -> Command {
        let mut command = Self { line: Line::Uart, ..self.clone() }.machine();
        // Of `virt` with a flash in a file, QEMU takes what `-kernel` names for an operating system,
        // which it leaves to the flash to load.
        command.arg("-device").arg(format!("loader,file={}", escaped(elf)));
        command.args(["-semihosting-config", "enable=on,target=native"]);
        let drive = format!("if=pflash,unit=1,format=raw,file={}", escaped(flash.path()));
        command.arg("-drive").arg(drive);
        command
    }

    /// QEMU as a board that no debugger watches: a semihosting call is a fault, as there.
    fn alone(&self, elf: &Path) -> Command {
        let mut command = self.machine();
        command.arg("-kernel").arg(elf);
        command
    }

    /// QEMU without a program.
    fn machine(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-machine", &self.machine, "-display", "none", "-monitor", "none"]);
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
        command
    }
}

/// A path within an option of QEMU's: a comma ends it, and two of them stand for one.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace(',', ",,")
}

/// The emulator of `board`.
pub(crate) fn emulator_of(board: &'static Board) -> Result<&'static Emulator, EmulatorError> {
    board.emulator.as_ref().ok_or(EmulatorError::Real { board: &board.name })
}

pub(crate) fn start(command: &mut Command) -> Result<Running, EmulatorError> {
    command.spawn().map(Running).map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        match error.kind() {
            ErrorKind::NotFound => EmulatorError::Missing { program },
            _ => EmulatorError::Start { program, error },
        }
    })
}

/// A conversation by lines with a program in the emulator.
#[derive(Debug)]
pub struct Talk {
    running: Running,
    input: ChildStdin,
    output: BufReader<Waiting>,
}

impl Talk {
    /// With the program `elf` on the emulated `board`.
    ///
    /// # Errors
    /// The board is not emulated, or QEMU cannot be started.
    pub fn new(board: &'static Board, elf: &Path) -> Result<Self, EmulatorError> {
        Self::begin(&mut emulator_of(board)?.command(elf, false))
    }

    /// With the program on a board that no debugger watches.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn alone(board: &'static Board, elf: &Path) -> Result<Self, EmulatorError> {
        Self::begin(&mut emulator_of(board)?.alone(elf))
    }

    fn begin(command: &mut Command) -> Result<Self, EmulatorError> {
        let mut running = start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let pipes = running.0.stdin.take().zip(running.0.stdout.take());
        let (input, stdout) = pipes.ok_or_else(|| io::Error::from(ErrorKind::BrokenPipe))?;
        let output = BufReader::new(Waiting::on(stdout, Deadline::after(LINE)));
        Ok(Self { running, input, output })
    }

    /// Sends `text`.
    ///
    /// # Errors
    /// The emulator takes no more.
    pub fn send(&mut self, text: &str) -> Result<(), EmulatorError> {
        self.input.write_all(text.as_bytes())?;
        Ok(self.input.flush()?)
    }

    /// The next line that the program says.
    ///
    /// # Errors
    /// There is none, or it takes minutes or is of kilobytes.
    pub fn line(&mut self) -> Result<String, EmulatorError> {
        self.output.get_mut().set_deadline(Deadline::after(LINE));
        Ok(next_line(&mut self.output)?.ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?)
    }

    /// The rest of what the program says, and how it ended.
    ///
    /// # Errors
    /// It does not end.
    pub fn end(mut self) -> Result<(String, ExitStatus), EmulatorError> {
        let mut said = String::new();
        while let Some(line) = next_line(&mut self.output)? {
            said = said + &line + "\n";
        }
        Ok((said, self.running.end()?))
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
    finish(emulator_of(board)?.command(elf, true).args(arguments))
}

/// The same without counting, and so faster.
///
/// # Errors
/// As [`icount_run`].
pub fn run(board: &'static Board, elf: &Path) -> Result<EmulatorRun, EmulatorError> {
    finish(&mut emulator_of(board)?.command(elf, false))
}

fn finish(command: &mut Command) -> Result<EmulatorRun, EmulatorError> {
    let command = command.stdin(Stdio::null());
    let running = start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (output, errors, status) = running.finish(RUN)?;
    Ok(EmulatorRun { output, errors, status })
}

/// Runs the program `elf` on the emulated `board`, sends it `input`, and hands each line that it
/// prints to `line`, until it ends or `line` has seen enough. How it ended; `None` if it was ended.
///
/// # Errors
/// The board is not emulated, QEMU is missing, or a line takes minutes.
pub fn watch(
    board: &'static Board,
    elf: &Path,
    input: &[u8],
    mut line: impl FnMut(&str) -> ControlFlow<()>,
) -> Result<Option<ExitStatus>, EmulatorError> {
    let mut command = emulator_of(board)?.command(elf, false);
    let mut running = start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
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
