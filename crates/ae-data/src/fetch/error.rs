//! What can go wrong with a download.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file was not fetched. Each message says what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not plain http.
    #[error(
        "{url}: expected an address that begins with http://; the files are checked by SHA-256, \
         so plain http is safe for them and nothing else is built in"
    )]
    Scheme {
        /// The address given.
        url: String,
    },
    /// The server cannot be reached, or what it says is not HTTP.
    #[error("{url}: {source}; check the network, or take a mirror")]
    Connect {
        /// The address.
        url: String,
        /// What the client says.
        source: Box<ureq::Error>,
    },
    /// The server answers, but not with the file.
    #[error("{url}: the server answers with status {status}; take a mirror")]
    Status {
        /// The address.
        url: String,
        /// HTTP status, expected 200 or 206.
        status: u16,
    },
    /// No byte came for too long.
    #[error(
        "{url}: nothing came for {seconds} s, {received} of {total} bytes are kept; run the \
         command again to continue"
    )]
    Stalled {
        /// The address.
        url: String,
        /// The time-out in seconds.
        seconds: f64,
        /// Bytes on disk.
        received: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The connection ended before the file did.
    #[error(
        "{url}: the connection ended, {received} of {total} bytes are kept; run the command \
         again to continue"
    )]
    Cut {
        /// The address.
        url: String,
        /// Bytes on disk.
        received: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The server has a file of another length.
    #[error(
        "{url}: the file has {found} bytes or more, expected {expected}; this is not the \
         dataset's file, take a mirror"
    )]
    Length {
        /// The address.
        url: String,
        /// Bytes of the known file.
        expected: u64,
        /// Bytes that the server announces or has sent.
        found: u64,
    },
    /// What came is not the known file. It has been deleted.
    #[error(
        "{url}: what came has SHA-256 {found}, expected {expected}; it was deleted. Run the \
         command again, and if that does not help take a mirror"
    )]
    Checksum {
        /// The address.
        url: String,
        /// The known digest in hex.
        expected: String,
        /// The digest of what came, in hex.
        found: String,
    },
    /// Another process is at it.
    #[error("{} is being written by another process; let it finish", file.display())]
    Busy {
        /// The part file.
        file: PathBuf,
    },
    /// The system refused.
    #[error("{}: {source}; mend that and run the command again, it goes on from there", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl FetchError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}
