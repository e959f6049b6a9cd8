//! Clippy finds nothing, in the kernels of any core either.

use ae_boards::Board;
use anyhow::Result;

use super::no_std::CRATES;
use super::sampling;
use crate::gate::Gate;
use crate::setup::{self, AARCH64};
use crate::{command, firmware, footprint, workspace};

/// In release profile, so that what build scripts and macros need is built once for all steps.
const OPTIONS: &str = "--release --keep-going";

pub(super) fn run() -> Result<String> {
    let host =
        command::cargo(&format!("clippy {OPTIONS} --workspace --all-targets -- --deny warnings"));
    // Each builds in a folder of its own.
    let (mut in_workspace, fuzz, mut in_firmware) = (vec![host, portable()?], fuzz()?, Vec::new());
    if !setup::has_board_targets() {
        // The compiler from elsewhere that builds the firmware brings no clippy.
        command::run_groups([in_workspace, vec![fuzz]])?;
        return Ok("firmware left out: rustup could not add the targets of boards".to_owned());
    }
    let mut kernels = vec!["portable", "host"];
    for board in Board::all() {
        in_firmware.push(deny_warnings(firmware::cargo_for(board, "clippy")?, &board.package));
    }
    for core in footprint::cores() {
        let clippy = footprint::cargo_for(core, "clippy")?;
        in_firmware.push(deny_warnings(clippy, footprint::PACKAGE));
        in_workspace.push(kernel(&core.target, &core.kernel));
        kernels.push(&core.kernel);
    }
    let sampling = footprint::cargo_for(Board::find(sampling::BOARD)?, "clippy")?;
    in_firmware.push(deny_warnings(sampling, sampling::PACKAGE));
    let trial = Gate::trial()?;
    for board in ["mps2-an386", "rv32"] {
        let board = Board::find(board)?;
        let clippy = trial.cargo_for(board, "clippy")?;
        in_firmware.push(deny_warnings(clippy, &board.package));
    }
    if setup::has_aarch64() {
        in_workspace.push(kernel(AARCH64, "host"));
    }
    command::run_groups([in_firmware, in_workspace, vec![fuzz]])?;
    kernels.sort_unstable();
    kernels.dedup();
    Ok(format!("kernels {}", kernels.join(", ")))
}

fn deny_warnings(mut clippy: std::process::Command, package: &str) -> std::process::Command {
    clippy.args(["--quiet", "--package", package, "--", "--deny", "warnings"]);
    clippy
}

/// The crates that run on boards, as a core has them. They are no members of the firmware's
/// workspace, whose clippy so does not look at them.
fn kernel(target: &str, kernel: &str) -> std::process::Command {
    let mut clippy = command::cargo(&format!("clippy {OPTIONS} --quiet --lib --target {target}"));
    clippy.args(CRATES.map(|name| format!("--package={name}")));
    clippy.arg("--config").arg(firmware::rustflags(target, kernel));
    clippy.args(["--", "--deny", "warnings"]);
    clippy
}

/// The targets of the fuzzer.
fn fuzz() -> Result<std::process::Command> {
    let options = "--manifest-path tools/fuzz/Cargo.toml --workspace --lib --bins";
    let mut clippy = command::cargo(&format!("clippy {OPTIONS} {options} --target-dir"));
    clippy.arg(workspace::target_folder()?.join("fuzz").join("lint"));
    // Nothing is linked, so the fuzzer itself need not be compiled.
    clippy.env("CUSTOM_LIBFUZZER_PATH", "fuzz/none.a");
    clippy.args(["--", "--deny", "warnings"]);
    Ok(clippy)
}

/// [`kernel`] with the portable one on this machine.
fn portable() -> Result<std::process::Command> {
    Ok(kernel(&setup::host()?, "portable"))
}

#[cfg(test)]
mod tests {
    use super::CRATES;
    use crate::test::no_std::source;

    /// The lints that a crate denies beside the workspace's.
    fn own_lints(source: &str) -> Option<&str> {
        source
            .split_once("#![cfg_attr(\n    not(test),\n    deny(\n")?
            .1
            .split_once("    )\n)]\n")
            .map(|(lints, _)| lints)
    }

    #[test]
    fn the_crates_on_boards_deny_the_same_panics() {
        let sources = CRATES.map(|name| std::fs::read_to_string(source(name)).unwrap());
        let [first, rest @ ..] = sources.each_ref().map(|source| own_lints(source).unwrap());
        for lint in ["arithmetic_side_effects", "indexing_slicing", "panic", "unwrap_used"] {
            assert!(first.contains(&format!("clippy::{lint},\n")), "{lint}");
        }
        assert_eq!(rest, [first; CRATES.len() - 1]);
        assert_eq!(own_lints("#![no_std]\n"), None);
    }
}
