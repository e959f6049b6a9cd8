//! The run folder: what a training leaves on disk, and how files get there whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::model::AutoencoderConfig;
use crate::train::Recipe;

/// Names of the files in a run folder.
pub mod file {
    /// The resolved configuration, written before the training starts.
    pub const CONFIG: &str = "config.toml";
    /// Everything that resuming needs; replaced after every epoch.
    pub const CHECKPOINT: &str = "checkpoint.safetensors";
    /// One line an epoch.
    pub const METRICS_CSV: &str = "metrics.csv";
    /// The same as JSON.
    pub const METRICS_JSON: &str = "metrics.json";
    /// The figures of the whole run.
    pub const SUMMARY_JSON: &str = "summary.json";
    /// The same on a page for a person.
    pub const SUMMARY_MD: &str = "summary.md";
    /// The trained weights.
    pub const WEIGHTS: &str = "weights.safetensors";
    /// The model in the f32 contract.
    pub const F32_BLOB: &str = "model.f32.aeb";
    /// The model in the int8 contract.
    pub const INT8_BLOB: &str = "model.int8.aeb";
    /// Principal components in the int8 contract.
    pub const PCA_INT8_BLOB: &str = "pca.int8.aeb";
    /// Principal components in the f32 contract.
    pub const PCA_F32_BLOB: &str = "pca.f32.aeb";
    /// Originals, autoencoder, logistic PCA and PCA in rows.
    pub const COMPARISON: &str = "comparison.png";
    /// Loss over epochs.
    pub const LOSS: &str = "loss.svg";
    /// Held by the process that works in the folder.
    pub const LOCK: &str = "run.lock";

    /// Test images and their reconstructions after an epoch, counted from 1.
    #[must_use]
    pub fn epoch_picture(epoch: u32) -> String {
        format!("epoch-{epoch:03}.png")
    }
}

/// What went wrong with a run folder.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A new run was to be put where there is one already.
    #[error(
        "{path} exists already; continue it with --resume {path}, or give the new run another --name or --out"
    )]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// There is no run to continue or to read.
    #[error("{path} is not a run folder: it has no {missing}")]
    NotARun {
        /// The folder.
        path: PathBuf,
        /// The file that should be in it.
        missing: &'static str,
    },
    /// Another process works in the folder.
    #[error("{path} is in use by {holder}; wait for it, or stop it")]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds the lock.
        holder: String,
    },
    /// A file's text is not what it should be.
    #[error("{path}: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// The dataset is not the one that the run began with.
    #[error(
        "the dataset has changed since the run began: digest {found}, expected {expected}; resume with the data it began with, or start a new run"
    )]
    DataChanged {
        /// The digest in the run's configuration.
        expected: String,
        /// The digest of the data found.
        found: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The resolved configuration of a run: with the data, it determines the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Name and version of the program.
    pub tool: String,
    /// Which data.
    pub data: DataConfig,
    /// Which network.
    pub model: AutoencoderConfig,
    /// How it is trained.
    pub recipe: Recipe,
}

/// The data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// As given to `--data`; what `train` found by itself, if nothing was given.
    pub source: String,
    /// SHA-256 over sizes and pixels.
    pub digest: String,
    /// Images to train on.
    pub train_images: usize,
    /// Images to report on.
    pub test_images: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
}

impl DataConfig {
    /// Of `dataset`, which `source` names.
    #[must_use]
    pub fn of(dataset: &Dataset, source: String) -> Self {
        Self {
            source,
            digest: dataset.digest(),
            train_images: dataset.train.len(),
            test_images: dataset.test.len(),
            height: dataset.train.height(),
            width: dataset.train.width(),
        }
    }
}

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

/// The configuration of the run in `path`.
///
/// # Errors
/// No run there, or a configuration that cannot be read.
pub fn read_config(path: &Path) -> Result<RunConfig, RunError> {
    let file = path.join(file::CONFIG);
    if !file.exists() {
        return Err(RunError::NotARun { path: path.to_owned(), missing: file::CONFIG });
    }
    let text = fs::read_to_string(&file).map_err(|source| io_error("read", &file, source))?;
    toml::from_str(&text)
        .map_err(|error| RunError::Malformed { path: file, reason: error.to_string() })
}

/// How the names of files begin that are still being written.
const UNFINISHED: &str = ".writing-";

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
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A temporary file is for its owner alone; this one becomes an ordinary file.
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut beside = builder.prefix(UNFINISHED).tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(path).map_err(|error| error.error)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
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

fn io_error(action: &'static str, path: &Path, source: io::Error) -> RunError {
    RunError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing").join("x");
        assert!(write_atomically(&missing, b"first").is_err());
        // A folder where the file should be: the rename fails, the folder stays.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(write_atomically(&taken, b"first").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

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
