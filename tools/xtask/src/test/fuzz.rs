//! Hostile bytes change nothing but the error that they get.

use std::thread;

use anyhow::{Result, bail};

use super::memory;
use crate::abreast::abreast;
use crate::fuzz::{
    Folders, Limit, Process, Sanitizer, Seen, TARGETS, Target, build, findings, table,
};
use crate::setup;

/// Hostile models with a right checksum that are to be tried at least.
const SEALED: u64 = 100_000;

pub(super) fn run() -> Result<String> {
    setup::install_fuzzer()?;
    let targets: Vec<&Target> = TARGETS.iter().collect();
    build(Sanitizer::Address, &targets)?;
    // A fuzzer has one thread, and Valgrind runs one at a time.
    let (seen, left_out) = thread::scope(|scope| {
        let watched = scope.spawn(memory::run);
        let seen = abreast(&targets, |target| fuzz(target));
        (seen, watched.join().expect("it does not panic"))
    });
    let seen = seen.into_iter().collect::<Result<Vec<Seen>>>()?;
    let all: Vec<(&Target, Seen)> = targets.into_iter().zip(seen).collect();
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

fn fuzz(target: &Target) -> Result<Seen> {
    let folders = Folders::fresh(target)?;
    folders.write_seeds(target, Sanitizer::Address)?;
    let limit = Limit::Runs(target.runs_in_tests);
    Process::start(target, Sanitizer::Address, &folders, 0, limit)?.wait()
}
