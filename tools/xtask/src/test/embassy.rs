//! A detector in two keeps up with a signal, in the emulator: the program of `firmware/embassy`.

use ae_boards::Board;
use anyhow::{Context, Result, bail};

use crate::{command, firmware, footprint};

/// Its package.
pub(super) const PACKAGE: &str = "ae-embassy";
/// Its program.
const PROGRAM: &str = "embassy";
/// The board that its `memory.x` is for.
pub(super) const BOARD: &str = "mps2-an386";

/// Builds and runs the program and gives what it says.
///
/// # Errors
/// It does not build, or a sample, a window or a decision is not what it should be.
pub(super) fn run() -> Result<String> {
    let board = Board::find(BOARD)?;
    let mut cargo = footprint::cargo_for(board, "build")?;
    command::run(cargo.args(["--quiet", "--package", PACKAGE]))?;
    let elf = firmware::build_folder()?.join(&board.target).join("release").join(PROGRAM);
    let emulator = board.emulator.as_ref().context("an emulated board")?;
    // Time is counted in instructions, so that a busy machine changes nothing.
    let output = emulator.command(&elf, true).output().with_context(|| {
        format!("cannot start {}; `cargo xtask setup` installs it", emulator.program)
    })?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match said.strip_prefix("ok: ") {
        Some(found) if output.status.success() => Ok(found.to_owned()),
        _ => bail!("{PROGRAM} on {BOARD}: {said} ({})", output.status),
    }
}
