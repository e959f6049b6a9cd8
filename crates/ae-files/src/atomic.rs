//! Files that are there whole or not at all.

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// How the names of files begin that are still being written.
pub const UNFINISHED: &str = ".writing-";

/// Writes `bytes` to a file beside `path`, syncs it, and renames it to `path`: at every moment
/// there is the old file, or the new one whole. Where `path` is a link, its target is replaced.
/// What is no file but a pipe or a device is written to.
///
/// # Errors
/// What the operating system says; then `path` is as it was.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = target.as_path();
    let folder = folder_of(path);
    let beside = written_beside(path, bytes, ORDINARY)?;
    beside.persist(path).map_err(|error| of_the_system(error.error))?;
    sync_folder(folder)
}

/// Writes `bytes` to a file that must not be there yet, whole or not at all, with the permissions
/// `mode` where there are such.
///
/// # Errors
/// What the operating system says: `AlreadyExists` where there is such a file.
pub fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let beside = written_beside(path, bytes, mode)?;
    beside.persist_noclobber(path).map_err(|error| of_the_system(error.error))?;
    sync_folder(folder_of(path))
}

/// Permissions of an ordinary file; a temporary one is for its owner alone.
const ORDINARY: u32 = 0o644;

/// A file in the folder of `path`, on the disk.
fn written_beside(path: &Path, bytes: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    let folder = folder_of(path);
    let mut beside = builder.prefix(UNFINISHED).tempfile_in(folder).map_err(of_the_system)?;
    beside.as_file_mut().write_all(bytes)?;
    beside.as_file().sync_all()?;
    Ok(beside)
}

/// The system's error without the path of the file beside, which says nothing to a user.
fn of_the_system(error: io::Error) -> io::Error {
    let cause = error.get_ref().and_then(Error::source);
    let cause = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.and_then(io::Error::raw_os_error).map_or(error, io::Error::from_raw_os_error)
}

/// Gives the file at `path` the second name `also`, in the same folder: the next
/// [`write_atomically`] to `path` leaves it there. Where a file system has no second names, it is
/// copied.
///
/// # Errors
/// What the operating system says.
pub fn keep_as(path: &Path, also: &Path) -> io::Result<()> {
    let beside = folder_of(also).join(format!("{UNFINISHED}link"));
    match fs::hard_link(path, &beside) {
        Ok(()) => {
            fs::rename(&beside, also)?;
            // Nothing is renamed where `also` is a name of that file already.
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        }
        Err(_) => write_atomically(also, &fs::read(path)?),
    }
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
    #[cfg(unix)]
    match File::open(folder)?.sync_all() {
        // Some file systems, mostly of networks, have no such thing as a folder to sync.
        Err(error) if !syncs_no_folders(&error) => return Err(error),
        _ => {}
    }
    Ok(())
}

fn syncs_no_folders(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

/// The folder that `path` is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests;
