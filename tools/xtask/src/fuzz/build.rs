//! The targets' programs, and the folders that they work in.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::targets::{Package, Target};
use crate::{command, setup, workspace};

/// What is built into the programs beside checks for overflow and debug assertions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sanitizer {
    /// Every access of memory is checked.
    Address,
    /// Nothing.
    None,
}

impl Sanitizer {
    /// As the folder is called, and as a program calls what is built into it.
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

/// What has the compiler tell the fuzzer where a program goes. A condition stays a branch, so that both
/// of its ways are seen. One unit, for otherwise nothing is inlined from one crate into another.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Ccodegen-units=1 --cfg=fuzzing";
/// Tells it how deep the stack is. The fuzzer asks on Linux alone.
const DEPTH: &str = "-Cllvm-args=-sanitizer-coverage-stack-depth";
/// Tells it of the numbers that are compared, too. For the engine that would take two thirds of the time,
/// and most inputs of it are edits, not bytes to be guessed.
const COMPARES: &str = "-Cllvm-args=-sanitizer-coverage-trace-compares";

impl Package {
    /// What the compiler is told where `sanitizer` is built in.
    fn rustflags(self, sanitizer: Sanitizer) -> String {
        let own = match (self, sanitizer) {
            (Self::Engine, Sanitizer::Address) => "-Zsanitizer=address",
            (Self::Engine, Sanitizer::None) => "",
            (Self::Readers, _) => COMPARES,
        };
        let depth = if cfg!(target_os = "linux") { DEPTH } else { "" };
        format!("{COVERAGE} {depth} {own}")
    }
}

/// Builds the programs of `targets`.
///
/// # Errors
/// One does not build.
pub(crate) fn build(sanitizer: Sanitizer, targets: &[&Target]) -> Result<()> {
    builds(sanitizer, targets)?.iter_mut().try_for_each(command::run)
}

/// The calls of cargo that build the programs of `targets`: one for each package, which uses all cores.
///
/// # Errors
/// Cargo or rustc does not say where it builds, and for what.
pub(crate) fn builds(sanitizer: Sanitizer, targets: &[&Target]) -> Result<Vec<Command>> {
    let mut builds = Vec::new();
    for package in [Package::Engine, Package::Readers] {
        let mut of_it = targets.iter().filter(|target| target.package == package).peekable();
        let Some(first) = of_it.peek() else { continue };
        let mut cargo = command::cargo("build --release --manifest-path");
        cargo.arg(format!("{}/Cargo.toml", package.folder()));
        // With the name of a target, the flags are not those of build scripts and macros.
        cargo.args(["--target", &setup::host()?, "--target-dir"]).arg(programs(sanitizer, first)?);
        cargo.args(of_it.flat_map(|target| ["--bin", target.name]));
        cargo.env("RUSTFLAGS", package.rustflags(sanitizer)).env("RUSTC_BOOTSTRAP", "1");
        builds.push(cargo);
    }
    Ok(builds)
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
    let folder = programs(sanitizer, target)?;
    Ok(folder.join(setup::host()?).join("release").join(target.name))
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
