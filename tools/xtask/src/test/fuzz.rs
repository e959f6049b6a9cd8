//! Hostile bytes change nothing but the error that they get.

use anyhow::{Result, bail};

use super::memory;
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
    let mut all: Vec<(&Target, Seen)> = Vec::new();
    for target in targets {
        let folders = Folders::fresh(target)?;
        folders.write_seeds(target, Sanitizer::Address)?;
        let limit = Limit::Runs(target.runs_in_tests);
        let process = Process::start(target, Sanitizer::Address, &folders, 0, limit)?;
        all.push((target, process.wait()?));
    }
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
    let left_out = memory::run()?.map_or_else(String::new, |what| format!("; {what}"));
    Ok(format!("{executions} inputs, {sealed} of them models with a right checksum{left_out}"))
}
