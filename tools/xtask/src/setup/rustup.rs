//! Components and targets of the toolchain, by rustup.

use std::ffi::OsString;
use std::time::Duration;
use std::{env, fs};

use ae_boards::Board;
use anyhow::Result;

use crate::command;
use crate::test::SOFT_FLOAT;

/// What one rustup call may take. A slow network is not worth waiting for longer.
const LIMIT: Duration = Duration::from_secs(300);

/// `rustup <what> add <names>`; says so where it fails.
pub(super) fn add(what: &str, names: &[&str]) {
    let mut rustup = command::program("rustup");
    rustup.args([what, "add"]).args(names);
    println!("{}", command::line(&rustup));
    if let Err(error) = command::run_within(LIMIT, &mut rustup) {
        println!("not installed: {error:#}");
    }
}

/// The targets of the boards.
pub(super) fn board_targets() -> Vec<&'static str> {
    let mut targets: Vec<&str> = Board::all().iter().map(|board| &*board.target).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// The targets of firmware: those of the boards, and that of the step `conformance` beside them.
pub(super) fn targets() -> Vec<&'static str> {
    [board_targets(), vec![SOFT_FLOAT]].concat()
}

/// Those of [`targets`] whose `core` the toolchain lacks.
pub(super) fn missing_targets() -> Vec<&'static str> {
    targets().into_iter().filter(|target| !has_target(target)).collect()
}

pub(super) fn has_target(target: &str) -> bool {
    let arguments = ["--print", "target-libdir", "--target", target];
    let folder = command::read_quietly(command::program(rustc()).args(arguments));
    let Ok(files) = fs::read_dir(folder.unwrap_or_default().trim_end()) else { return false };
    files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
}

/// This machine's own target.
///
/// # Errors
/// The compiler cannot be run.
pub(crate) fn host() -> Result<String> {
    let host = command::read(command::program(rustc()).args(["--print", "host-tuple"]))?;
    Ok(host.trim().to_owned())
}

/// The toolchain's compiler.
pub(super) fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}
