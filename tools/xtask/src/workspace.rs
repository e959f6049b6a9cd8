//! Where things are in this repository.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        // Cargo names the package's folder when it runs this program; without cargo, it is where
        // it was at compile time.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        // `tools/xtask` is two folders below it.
        package.ancestors().nth(2).unwrap_or(&package).to_path_buf()
    });
    &ROOT
}

/// The folder that cargo builds in.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let text = command::read(&mut command::cargo("metadata --format-version 1 --no-deps"))?;
    let metadata: Value = serde_json::from_str(&text).context("output of `cargo metadata`")?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder.context("`cargo metadata` names no target directory")?.into())
}

/// Builds the program `ae-train` and gives its path.
///
/// # Errors
/// It does not build.
pub(crate) fn build_ae_train() -> Result<PathBuf> {
    command::run(&mut command::cargo("build --release --package ae-train-cli"))?;
    Ok(target_folder()?.join("release").join(format!("ae-train{}", env::consts::EXE_SUFFIX)))
}
