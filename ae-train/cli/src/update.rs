//! `ae-train update`.

use std::fs;
use std::path::{Path, PathBuf};

use ae_boards::update::{Updated, update};
use ae_boards::{Board, Firmware, FlashFile, FlashFileError, Session, only_serial_port};
use ae_files::read_file;
use anyhow::{Context, bail};

use super::model_file::ModelFile;
use super::progress::UpdateProgress;
use super::{Outcome, board_model, print};

/// Bring a new model to a board that runs already, over its line.
///
/// The board keeps two models. It takes the new one into the place that it does not run from, checks
/// signature, purpose, version and self-test, runs it on trial, and returns to the old one unless it
/// is confirmed. Whatever is cut, cable or power, the board has a whole model, and the same command
/// goes on where it was. docs/boards.md says which program a board needs.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A signed model, from `ae-train sign`; or a blob, for firmware that was built without a key.
    model: PathBuf,
    /// The board.
    #[arg(long, value_name = "NAME", value_parser = board_model::names())]
    board: String,
    /// The serial port of a real board. Without this option, the only USB serial port there is.
    #[arg(long, value_name = "PORT")]
    port: Option<PathBuf>,
    /// The file in which an emulated board keeps its flash. If there is none yet, it is made, with
    /// the model as the board's first.
    #[arg(long, value_name = "FILE")]
    flash: Option<PathBuf>,
    /// The firmware's ELF file for an emulated board, or the folder with that of all boards. Without
    /// this option, the folder in the environment variable AE_FIRMWARE, or the one that `cargo xtask
    /// firmware` fills.
    #[arg(long, value_name = "FILE", conflicts_with = "port")]
    firmware: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let board = Board::find(&args.board)?;
    let file = ModelFile::read(&args.model)?;
    let mut session = if board.emulator.is_some() {
        emulated(board, args, file.bytes())?
    } else {
        real(board, args)?
    };
    let progress = UpdateProgress::new();
    let updated = update(&mut session, file.bytes(), Some(board), |event| progress.show(event));
    progress.finish();
    let updated = updated?;
    if board.emulator.is_some() {
        // The emulator ends with its host.
        session.leave().context("the emulated board")?;
    }
    print(line(&updated))?;
    Ok(Outcome::Success)
}

fn line(updated: &Updated) -> String {
    let Updated { models, was_there, .. } = updated;
    let version = models.running.map_or(0, |model| model.version);
    let board = &models.board;
    match was_there {
        true => format!("{board} runs model version {version} already"),
        false => {
            format!("{board} runs model version {version}, and takes none below {}", models.least)
        }
    }
}

fn real(board: &'static Board, args: &Args) -> anyhow::Result<Session> {
    if args.flash.is_some() {
        bail!("{} is a real board, and keeps its flash itself: leave out --flash", board.name);
    }
    let port = args.port.clone().map_or_else(only_serial_port, Ok)?;
    Ok(Session::serial(&port)?)
}

fn emulated(board: &'static Board, args: &Args, file: &[u8]) -> anyhow::Result<Session> {
    if args.port.is_some() {
        bail!("{} is emulated: it has no --port", board.name);
    }
    let Some(path) = &args.flash else {
        bail!("{} is emulated: --flash names the file in which it keeps its flash", board.name);
    };
    if board.flash().is_none() {
        return Err(FlashFileError::None { board: &board.name }.into());
    }
    let firmware = Firmware::find(args.firmware.as_deref(), board, "update")?;
    let flash = if fs::symlink_metadata(path).is_ok() {
        FlashFile::open(board, path)?
    } else {
        if let Some(gate) = firmware.image.gate() {
            board_model::admitted(file, gate).context("the board would refuse its first model")?;
        }
        let made = FlashFile::make(board, path, file)?;
        tell!("{}: a new flash, with this model as the board's first", path.display());
        made
    };
    let elf = elf(&firmware.path)?;
    Ok(Session::emulate_with_flash(board, &elf, &flash)?)
}

/// The program, which takes its models from the flash.
fn elf(path: &Path) -> anyhow::Result<Vec<u8>> {
    const MOST_BYTES: u64 = 256 << 20;
    read_file(path, MOST_BYTES).with_context(|| format!("cannot read {}", path.display()))
}
