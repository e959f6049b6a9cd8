//! Where things are in this repository.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command;

/// Folders that cargo builds in, and that trainings write to.
const NO_SOURCES: [&str; 2] = ["target", "runs"];

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

/// The files below a folder whose names end in `extension`, in no particular order.
///
/// Folders that cargo builds in, hidden ones and those of runs are left out.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            let hidden = name.to_string_lossy().starts_with('.');
            if !hidden && !NO_SOURCES.iter().any(|folder| name == *folder) {
                files.extend(self::files(&path, extension)?);
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(files)
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
