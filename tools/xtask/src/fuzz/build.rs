//! The targets' programs, and the folders that they work in.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use super::targets::{Package, TARGETS, Target};
use crate::{command, workspace};

/// What is built into the programs beside checks for overflow and debug assertions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sanitizer {
    /// Every access of memory is checked.
    Address,
    /// Nothing.
    None,
}

impl Sanitizer {
    /// As cargo-fuzz calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::None => "none",
        }
    }
}

impl Target {
    /// What is built into it where `wanted` is asked for.
    pub(super) fn sanitizer(&self, wanted: Sanitizer) -> Sanitizer {
        match self.package {
            Package::Engine => wanted,
            Package::Readers => Sanitizer::None,
        }
    }
}

/// Builds the programs of `targets`.
///
/// # Errors
/// One does not build.
pub(crate) fn build(sanitizer: Sanitizer, targets: &[&Target]) -> Result<()> {
    for package in [Package::Engine, Package::Readers] {
        let of_it = |target: &&&Target| target.package == package;
        let chosen: Vec<&Target> = targets.iter().filter(of_it).copied().collect();
        // All in one call use all cores; cargo-fuzz takes one target or all.
        if chosen.len() == TARGETS.iter().filter(|target| target.package == package).count() {
            command::run(&mut cargo_fuzz_build(sanitizer, chosen[0], false)?)?;
            continue;
        }
        for target in chosen {
            command::run(&mut cargo_fuzz_build(sanitizer, target, true)?)?;
        }
    }
    Ok(())
}

/// Builds a target, or with it all of its package.
fn cargo_fuzz_build(
    sanitizer: Sanitizer,
    target: &Target,
    alone: bool,
) -> Result<std::process::Command> {
    let mut cargo = command::cargo("fuzz build --fuzz-dir");
    cargo.arg(target.package.folder());
    if target.package == Package::Engine {
        // The fuzzer is told of branches, not of the numbers that are compared: that would take two
        // thirds of the time, and most inputs are edits, not bytes to be guessed.
        cargo.arg("--no-trace-compares");
    }
    cargo.args(["--sanitizer", target.sanitizer(sanitizer).name()]);
    cargo.arg("--target-dir").arg(programs(sanitizer, target)?);
    cargo.args(alone.then_some(target.name));
    cargo.env("RUSTC_BOOTSTRAP", "1");
    Ok(cargo)
}

/// The folder that the target is built in.
fn programs(sanitizer: Sanitizer, target: &Target) -> Result<PathBuf> {
    let folder = match target.package {
        Package::Engine => sanitizer.name(),
        Package::Readers => "readers",
    };
    Ok(workspace::target_folder()?.join("fuzz").join(folder))
}

/// The program of a target.
pub(super) fn program(sanitizer: Sanitizer, target: &Target) -> Result<PathBuf> {
    let version = command::read(command::program("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    Ok(programs(sanitizer, target)?.join(host).join("release").join(target.name))
}

/// Where a target finds its inputs, and puts what it finds.
#[derive(Debug)]
pub(crate) struct Folders {
    pub(super) seeds: PathBuf,
    /// Inputs worth keeping.
    pub(super) corpus: PathBuf,
    /// Inputs that something is wrong with.
    pub(super) findings: PathBuf,
    pub(super) logs: PathBuf,
}

impl Folders {
    /// Those that stay from call to call.
    ///
    /// # Errors
    /// They cannot be made.
    pub(crate) fn kept(target: &Target) -> Result<Self> {
        Self::within(workspace::target_folder()?.join("fuzz"), target)
    }

    /// Fresh ones, so that a run depends on nothing that was found before.
    ///
    /// # Errors
    /// They cannot be made.
    pub(crate) fn fresh(target: &Target) -> Result<Self> {
        let folder = workspace::target_folder()?.join("fuzz").join("tests");
        let own = folder.join("corpus").join(target.name);
        if own.exists() {
            fs::remove_dir_all(&own)?;
        }
        Self::within(folder, target)
    }

    fn within(folder: PathBuf, target: &Target) -> Result<Self> {
        let make = |kind: &str| -> Result<PathBuf> {
            let folder = folder.join(kind).join(target.name);
            fs::create_dir_all(&folder)?;
            Ok(folder)
        };
        Ok(Self {
            seeds: make("seeds")?,
            corpus: make("corpus")?,
            findings: make("findings")?,
            logs: make("logs")?,
        })
    }

    /// Has the target write what it begins with.
    ///
    /// # Errors
    /// It cannot.
    pub(crate) fn write_seeds(&self, target: &Target, sanitizer: Sanitizer) -> Result<()> {
        let mut program = command::program(program(sanitizer, target)?);
        command::run(program.env("AE_FUZZ_SEEDS", &self.seeds))
    }
}
