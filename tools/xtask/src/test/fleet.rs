//! What archives are asked gives the numbers of boards, in one process and on a cluster.

mod smartwatch;

use std::process::Command;

use anyhow::Result;

use crate::{command, fleet};

/// Tests in the workspace `fleet/`, then its programs on the smartwatch recordings. With `all` clippy and
/// rustdoc look at it too: each of them takes minutes to look at DataFusion first.
pub(super) fn run(all: bool) -> Result<String> {
    let mut commands = only_build()?;
    commands.push(fleet::cargo("test")?);
    if all {
        let mut clippy = fleet::cargo("clippy --all-targets")?;
        clippy.args(["--", "--deny", "warnings"]);
        let mut doc = fleet::cargo("doc --no-deps")?;
        doc.env("RUSTDOCFLAGS", "--deny warnings");
        commands.extend([clippy, doc]);
    }
    command::run_all(commands)?;
    smartwatch::run(all)
}

/// The calls of cargo that build what this step runs.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(super) fn only_build() -> Result<Vec<Command>> {
    Ok(vec![fleet::cargo("test --no-run")?])
}
