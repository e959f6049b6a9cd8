//! `ae-train flash`.

use std::path::PathBuf;

use ae_boards::{Board, Then, probe_commands};
use anyhow::bail;
use clap::ValueEnum;

use super::model_file::ModelFile;
use super::tool::{self, Seen};
use super::{Outcome, board_model, print};

/// Put a model on a real board and run its self-test there.
///
/// The firmware must have been built by `cargo xtask firmware BOARD`. This command puts the model into
/// it, checks that flash, RAM and stack are enough, and calls probe-rs, or espflash for an ESP32.
/// docs/boards.md has a section for each board.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob, or a signed one, which is put on the board as it is.
    model: PathBuf,
    /// The board.
    #[arg(long, value_name = "NAME", value_parser = board_model::names())]
    board: String,
    /// The program to flash with the model.
    #[arg(long, value_enum, default_value_t)]
    program: ProgramName,
    /// The serial port of a board that is flashed over one. Without this option the tool looks for
    /// it.
    #[arg(long, value_name = "PORT")]
    port: Option<PathBuf>,
    /// The firmware's ELF file, or the folder with that of all boards. Without this option, the folder
    /// in the environment variable AE_FIRMWARE, or the one that `cargo xtask firmware` fills.
    #[arg(long, value_name = "FILE")]
    firmware: Option<PathBuf>,
    /// Check that the model fits, and flash nothing.
    #[arg(long)]
    check: bool,
}

/// A program of the firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ProgramName {
    /// Checks the model's own test vector layer by layer and prints one line.
    #[default]
    Selftest,
    /// Measures one inference.
    Bench,
    /// Answers `ae-train verify --board`, which flashes it by itself.
    Equivalence,
    /// Watches a signal that `ae-train monitor --board` sends, which flashes it by itself.
    Monitor,
}

impl ProgramName {
    fn name(self) -> &'static str {
        match self {
            Self::Selftest => "selftest",
            Self::Bench => "bench",
            Self::Equivalence => "equivalence",
            Self::Monitor => "monitor",
        }
    }

    /// What the line begins with that the program prints when it succeeds; the programs for a host
    /// print none.
    fn success(self) -> Option<&'static str> {
        match self {
            Self::Selftest => Some("ok: "),
            Self::Bench => Some("bench: "),
            Self::Equivalence | Self::Monitor => None,
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let board = Board::find(&args.board)?;
    if !args.check {
        board.flasher()?;
    }
    let file = ModelFile::read(&args.model)?;
    let folder = args.firmware.as_deref();
    let fitted = board_model::put(file.bytes(), board, args.program.name(), folder)?;
    print(format_args!("{} fits {}: {}", args.model.display(), board.name, fitted.needs))?;
    board_model::tell_layout(file.blob(), board);
    if args.check {
        return Ok(Outcome::Success);
    }
    let elf = fitted.file()?;
    let success = args.program.success();
    let then = if success.is_some() { Then::Watch } else { Then::Leave };
    let mut seen = Seen::Nothing;
    for mut command in probe_commands(board, elf.path(), then, args.port.as_deref())? {
        seen = tool::run(board.flasher()?.tool, &mut command, success, true)?;
    }
    match seen {
        Seen::Failure => Ok(Outcome::Mismatch),
        Seen::Success => Ok(Outcome::Success),
        Seen::Nothing if success.is_none() => Ok(Outcome::Success),
        Seen::Nothing => bail!(
            "the board said neither `{}` nor `FAILED: `; `cargo xtask firmware {}` builds its firmware again",
            success.unwrap_or_default(),
            board.name
        ),
    }
}
