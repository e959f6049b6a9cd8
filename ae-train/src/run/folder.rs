//! A run folder, held by one process at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::atomic::{UNFINISHED, write_atomically};
use super::config::{RunConfig, read_config};
use super::error::{RunError, io_error};
use super::file;

/// A run folder that this process holds.
#[derive(Debug)]
pub struct Run {
    path: PathBuf,
    /// Unlocked when it is dropped, or when the process dies.
    _lock: File,
}

impl Run {
    /// Makes the folder and writes the configuration.
    ///
    /// # Errors
    /// A run is there already, or the folder cannot be written.
    pub fn create(path: &Path, config: &RunConfig) -> Result<Self, RunError> {
        fs::create_dir_all(path).map_err(|source| io_error("make the folder", path, source))?;
        let lock = lock(path)?;
        if path.join(file::CONFIG).exists() {
            return Err(RunError::Exists { path: path.to_owned() });
        }
        let run = Self { path: path.to_owned(), _lock: lock };
        run.clear_unfinished()?;
        let text = toml::to_string_pretty(config).map_err(|error| RunError::Malformed {
            path: run.path.join(file::CONFIG),
            reason: error.to_string(),
        })?;
        run.write(file::CONFIG, text.as_bytes())?;
        Ok(run)
    }

    /// Opens a run to continue it.
    ///
    /// # Errors
    /// No run there, or another process holds it.
    pub fn open(path: &Path) -> Result<(Self, RunConfig), RunError> {
        let config = read_config(path)?;
        let lock = lock(path)?;
        let run = Self { path: path.to_owned(), _lock: lock };
        run.clear_unfinished()?;
        Ok((run, config))
    }

    /// Removes what a process was writing when it was killed.
    fn clear_unfinished(&self) -> Result<(), RunError> {
        let listing = |source| io_error("list", &self.path, source);
        for entry in fs::read_dir(&self.path).map_err(listing)? {
            let entry = entry.map_err(listing)?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                let path = entry.path();
                fs::remove_file(&path).map_err(|source| io_error("remove", &path, source))?;
            }
        }
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file of the run, whole or not at all.
    ///
    /// # Errors
    /// What the operating system says, with the file's path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        let path = self.path.join(name);
        write_atomically(&path, bytes).map_err(|source| io_error("write", &path, source))
    }

    /// A file's bytes, or `None` if it is not there.
    ///
    /// # Errors
    /// What the operating system says, with the file's path.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, RunError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io_error("read", &path, source)),
        }
    }
}

/// Takes the folder's lock and leaves this process's number in it for others to read.
fn lock(folder: &Path) -> Result<File, RunError> {
    let path = folder.join(file::LOCK);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|source| io_error("open", &path, source))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => "another process".to_owned(),
                number => format!("process {number}"),
            };
            return Err(RunError::Locked { path: folder.to_owned(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(io_error("lock", &path, source)),
    }
    let number = format!("{}\n", std::process::id());
    file.set_len(0)
        .and_then(|()| file.write_all(number.as_bytes()))
        .map_err(|source| io_error("write", &path, source))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_process_is_told_who_holds_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        match lock(folder.path()) {
            Err(RunError::Locked { holder, .. }) => {
                assert_eq!(holder, format!("process {}", std::process::id()));
            }
            other => panic!("{other:?}"),
        }
        drop(held);
        lock(folder.path()).unwrap();
    }
}
