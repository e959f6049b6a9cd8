//! A detector in two keeps up with a signal, in the emulator: the programs of `firmware/sampling`.

use ae_boards::Board;
use anyhow::{Context, Result};

use super::conformance::passed;
use crate::{command, firmware, footprint};

/// Their package.
pub(super) const PACKAGE: &str = "ae-sampling";
/// The programs.
const PROGRAMS: [&str; 4] = ["embassy", "embassy-features", "rtic", "rtic-features"];
/// The board that its `memory.x` is for.
pub(super) const BOARD: &str = "mps2-an386";

/// Builds and runs the programs and gives what they say.
///
/// # Errors
/// One does not build, or a sample, a window or a decision is not what it should be.
pub(super) fn run() -> Result<String> {
    let board = Board::find(BOARD)?;
    let mut cargo = footprint::cargo_for(board, "build")?;
    command::run(cargo.args(["--quiet", "--package", PACKAGE]))?;
    let folder = firmware::build_folder()?.join(&board.target).join("release");
    let mut said = Vec::new();
    for program in PROGRAMS {
        // Time is counted in instructions, so that a busy machine changes nothing.
        let run = ae_boards::icount_run(board, &folder.join(program), &[])?;
        let line =
            passed(&run.output, run.status).with_context(|| format!("{program} on {BOARD}"))?;
        said.push(format!("{program}: {line}"));
    }
    Ok(said.join("; "))
}
