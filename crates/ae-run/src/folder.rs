//! A run folder, held by one process at a time.

mod lock;

use std::io;
use std::path::{Path, PathBuf};

use ae_files::{Folder, UNFINISHED, make_folder};

use super::config::{self, RunConfig};
use super::error::{RunError, io_error};
use super::file;
use super::files::MOST_BYTES;
use lock::Lock;

/// A run folder that this process holds. Nothing in it is reached through a link.
#[derive(Debug)]
pub struct Run {
    path: PathBuf,
    folder: Folder,
    lock: Lock,
}

impl Run {
    /// Makes the folder and writes the configuration.
    ///
    /// # Errors
    /// A run is there already, or the folder cannot be written.
    pub fn create(path: &Path, config: &RunConfig) -> Result<Self, RunError> {
        make_folder(path).map_err(|source| io_error("make the folder", path, source))?;
        let run = Self::held(path, open_folder(path)?, |folder| Lock::take(path, folder))?;
        if run.has(file::CONFIG)? {
            return Err(RunError::Exists { path: path.to_owned() });
        }
        // The configuration is the first file of a run, so a kill leaves no such folder.
        for checkpoint in [file::CHECKPOINT, file::PREVIOUS] {
            if run.has(checkpoint)? {
                return Err(RunError::Orphaned { path: path.to_owned(), checkpoint });
            }
        }
        run.write_config(config)?;
        Ok(run)
    }

    /// Opens a run to continue it.
    ///
    /// # Errors
    /// No run there, or another process holds it.
    pub fn open(path: &Path) -> Result<(Self, RunConfig), RunError> {
        let (folder, _) = config::open(path)?;
        let run = Self::held(path, folder, |folder| Lock::take(path, folder))?;
        let config = config::read_in(path, &run.folder)?;
        Ok((run, config))
    }

    /// Opens a run to add a file to it. A process that holds it is waited for; `tell` is told which.
    ///
    /// # Errors
    /// No run there, or a folder that cannot be written.
    pub fn join(path: &Path, tell: &dyn Fn(&str)) -> Result<Self, RunError> {
        let (folder, _) = config::open(path)?;
        Self::held(path, folder, |folder| Lock::wait(path, folder, tell))
    }

    /// The folder with its lock, without what a killed process was writing. What is neither a file
    /// nor a folder is refused before a training that would meet it at its end.
    fn held(
        path: &Path,
        folder: Folder,
        lock: impl Fn(&Folder) -> Result<Lock, RunError>,
    ) -> Result<Self, RunError> {
        let lock = lock(&folder)?;
        let run = Self { path: path.to_owned(), folder, lock };
        let listing = |source| io_error("list", path, source);
        for (name, odd) in run.folder.entries().map_err(listing)? {
            // Where no lock binds, it may be what another process is writing now.
            if run.lock.binds && name.to_string_lossy().starts_with(UNFINISHED) {
                let removing = |source| io_error("remove", &path.join(&name), source);
                run.folder.remove(&name).map_err(removing)?;
            } else if let Some(odd) = odd {
                return Err(RunError::NotPlain { path: path.join(name), odd });
            }
        }
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

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the folder has anything of this name.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn has(&self, name: &str) -> Result<bool, RunError> {
        self.folder.has(name).map_err(|source| io_error("read", &self.path.join(name), source))
    }

    /// Writes a file of the run, whole or not at all.
    ///
    /// # Errors
    /// What the operating system says, with the file's path. The folder was removed, or is another
    /// process's by now.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.check_in_place()?;
        let written = self.folder.replace(name, bytes);
        written.map_err(|source| self.not_written(&self.path.join(name), source))
    }

    /// Writes files into the folder `folder` of the run, each whole or not at all.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_into(&self, folder: &str, files: &[(&str, Vec<u8>)]) -> Result<(), RunError> {
        self.check_in_place()?;
        let path = self.path.join(folder);
        let made = self.folder.make_folder(folder);
        let made = made.map_err(|source| io_error("make the folder", &path, source))?;
        for (name, bytes) in files {
            let written = made.replace(name, bytes);
            written.map_err(|source| self.not_written(&path.join(name), source))?;
        }
        Ok(())
    }

    /// Writes the configuration.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_config(&self, config: &RunConfig) -> Result<(), RunError> {
        self.write(file::CONFIG, config.to_toml(&self.path)?.as_bytes())
    }

    /// Removes a file of the run, if it is there.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn remove(&self, name: &str) -> Result<(), RunError> {
        self.check_in_place()?;
        if !self.has(name)? {
            return Ok(());
        }
        self.folder.remove(name).map_err(|source| io_error("remove", &self.path.join(name), source))
    }

    /// Writes the checkpoint, and keeps the one before it.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_checkpoint(&self, bytes: &[u8]) -> Result<(), RunError> {
        self.check_in_place()?;
        if self.has(file::CHECKPOINT)? {
            let kept = self.folder.keep_as(file::CHECKPOINT, file::PREVIOUS);
            let previous = self.path.join(file::PREVIOUS);
            kept.map_err(|source| self.not_written(&previous, source))?;
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
        let entries = self.folder.entries();
        let entries = entries.map_err(|source| io_error("list", &self.path, source))?;
        // Ours are all text.
        let mut names: Vec<String> =
            entries.into_iter().filter_map(|(name, _)| name.into_string().ok()).collect();
        names.sort();
        Ok(names)
    }

    /// A file's bytes, or `None` if it is not there.
    ///
    /// # Errors
    /// What the operating system says, with the file's path. It is no plain file.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, RunError> {
        match self.has(name)? {
            true => read(&self.path, &self.folder, name, MOST_BYTES).map(Some),
            false => Ok(None),
        }
    }

    /// The checkpoint's bytes, or `None` if it is not there.
    ///
    /// # Errors
    /// What the operating system says, with the file's path.
    pub fn read_checkpoint(&self, config: &RunConfig) -> Result<Option<Vec<u8>>, RunError> {
        match self.has(file::CHECKPOINT)? {
            true => read(&self.path, &self.folder, file::CHECKPOINT, most_bytes(config)).map(Some),
            false => Ok(None),
        }
    }
}

/// Whether `path` is a run folder: it has a configuration, whatever that is.
#[must_use]
pub fn is_run(path: &Path) -> bool {
    path.join(file::CONFIG).symlink_metadata().is_ok()
}

/// Most bytes of the weights or the checkpoint of a run: five numbers for each weight, the figures of
/// each epoch, and a header.
pub(super) fn most_bytes(config: &RunConfig) -> u64 {
    let weights = config.model.parameters() as u64;
    let epochs = 64 * u64::from(config.recipe.epochs);
    weights.saturating_mul(20).saturating_add(epochs).saturating_add(1 << 20)
}

/// Opens the folder at `path`, which a user typed.
pub(super) fn open_folder(path: &Path) -> Result<Folder, RunError> {
    Folder::open(path).map_err(|source| io_error("open", path, source))
}

/// All of a file of the run at `path`.
pub(super) fn read(
    path: &Path,
    folder: &Folder,
    name: &str,
    most: u64,
) -> Result<Vec<u8>, RunError> {
    folder.read(name, most).map_err(|source| io_error("read", &path.join(name), source))
}
