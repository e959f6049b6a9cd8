//! A detector in two keeps up with a signal, in the emulator: the program of `firmware/embassy`.

use ae_boards::Board;
use anyhow::{Context, Result};

use super::conformance::passed;
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
    // Time is counted in instructions, so that a busy machine changes nothing.
    let run = ae_boards::icount_run(board, &elf, &[])?;
    passed(&run.output, run.status).with_context(|| format!("{PROGRAM} on {BOARD}"))
}
