//! `cargo xtask setup`.

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use anyhow::Result;

use crate::{Outcome, command};

/// Install what `test` needs and the toolchain lacks; `test` does this by itself.
///
/// That is rustfmt and clippy, and the targets that the crates for boards are built for. Without
/// rustup or network it says what is missing and ends with success: `test` then fails on a missing
/// tool, and leaves out a missing target and says so.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// The targets that the crates for boards are built for: the smallest Cortex-M, without atomic
/// compare-and-swap, and one with an FPU.
pub(crate) const BOARD_TARGETS: [&str; 2] = ["thumbv6m-none-eabi", "thumbv7em-none-eabihf"];

/// What one rustup call may take. A slow network is not worth waiting for longer.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn run(_: &Args) -> Result<Outcome> {
    install_missing();
    Ok(Outcome::Success)
}

/// Installs what is missing as far as it can be had.
pub(crate) fn install_missing() {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if command::read_quietly(command::cargo(subcommand).arg("--version")).is_none() {
            install(rustup("component").arg(component));
        }
    }
    for target in BOARD_TARGETS {
        if !has_target(target) {
            install(rustup("target").arg(target));
        }
    }
}

/// Whether the toolchain has the target's `core`.
pub(crate) fn has_target(target: &str) -> bool {
    let arguments = ["--print", "target-libdir", "--target", target];
    let folder = command::read_quietly(command::program(rustc()).args(arguments));
    let Ok(files) = fs::read_dir(folder.unwrap_or_default().trim_end()) else { return false };
    files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
}

fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// `rustup <what> add`.
fn rustup(what: &str) -> Command {
    let mut command = command::program("rustup");
    command.args([what, "add"]);
    command
}

fn install(rustup: &mut Command) {
    println!("{}", command::line(rustup));
    if let Err(error) = command::run_within(LIMIT, rustup) {
        println!("not installed: {error:#}");
    }
}
