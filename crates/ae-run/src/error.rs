//! What can go wrong with a run folder.

use std::io;
use std::path::{Path, PathBuf};

use ae_files::NotPlain;

use super::file;

/// What went wrong with a run folder.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A new run was to be put where there is one already.
    #[error("{path} exists already, and holds a run")]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A new run was to be put where the checkpoint of another lies, whose configuration is gone.
    #[error(
        "{path} has no {} but holds {checkpoint}, which a new run would overwrite",
        file::CONFIG
    )]
    Orphaned {
        /// The folder.
        path: PathBuf,
        /// The checkpoint in it.
        checkpoint: &'static str,
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
    /// Something in the folder that no run has: nothing in it is reached through a link.
    #[error("{path}: {odd}; move it out of the run folder")]
    NotPlain {
        /// The file.
        path: PathBuf,
        /// What it is.
        odd: NotPlain,
    },
    /// The folder is gone from under the process that held it.
    #[error("{path} was moved or removed while this process worked in it; it writes nothing more")]
    Removed {
        /// The folder.
        path: PathBuf,
    },
    /// The lock is no longer the one that this process holds.
    #[error(
        "{path}/{} was removed or replaced while this process worked in {path}, so another process may be at work there now; this one writes nothing more",
        file::LOCK
    )]
    Replaced {
        /// The folder.
        path: PathBuf,
    },
    /// A file's text is not what it should be.
    #[error("{path} is not as a run has it; take the change back, or mend it: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// The dataset is not the one that the run began with.
    #[error(
        "the dataset has changed since the run began: that of {place} has digest {found}, expected {expected}"
    )]
    DataChanged {
        /// Where the data is.
        place: String,
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

/// What the operating system said of a file.
pub(super) fn io_error(action: &'static str, path: &Path, source: io::Error) -> RunError {
    let path = path.to_owned();
    match source.get_ref().and_then(|cause| cause.downcast_ref()) {
        Some(&odd) => RunError::NotPlain { path, odd },
        None => RunError::Io { action, path, source },
    }
}
