//! What can go wrong with a run folder.

use std::io;
use std::path::{Path, PathBuf};

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

/// What the operating system said of a file.
pub(super) fn io_error(action: &'static str, path: &Path, source: io::Error) -> RunError {
    RunError::Io { action, path: path.to_owned(), source }
}
