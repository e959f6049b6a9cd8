//! Files at paths that a user typed, which are followed wherever they lead.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::Folder;
use crate::atomic::Disk;

/// Puts `bytes` in place of the file at `path` as [`Folder::replace`] does. Where `path` is a link,
/// its target is replaced. What is no file but a pipe or a device is written to.
///
/// # Errors
/// What the operating system says; then `path` is as it was.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    Folder::open(folder_of(&target))?.replace(name_of(&target)?, bytes)
}

/// Writes `bytes` to a file that must not be there yet, as [`Folder::create`] does.
///
/// # Errors
/// What the operating system says: `AlreadyExists` where there is such a file.
pub fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    Folder::open(folder_of(path))?.create(name_of(path)?, bytes, mode)
}

/// Makes a folder, and those above it that are missing, so that they outlast a power cut.
///
/// # Errors
/// What the operating system says.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder_of(path);
    make_folder(above)?;
    match fs::create_dir(path) {
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(above),
    }
}

/// Puts the names in a folder on the disk.
///
/// # Errors
/// What the operating system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    Folder::open(folder)?.sync_names()
}

/// The folder that `path` is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn name_of(path: &Path) -> io::Result<&std::ffi::OsStr> {
    path.file_name().ok_or_else(|| io::ErrorKind::IsADirectory.into())
}

#[cfg(test)]
mod tests;
