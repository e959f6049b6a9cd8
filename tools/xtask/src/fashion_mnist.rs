//! The folder with the whole of Fashion-MNIST, for those verbs that need its files.

use std::path::{self, Path, PathBuf};

use anyhow::Result;

use crate::command;

/// Where Debian's package `dataset-fashion-mnist` puts the files.
const SYSTEM_FOLDER: &str = "/usr/share/datasets/fashion-mnist";

/// `given`, else the system's package, else the cache that `ae-train fetch` fills.
///
/// # Errors
/// The files are nowhere and cannot be fetched.
pub(crate) fn folder(given: Option<&Path>, ae_train: &Path) -> Result<PathBuf> {
    let system = Path::new(SYSTEM_FOLDER);
    if let Some(folder) = given.or_else(|| system.is_dir().then_some(system)) {
        // Other programs run in the workspace's root, wherever this one was started.
        return Ok(path::absolute(folder)?);
    }
    let folder = command::read(command::program(ae_train).args(["fetch", "fashion-mnist"]))?;
    Ok(folder.trim_end().into())
}

/// Whether the system's package is installed.
pub(crate) fn is_installed() -> bool {
    Path::new(SYSTEM_FOLDER).is_dir()
}
