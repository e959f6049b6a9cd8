//! The workspace for archives, `fleet/`: its folder, and cargo in it.

pub(crate) mod cluster;

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{command, workspace};

/// Where it is.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join("fleet")
}

/// A call of cargo there, which builds in a folder of its own.
///
/// All packages are built together: for one of them alone cargo chooses other features, and builds
/// DataFusion anew.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn cargo(arguments: &str) -> Result<Command> {
    let mut command = command::cargo(arguments);
    command.args(["--workspace", "--target-dir"]).arg(target()?).current_dir(folder());
    Ok(command)
}

/// A program of the profile `debug` or `release`, which must have been built.
///
/// # Errors
/// As [`cargo`].
pub(crate) fn program(profile: &str, name: &str) -> Result<PathBuf> {
    Ok(target()?.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

fn target() -> Result<PathBuf> {
    Ok(workspace::target_folder()?.join("fleet"))
}
