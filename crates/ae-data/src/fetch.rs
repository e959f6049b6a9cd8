//! Fetches Fashion-MNIST into the cache, once.
//!
//! The address is plain http: it is the SHA-256 of each file that makes the result trustworthy,
//! whatever the way it came. A file grows as `<name>.part`, which a later call continues, and
//! gets its name only after the check.

mod download;
mod error;

use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use sha2::{Digest, Sha256};
use ureq::Agent;

pub use error::FetchError;

use ae_files::{hex, make_folder};

use super::known::FASHION_MNIST;
use download::Download;

/// The dataset's official public address.
pub const OFFICIAL_URL: &str = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

/// How long to wait for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the address to be looked up and connected, each.
    pub connect: Duration,
    /// For the next bytes. The whole download may take as long as it takes.
    pub stall: Duration,
}

impl Default for Timeouts {
    /// 15 s to connect, 30 s without a byte.
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), stall: Duration::from_secs(30) }
    }
}

/// What a download tells while it goes on. All sizes are bytes of the file as distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// The file is in the cache already and has the right SHA-256.
    AlreadyThere {
        /// File name.
        name: &'a str,
    },
    /// Bytes begin to come.
    Started {
        /// File name.
        name: &'a str,
        /// Bytes kept from an earlier call; 0 also if the server makes it start over.
        received: u64,
        /// Bytes in all.
        total: u64,
    },
    /// More bytes are on disk.
    Advanced {
        /// Bytes there are now.
        received: u64,
    },
    /// The file is complete, checked, and has its name.
    Finished {
        /// File name.
        name: &'a str,
    },
}

/// A file to be fetched and how it is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RemoteFile {
    name: String,
    bytes: u64,
    sha256: String,
}

/// Fetches the four files of Fashion-MNIST into `folder`, which is made if need be.
///
/// `base_url` is [`OFFICIAL_URL`] or a mirror under which the files have the same names. Files
/// that are there and right are left alone; one that is there and wrong is replaced.
///
/// # Errors
///
/// [`FetchError`]. After one that a cut or slow connection caused, calling again continues.
pub fn fetch_fashion_mnist(
    base_url: &str,
    folder: &Path,
    timeouts: Timeouts,
    on_event: &mut dyn FnMut(Event),
) -> Result<(), FetchError> {
    let files = FASHION_MNIST.map(|known| RemoteFile {
        name: known.compressed_name(),
        bytes: known.compressed_bytes,
        sha256: known.compressed_sha256.into(),
    });
    fetch_files(base_url, folder, &files, timeouts, on_event)
}

fn fetch_files(
    base_url: &str,
    folder: &Path,
    files: &[RemoteFile],
    timeouts: Timeouts,
    on_event: &mut dyn FnMut(Event),
) -> Result<(), FetchError> {
    if !base_url.starts_with("http://") {
        return Err(FetchError::Scheme { url: base_url.into() });
    }
    make_folder(folder).map_err(|e| FetchError::io(folder, e))?;
    let agent = agent(base_url, timeouts);
    for file in files {
        let target = folder.join(&file.name);
        if is_valid(&target, file)? {
            on_event(Event::AlreadyThere { name: &file.name });
            continue;
        }
        let url = format!("{}/{}", base_url.trim_end_matches('/'), file.name);
        let download = Download { agent: &agent, url: &url, file, stall: timeouts.stall };
        download.run(&target, on_event)?;
        on_event(Event::Finished { name: &file.name });
    }
    Ok(())
}

fn agent(base_url: &str, timeouts: Timeouts) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_resolve(Some(timeouts.connect))
        .timeout_connect(Some(timeouts.connect))
        .timeout_recv_response(Some(timeouts.stall))
        .timeout_per_read(Some(timeouts.stall))
        .timeout_per_write(Some(timeouts.stall));
    // A proxy from the environment could not reach a mirror on this machine.
    let host = base_url.trim_start_matches("http://");
    if host.starts_with("127.0.0.1") || host.starts_with("localhost") {
        config = config.proxy(None);
    }
    config.build().into()
}

/// Whether `path` is there and is `file`, whole.
fn is_valid(path: &Path, file: &RemoteFile) -> Result<bool, FetchError> {
    match fs::metadata(path) {
        Ok(found) if found.len() == file.bytes => {
            let bytes = fs::read(path).map_err(|e| FetchError::io(path, e))?;
            Ok(hex(&Sha256::digest(bytes)) == file.sha256)
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FetchError::io(path, error)),
    }
}

#[cfg(test)]
mod tests;
