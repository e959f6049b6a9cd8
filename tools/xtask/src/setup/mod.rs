//! `cargo xtask setup`.

mod apt;
// It makes links, and serves Debian alone.
#[cfg(unix)]
mod board_toolchain;
mod c;
mod fuzzer;
mod needs;
mod rustup;

use ae_boards::Board;
use anyhow::{Result, bail};

use crate::{Outcome, command};
pub(crate) use rustup::host;

/// Install what `test` needs and the machine lacks; `test` does this by itself.
///
/// That is rustfmt and clippy, the targets of the boards and of AArch64, QEMU, Fashion-MNIST,
/// Chromium, Valgrind, compilers for C and C++ (gcc, clang, and those for Arm and RISC-V boards), CMake and
/// pkg-config.
/// Targets come from rustup. Where rustup cannot install them, their `core` is built from Debian's
/// packages rustc-web and rust-web-src. The rest comes by apt. Without rustup or apt it says what to
/// install and ends with success. `test` then fails where a tool is missing. It tells what it looks
/// for, what is there, every command that installs something, and how it stands at the end.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<Outcome> {
    let before = needs::all();
    println!("what the tests need:\n{}", needs::table(&before));
    install_missing()?;
    let after = needs::all();
    let changed = needs::table(&after);
    if changed != needs::table(&before) {
        println!("now:\n{changed}");
    }
    println!("{}", needs::summary(&before, &after));
    Ok(Outcome::Success)
}

/// Whether a compiler made by [`board_toolchain`] has what rustup has not.
fn has_board_toolchain() -> bool {
    #[cfg(unix)]
    return board_toolchain::is_there();
    #[cfg(not(unix))]
    false
}

/// Installs what is missing as far as it can be had.
///
/// # Errors
/// A compiler for the boards is there and cannot build their `core`.
fn install_missing() -> Result<()> {
    install_toolchain()?;
    install_programs();
    Ok(())
}

/// Installs what building takes, as far as it is missing and can be had.
///
/// # Errors
/// A compiler for the boards is there and cannot build their `core`.
pub(crate) fn install_toolchain() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !has_cargo(subcommand) {
            rustup::add("component", &[component]);
        }
    }
    install_board_targets()?;
    if !rustup::has_target(AARCH64) {
        rustup::add("target", &[AARCH64]);
    }
    Ok(())
}

/// Installs what running tests takes, as far as it is missing and can be had.
pub(crate) fn install_programs() {
    install_emulators();
    if !is_installed("qemu-aarch64") {
        apt::install_qemu_user();
    }
    apt::install_fashion_mnist();
    if !is_installed("chromium") {
        apt::install_chromium();
    }
    fuzzer::install_missing();
    c::install_missing();
}

/// Installs what building and emulating boards needs.
///
/// # Errors
/// A compiler for the boards is there and cannot build their `core`.
pub(crate) fn install_missing_for_boards() -> Result<()> {
    install_board_targets()?;
    install_emulators();
    Ok(())
}

fn install_board_targets() -> Result<()> {
    if !rustup::missing_targets().is_empty() {
        rustup::add("target", &rustup::missing_targets());
    }
    #[cfg(unix)]
    board_toolchain::ensure(&rustup::missing_targets())?;
    Ok(())
}

fn install_emulators() {
    let missing: Vec<&str> = emulators().into_iter().filter(|name| !is_installed(name)).collect();
    if !missing.is_empty() {
        apt::install_qemu();
        for name in missing.into_iter().filter(|name| !is_installed(name)) {
            println!("not installed: {name}; install QEMU with your system's package manager");
        }
    }
}

/// Whether packages for CMake can be tried.
pub(crate) fn has_cmake() -> bool {
    c::has_finders()
}

/// Whether accesses of memory can be watched.
pub(crate) fn has_valgrind() -> bool {
    fuzzer::has_valgrind()
}

/// Whether programs in C can be compiled, for this machine and for boards.
///
/// # Errors
/// A compiler is not there.
pub(crate) fn check_c() -> Result<()> {
    c::check()
}

/// Installs what `fuzz` alone needs.
///
/// # Errors
/// It cannot be had.
pub(crate) fn install_fuzzer() -> Result<()> {
    fuzzer::install_missing();
    fuzzer::check()
}

/// Installs what virtual environments of Python need.
///
/// # Errors
/// It cannot be had.
pub(crate) fn install_venv() -> Result<()> {
    // Debian's python3 has venv without the pip that goes into an environment.
    let has_venv = || {
        let mut python = command::program("python3");
        command::read_quietly(python.args(["-c", "import ensurepip, venv"])).is_some()
    };
    if !has_venv() && (!apt::install_venv() || !has_venv()) {
        bail!("there is no Python 3 with its module venv; Debian's package python3-venv has both");
    }
    Ok(())
}

/// Whether the toolchain itself, with clippy and rustdoc, has the targets of all boards.
pub(crate) fn has_board_targets() -> bool {
    rustup::board_targets().into_iter().all(rustup::has_target)
}

/// What the kernel for AArch64 is tested with; its standard library brings its C library along.
pub(crate) const AARCH64: &str = "aarch64-unknown-linux-musl";

/// Whether tests can be built and run for [`AARCH64`].
pub(crate) fn has_aarch64() -> bool {
    rustup::has_target(AARCH64) && is_installed("qemu-aarch64")
}

/// Installs a target that not every machine needs, where it is missing and can be had.
pub(crate) fn install_target(target: &str) {
    if !rustup::has_target(target) && !has_board_toolchain() {
        rustup::add("target", &[target]);
    }
}

/// QEMU's programs for the emulated boards.
fn emulators() -> Vec<&'static str> {
    let emulators = Board::all().iter().filter_map(|board| board.emulator.as_ref());
    let mut names: Vec<&str> = emulators.map(|emulator| &*emulator.program).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether cargo has a command of this name.
fn has_cargo(subcommand: &str) -> bool {
    command::read_quietly(command::cargo(subcommand).arg("--version")).is_some()
}

fn is_installed(program: &str) -> bool {
    command::read_quietly(command::program(program).arg("--version")).is_some()
}
