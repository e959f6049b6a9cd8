//! Clippy has nothing to say.

use anyhow::Result;

use super::ALL_BUT_BENCH;
use crate::command;

pub(super) fn run() -> Result<String> {
    // In release profile, so that what build scripts and macros need is built once for all steps.
    let clippy = |packages: &str| {
        let options = "--release --all-targets --keep-going";
        command::cargo(&format!("clippy {options} {packages} -- --deny warnings"))
    };
    command::run_all([ALL_BUT_BENCH, "--package ae-bench"].map(clippy))?;
    Ok(String::new())
}
