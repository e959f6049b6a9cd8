//! Smartwatch recordings of shoulder exercises: the full set in the cache, the sample inside this
//! program. `sample/watch-imu/README.md` of this package tells what they are.
//!
//! Both are CSV files with a header and the columns `exercise`, `subject`, `side`, `recording`,
//! `ax`, `ay`, `az`, `wx`, `wy`, `wz`. A row is a sample; there are 50 a second. Digests are of the
//! text, whatever program compressed it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ae_files::{hex, make_folder, read_file, write_atomically};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{idx, locate};

/// The name under which the full set is asked for, and of its folder in the cache.
pub const NAME: &str = "watch-imu";
/// The name under which the sample is asked for.
pub const SAMPLE_NAME: &str = "watch-imu-sample";
/// The file of the full set in the folder [`NAME`] of the cache.
pub const FILE: &str = "watch-imu.csv.gz";
/// Length of its text.
pub const CSV_BYTES: u64 = 17_270_967;
/// SHA-256 of its text, in hex.
pub const CSV_SHA256: &str = "7c1fd29088d36937b5d233d78cb649fb177e38b3462bdb5bcbd827bee923fc26";

/// The sample, compressed.
pub const SAMPLE: &[u8] = include_bytes!("../sample/watch-imu/watch-imu-sample.csv.gz");

/// The licence of both.
const LICENSE: &str = include_str!("../sample/watch-imu/LICENSE");

/// Recordings as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    /// [`NAME`] or [`SAMPLE_NAME`].
    pub name: &'static str,
    /// The CSV file, decompressed.
    pub text: Vec<u8>,
}

/// Why there are no recordings.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The full set is not in the cache.
    #[error(
        "there is no {}; `cargo xtask watch` makes it, and the name watch-imu-sample needs no file",
        path.display()
    )]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The system names no folder for a cache.
    #[error(
        "there is no home folder to keep a cache in; set AE_TRAIN_CACHE to a folder, or use the \
         name watch-imu-sample, which needs no file"
    )]
    NoCache,
    /// The file in the cache cannot be unpacked.
    #[error("{} is damaged: {source}; delete it and run `cargo xtask watch`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong inside it.
        source: io::Error,
    },
    /// A text is not the full set's.
    #[error(
        "{} is not the full set: its text has {bytes} bytes and SHA-256 {found}, expected \
         {CSV_BYTES} bytes and {CSV_SHA256}; delete it and run `cargo xtask watch`", path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// Length of its text, or one more than expected if it is longer.
        bytes: u64,
        /// Digest in hex of as much text.
        found: String,
    },
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl WatchError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), source }
    }
}

/// Loads the full set from the cache, checked.
///
/// # Errors
/// [`WatchError`], which says what to do.
pub fn full() -> Result<Csv, WatchError> {
    Ok(Csv { name: NAME, text: read(&cache_folder()?.join(FILE))? })
}

/// The sample.
///
/// # Panics
/// Never with the file of this package.
///
/// ```
/// let csv = ae_data::watch::sample();
/// assert!(csv.text.starts_with(b"exercise,subject,side,recording,ax,ay,az,wx,wy,wz\n"));
/// ```
pub fn sample() -> Csv {
    let mut text = Vec::new();
    MultiGzDecoder::new(SAMPLE).read_to_end(&mut text).expect("a test unpacks the built-in sample");
    Csv { name: SAMPLE_NAME, text }
}

/// Keeps the full set in the cache, with its licence beside it, and gives its path.
///
/// # Errors
/// The text in `csv` is not the full set's, or cannot be read or kept.
pub fn keep(csv: &Path) -> Result<PathBuf, WatchError> {
    keep_in(&cache_folder()?, csv)
}

fn keep_in(folder: &Path, csv: &Path) -> Result<PathBuf, WatchError> {
    let text = read(csv)?;
    make_folder(folder).map_err(|e| WatchError::io(folder, e))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        write_atomically(&path, bytes).map_err(|e| WatchError::io(&path, e))?;
        Ok(path)
    };
    write("LICENSE", LICENSE.as_bytes())?;
    write(FILE, &idx::gzip(&text))
}

/// The text of the full set in a file, compressed or not, checked.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, WatchError> {
    let bytes = match read_file(path, 2 * CSV_BYTES) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(WatchError::NotFound { path: path.into() });
        }
        Err(e) => return Err(WatchError::io(path, e)),
    };
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        // One byte more tells a longer text, which need not be unpacked whole.
        MultiGzDecoder::new(&bytes[..])
            .take(CSV_BYTES + 1)
            .read_to_end(&mut text)
            .map_err(|source| WatchError::Damaged { path: path.into(), source })?;
    } else {
        text = bytes;
    }
    let found = hex(&Sha256::digest(&text));
    if found != CSV_SHA256 {
        let bytes = text.len() as u64;
        return Err(WatchError::Checksum { path: path.into(), bytes, found });
    }
    Ok(text)
}

fn cache_folder() -> Result<PathBuf, WatchError> {
    locate::cache_folder_of(NAME).ok_or(WatchError::NoCache)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_sample_is_the_stated_one() {
        let text = sample().text;
        assert_eq!(text.iter().filter(|&&byte| byte == b'\n').count(), 1 + 17_664);
        assert_eq!(
            hex(&Sha256::digest(&text)),
            "0781dcd9a9b7d02c45e7ed06d17388bae70fb619c6ca30bd7308199b4a2ad719"
        );
        assert!(SAMPLE.len() <= 450_000, "{} bytes", SAMPLE.len());
    }

    #[test]
    fn no_other_text_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (cache, csv) = (folder.path().join("cache"), folder.path().join("full.csv"));
        assert!(matches!(keep_in(&cache, &csv), Err(WatchError::NotFound { .. })));

        let text = sample().text;
        let longer = vec![b'\n'; CSV_BYTES as usize + 5];
        for (bytes, length) in [
            (text.clone(), text.len() as u64),
            (idx::gzip(&text), text.len() as u64),
            (idx::gzip(&longer), CSV_BYTES + 1),
        ] {
            fs::write(&csv, bytes).unwrap();
            let error = keep_in(&cache, &csv).unwrap_err();
            assert!(
                matches!(error, WatchError::Checksum { bytes, .. } if bytes == length),
                "{error}"
            );
            assert!(error.to_string().contains("`cargo xtask watch`"), "{error}");
        }

        let mut cut = idx::gzip(&text);
        cut.pop();
        fs::write(&csv, cut).unwrap();
        let error = keep_in(&cache, &csv).unwrap_err();
        assert!(matches!(error, WatchError::Damaged { .. }), "{error}");
        assert!(!cache.exists());
    }

    #[test]
    fn the_full_set_is_kept_as_it_is() {
        let Ok(Csv { text, .. }) = full() else {
            eprintln!("skipped: the full set is not in the cache");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let csv = folder.path().join("full.csv");
        fs::write(&csv, &text).unwrap();
        let kept = keep_in(folder.path(), &csv).unwrap();
        // No assert_eq: it would print megabytes.
        assert!(read(&kept).unwrap() == text);
        assert!(kept.with_file_name("LICENSE").is_file());
    }
}
