//! Hostile bytes change nothing but the error that they get.

use std::process::Command;
use std::thread;

use anyhow::{Result, bail};

use super::memory;
use crate::abreast::abreast;
use crate::fuzz::{
    Folders, Limit, Package, Process, Sanitizer, Seen, TARGETS, Target, build, builds, findings,
    table,
};
use crate::setup;

/// Hostile models with a right checksum that are to be tried at least.
const SEALED: u64 = 100_000;

pub(super) fn run() -> Result<String> {
    setup::install_fuzzer()?;
    // A fuzzer has one thread, Valgrind runs one at a time, and a build ends with few large crates: side
    // by side they leave no core idle.
    let (seen, left_out) = thread::scope(|scope| {
        let watched = scope.spawn(memory::run);
        let seen =
            abreast(&[Package::Engine, Package::Readers], |&package| build_and_fuzz(package));
        (seen, watched.join().expect("it does not panic"))
    });
    let all = seen.into_iter().collect::<Result<Vec<_>>>()?.concat();
    print!("{}", table(&all, Sanitizer::Address));
    let found = findings(&all, Sanitizer::Address);
    if !found.is_empty() {
        bail!("{}", found.trim_end());
    }
    let (executions, sealed) = all.iter().fold((0, 0), |(executions, sealed), (_, seen)| {
        (executions + seen.executions, sealed + seen.sealed)
    });
    if sealed < SEALED {
        bail!("only {sealed} hostile models with a right checksum, expected {SEALED}");
    }
    let left_out = left_out?.map_or_else(String::new, |what| format!("; {what}"));
    Ok(format!("{executions} inputs, {sealed} of them models with a right checksum{left_out}"))
}

/// The calls of cargo that build what this step runs, in the order in which it does.
///
/// # Errors
/// Cargo or rustc does not say where it builds, and for what.
pub(super) fn only_build() -> Result<Vec<Command>> {
    builds(Sanitizer::Address, &TARGETS.iter().collect::<Vec<_>>())
}

/// What each target of a package did.
fn build_and_fuzz(package: Package) -> Result<Vec<(&'static Target, Seen)>> {
    let targets: Vec<&Target> = TARGETS.iter().filter(|it| it.package == package).collect();
    build(Sanitizer::Address, &targets)?;
    targets.into_iter().map(|target| Ok((target, fuzz(target)?))).collect()
}

fn fuzz(target: &Target) -> Result<Seen> {
    let folders = Folders::fresh(target)?;
    folders.write_seeds(target, Sanitizer::Address)?;
    let limit = Limit::Runs(target.runs_in_tests);
    Process::start(target, Sanitizer::Address, &folders, 0, limit)?.wait()
}
