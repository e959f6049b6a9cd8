//! `cargo xtask firmware`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ae_boards::{Board, Firmware, PROGRAMS};
use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::gate::{self, Gate};
use crate::{Outcome, command, workspace};

/// The programs of a board whose emulator keeps its flash in a file, beside those of all boards.
pub(crate) const WITH_FLASH: [&str; 2] = ["update", "monitor-kept"];

/// Build the firmware of boards into `target/firmware`, where `ae-train` finds it.
///
/// If the environment variable `AE_PUBLIC_KEY=NAME.pub` is set, the firmware runs signed models only.
/// Beside it, `AE_NEXT_PUBLIC_KEY=NAME.pub` is a second key whose models it runs, `AE_PURPOSE=NAME`
/// what they have to be signed for, and `AE_LEAST_MODEL_VERSION=N` their least version.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The boards. Without any, all.
    boards: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let gate = Gate::of_environment()?;
    for board in chosen(&args.boards)? {
        build_into(&folder()?, board, gate.as_ref())?;
        println!("{}", folder()?.join(&board.name).display());
    }
    if let Some(gate) = gate {
        println!("runs models alone that {gate}");
    }
    Ok(Outcome::Success)
}

/// The boards of these names, or all.
///
/// # Errors
/// A name is not that of a board.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Board>> {
    if names.is_empty() {
        return Ok(Board::all().iter().collect());
    }
    names.iter().map(|name| Ok(Board::find(name)?)).collect()
}

/// Where the firmware of all boards lies.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn folder() -> Result<PathBuf> {
    Ok(workspace::target_folder()?.join("firmware"))
}

/// The folders of the firmware's workspaces.
pub(crate) fn workspaces() -> Vec<PathBuf> {
    let firmware = workspace::root().join("firmware");
    let own = Board::all().iter().filter_map(|board| board.workspace.as_ref());
    let own: Vec<PathBuf> = own.map(|folder| firmware.join(folder)).collect();
    [vec![firmware], own].concat()
}

/// Builds the programs of a board, which run every model.
///
/// # Errors
/// They do not build.
pub(crate) fn build(board: &Board) -> Result<()> {
    build_into(&folder()?, board, None)
}

/// Builds the programs of a board into a folder in `folder`, once in a run of this program.
///
/// # Errors
/// They do not build.
pub(crate) fn build_into(folder: &Path, board: &Board, gate: Option<&Gate>) -> Result<()> {
    static BUILT: Mutex<Vec<(PathBuf, Board, Option<Gate>)>> = Mutex::new(Vec::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let what = (folder.to_owned(), board.clone(), gate.cloned());
    if !built.contains(&what) {
        build_again(folder, board, gate)?;
        built.push(what);
    }
    Ok(())
}

fn build_again(folder: &Path, board: &Board, gate: Option<&Gate>) -> Result<()> {
    // Boards with one target share the folder that cargo builds in, and the names of programs: no
    // other process may build between this build and the copy.
    let folder_of_builds = build_folder()?;
    let _lock = lock()?;
    let mut cargo = match gate {
        Some(gate) => gate.cargo_for(board, "build")?,
        None => cargo_for(board, "build")?,
    };
    command::run(cargo.args(["--package", &board.package]))?;
    let built = folder_of_builds.join(&board.target).join("release");
    let with_flash = board.flash().map_or(&[][..], |_| &WITH_FLASH);
    for &program in PROGRAMS.iter().chain(with_flash) {
        let place = Firmware::path_in(folder, board, program);
        let parent = place.parent().context("a file in a folder")?;
        fs::create_dir_all(parent)?;
        let from = built.join(program);
        // Whole or not at all, for who may be reading it.
        let new = place.with_extension("new");
        fs::copy(&from, &new).with_context(|| format!("cannot copy {}", from.display()))?;
        fs::rename(&new, &place)?;
    }
    Ok(())
}

/// Builds a program of the board's package that a feature of its name turns on. Gives a copy
/// that is gone when the value is dropped. `configs` are what cargo's `--config` takes.
///
/// # Errors
/// It does not build.
pub(crate) fn build_by_feature(
    board: &Board,
    program: &str,
    rustflags: &str,
    configs: &[&str],
) -> Result<NamedTempFile> {
    let features = [&board.features[..], &[program.to_owned()]].concat();
    let with_program = Board { features, ..board.clone() };
    let elf = tempfile::Builder::new().suffix(".elf").tempfile()?;
    // Boards with one target share the folder, and the program's name.
    let _lock = lock()?;
    let mut build = cargo_with(&with_program, "build", rustflags)?;
    for config in configs {
        build.arg("--config").arg(config);
    }
    command::run(build.args(["--quiet", "--package", &board.package, "--bin", program]))?;
    let built = build_folder()?.join(&board.target).join("release").join(program);
    fs::copy(&built, elf.path()).with_context(|| format!("cannot copy {}", built.display()))?;
    Ok(elf)
}

/// Keeps other processes from building in the folder until the file is closed.
///
/// # Errors
/// The folder cannot be made or locked.
pub(crate) fn lock() -> Result<File> {
    let folder = build_folder()?;
    fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("xtask.lock"))?;
    lock.lock().context("cannot lock the folder of the firmware's builds")?;
    Ok(lock)
}

/// `cargo <verb> --release` in the workspace of the board's firmware, for its target and features.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn cargo_for(board: &Board, verb: &str) -> Result<std::process::Command> {
    cargo_with(board, verb, &rustflags(&board.target, &board.kernel))
}

/// [`cargo_for`] with other flags of rustc, as cargo's `--config` takes them.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn cargo_with(board: &Board, verb: &str, flags: &str) -> Result<std::process::Command> {
    let mut cargo = command::cargo(verb);
    cargo.args(["--release", "--no-default-features"]);
    if !board.features.is_empty() {
        cargo.args(["--features", &board.features.join(",")]);
    }
    let mut workspace = workspace::root().join("firmware");
    if let Some(own) = &board.workspace {
        workspace.push(own);
    }
    cargo.arg("--config").arg(flags);
    cargo.current_dir(workspace).args(["--target", &board.target]);
    cargo.arg("--target-dir").arg(build_folder()?);
    // The model that is linked is the repository's own; others are put in its place afterwards.
    cargo.env_remove("AE_MODEL");
    for name in gate::VARIABLES {
        cargo.env_remove(name);
    }
    Ok(cargo)
}

/// What cargo's `--config` takes to build for a target with an int8 kernel. Cargo finds a target whose
/// name has a dot by the name without quotes alone.
pub(crate) fn rustflags(target: &str, kernel: &str) -> String {
    // SHA-512 as a loop, where signatures are checked: its 80 rounds written out take 26 KB of
    // flash, more than all the rest. It is set for all firmware, so that one build of what does not
    // depend on it serves both kinds.
    let sha512 = "--cfg=sha2_backend_soft=\"compact\"";
    format!("target.{target}.rustflags=['--cfg=ae_kernel=\"{kernel}\"', '{sha512}']")
}

/// Where cargo builds the firmware, apart from what it builds for this machine.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn build_folder() -> Result<PathBuf> {
    Ok(workspace::target_folder()?.join("firmware-build"))
}
