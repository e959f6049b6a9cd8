//! Clippy has nothing to say.

use ae_boards::Board;
use anyhow::Result;

use crate::gate::Gate;
use crate::{command, firmware, footprint, setup};

pub(super) fn run() -> Result<String> {
    // In release profile, so that what build scripts and macros need is built once for all steps.
    let options = "--workspace --release --all-targets --keep-going";
    let mut host = command::cargo(&format!("clippy {options} -- --deny warnings"));
    if !setup::has_board_targets() {
        // The compiler from elsewhere that builds the firmware brings no clippy.
        command::run(&mut host)?;
        return Ok("firmware left out: rustup could not add the targets of boards".to_owned());
    }
    let mut firmware = Vec::new();
    for board in Board::all() {
        firmware.push(deny_warnings(firmware::cargo_for(board, "clippy")?, &board.package));
    }
    for core in footprint::cores() {
        let clippy = footprint::cargo_for(core, "clippy")?;
        firmware.push(deny_warnings(clippy, footprint::PACKAGE));
    }
    let trial = Gate::trial()?;
    for board in ["mps2-an386", "rv32"] {
        let board = Board::find(board)?;
        let clippy = trial.cargo_for(board, "clippy")?;
        firmware.push(deny_warnings(clippy, &board.package));
    }
    command::run_all([host].into_iter().chain(firmware))?;
    Ok(String::new())
}

fn deny_warnings(mut clippy: std::process::Command, package: &str) -> std::process::Command {
    clippy.args(["--quiet", "--package", package, "--", "--deny", "warnings"]);
    clippy
}
