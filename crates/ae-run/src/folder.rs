//! A run folder, held by one process at a time.

mod lock;

use std::path::{Path, PathBuf};
use std::{fs, io};

use ae_files::{UNFINISHED, keep_as, make_folder, write_atomically};

use super::config::{RunConfig, read_config};
use super::error::{RunError, io_error};
use super::file;
use lock::Lock;

/// A run folder that this process holds.
#[derive(Debug)]
pub struct Run {
    path: PathBuf,
    lock: Lock,
}

impl Run {
    /// Makes the folder and writes the configuration.
    ///
    /// # Errors
    /// A run is there already, or the folder cannot be written.
    pub fn create(path: &Path, config: &RunConfig) -> Result<Self, RunError> {
        make_folder(path).map_err(|source| io_error("make the folder", path, source))?;
        let run = Self { path: path.to_owned(), lock: Lock::take(path)? };
        if path.join(file::CONFIG).exists() {
            return Err(RunError::Exists { path: path.to_owned() });
        }
        // The configuration is the first file of a run, so a kill leaves no such folder.
        for checkpoint in [file::CHECKPOINT, file::PREVIOUS] {
            if path.join(checkpoint).exists() {
                return Err(RunError::Orphaned { path: path.to_owned(), checkpoint });
            }
        }
        run.clear_unfinished()?;
        run.write_config(config)?;
        Ok(run)
    }

    /// Opens a run to continue it.
    ///
    /// # Errors
    /// No run there, or another process holds it.
    pub fn open(path: &Path) -> Result<(Self, RunConfig), RunError> {
        // First, so that no lock is left in a folder that is no run.
        read_config(path)?;
        let run = Self { path: path.to_owned(), lock: Lock::take(path)? };
        run.clear_unfinished()?;
        let config = read_config(path)?;
        Ok((run, config))
    }

    /// Opens a run to add a file to it. A process that holds it is waited for; `tell` is told which.
    ///
    /// # Errors
    /// No run there, or a folder that cannot be written.
    pub fn join(path: &Path, tell: &dyn Fn(&str)) -> Result<Self, RunError> {
        read_config(path)?;
        let run = Self { path: path.to_owned(), lock: Lock::wait(path, tell)? };
        run.clear_unfinished()?;
        Ok(run)
    }

    /// The process that works in `path`, if one does, as messages name it.
    #[must_use]
    pub fn holder(path: &Path) -> Option<String> {
        lock::holder(path)
    }

    /// Whether the folder's lock keeps others out. Some file systems, mostly of networks, have none.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.binds
    }

    /// Removes what a process was writing when it was killed.
    fn clear_unfinished(&self) -> Result<(), RunError> {
        // Where no lock binds, it may be what another process is writing now.
        if !self.lock.binds {
            return Ok(());
        }
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
    /// What the operating system says, with the file's path. The folder was removed, or is another
    /// process's by now.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.check_in_place()?;
        let path = self.path.join(name);
        write_atomically(&path, bytes).map_err(|source| self.not_written(&path, source))
    }

    /// Writes the configuration.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_config(&self, config: &RunConfig) -> Result<(), RunError> {
        let text = toml::to_string_pretty(config).map_err(|error| RunError::Malformed {
            path: self.path.join(file::CONFIG),
            reason: error.to_string(),
        })?;
        self.write(file::CONFIG, text.as_bytes())
    }

    /// Removes a file of the run, if it is there.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn remove(&self, name: &str) -> Result<(), RunError> {
        self.check_in_place()?;
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(io_error("remove", &path, error))
            }
            _ => Ok(()),
        }
    }

    /// Writes the checkpoint, and keeps the one before it.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_checkpoint(&self, bytes: &[u8]) -> Result<(), RunError> {
        self.check_in_place()?;
        let [current, previous] =
            [file::CHECKPOINT, file::PREVIOUS].map(|name| self.path.join(name));
        if current.exists() {
            keep_as(&current, &previous).map_err(|source| self.not_written(&previous, source))?;
        }
        self.write(file::CHECKPOINT, bytes)
    }

    /// What is wrong when a file cannot be written: the folder, if it has gone just now.
    fn not_written(&self, path: &Path, source: io::Error) -> RunError {
        match (source.kind(), self.check_in_place()) {
            (io::ErrorKind::NotFound, Err(error)) => error,
            _ => io_error("write", path, source),
        }
    }

    /// A folder that was removed and made again by another process is that process's.
    fn check_in_place(&self) -> Result<(), RunError> {
        let path = self.path.clone();
        match self.lock.is_in_place() {
            Ok(true) => Ok(()),
            Ok(false) if path.is_dir() => Err(RunError::Replaced { path }),
            Ok(false) => Err(RunError::Removed { path }),
            Err(source) => Err(io_error("read", &path.join(file::LOCK), source)),
        }
    }

    /// Names of the files in the folder, sorted.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn names(&self) -> Result<Vec<String>, RunError> {
        let listing = |source| io_error("list", &self.path, source);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(listing)? {
            // Ours are all text.
            names.extend(entry.map_err(listing)?.file_name().into_string());
        }
        names.sort();
        Ok(names)
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
