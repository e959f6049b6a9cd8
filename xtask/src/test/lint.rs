//! Clippy has nothing to say.

use ae_boards::Board;
use anyhow::Result;

use crate::{command, firmware, footprint, setup, workspace};

pub(super) fn run() -> Result<String> {
    // In release profile, so that what build scripts and macros need is built once for all steps.
    let options = "--workspace --release --all-targets --keep-going";
    let host = command::cargo(&format!("clippy {options} -- --deny warnings"));
    // Without the readers: Burn would have to be read once more for them.
    let mut fuzz = command::cargo("clippy --release --manifest-path fuzz/Cargo.toml --lib --bins");
    fuzz.args(["--package", "ae-fuzz", "--target-dir"]);
    fuzz.arg(workspace::target_folder()?.join("fuzz").join("lint"))
        .args(["--", "--deny", "warnings"]);
    let host = [host, fuzz];
    if !setup::has_board_targets() {
        // The compiler from elsewhere that builds the firmware brings no clippy.
        command::run_all(host)?;
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
    command::run_all(host.into_iter().chain(firmware))?;
    Ok(String::new())
}

fn deny_warnings(mut clippy: std::process::Command, package: &str) -> std::process::Command {
    clippy.args(["--quiet", "--package", package, "--", "--deny", "warnings"]);
    clippy
}
