//! `ae-train flash`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use ae_boards::{Board, Then, probe_commands};
use anyhow::{Context, bail};
use clap::ValueEnum;

use super::{Outcome, board_model, files, print};

/// Put a model on a real board and run its self-test there.
///
/// This builds nothing: it puts the model into firmware that `cargo xtask firmware BOARD` has built,
/// checks that flash, RAM and stack are enough, and calls probe-rs, or espflash for an ESP32.
/// Without --board it would not know where to; docs/boards.md has a page for each board.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob.
    model: PathBuf,
    /// The board: stm32f405, nrf52840-dk, pico2 or esp32-c3.
    #[arg(long, value_name = "NAME")]
    board: String,
    /// Which program to flash with it.
    #[arg(long, value_enum, default_value_t)]
    program: ProgramName,
    /// Folder with the firmware; without it, the one that `cargo xtask firmware` fills.
    #[arg(long, value_name = "FOLDER")]
    firmware: Option<PathBuf>,
    /// Only check that the model fits.
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
}

impl ProgramName {
    fn name(self) -> &'static str {
        match self {
            Self::Selftest => "selftest",
            Self::Bench => "bench",
            Self::Equivalence => "equivalence",
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let board = Board::find(&args.board)?;
    board.flasher()?;
    let blob = files::read_blob(&args.model)?;
    let fitted = board_model::put(&blob, board, args.program.name(), args.firmware.as_deref())?;
    print(format_args!("{} fits {}: {}", args.model.display(), board.name, fitted.needs))?;
    if args.check {
        return Ok(Outcome::Success);
    }
    let elf = fitted.file()?;
    let then = match args.program {
        ProgramName::Equivalence => Then::Leave,
        ProgramName::Selftest | ProgramName::Bench => Then::Watch,
    };
    let mut failed = false;
    for mut command in probe_commands(board, elf.path(), then)? {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let stdout = child.stdout.take().context("the tool's output is piped")?;
        for line in BufReader::new(stdout).lines() {
            let line = line.with_context(|| format!("cannot read what {program} says"))?;
            failed |= line.contains("FAILED: ");
            print(&line)?;
        }
        let status = child.wait()?;
        if !status.success() && !failed {
            bail!("{program} ended with {status}; what it said is above");
        }
    }
    Ok(if failed { Outcome::Mismatch } else { Outcome::Success })
}
