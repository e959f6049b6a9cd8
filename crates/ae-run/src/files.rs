//! Files of a run that nobody holds, for those who read it or add to it.

use std::path::Path;

use ae_data::{DataError, Half, Images, images_of_idx};
use ae_files::{Folder, folder_of};

use super::config::{self, RunConfig};
use super::error::{RunError, io_error};
use super::folder::{most_bytes, read};
use super::{file, is_run};

/// Most bytes of a file whose size follows from nothing: that of the largest blob.
pub(super) const MOST_BYTES: u64 = 2 << 30;

/// The bytes of the weights of the run in `path`, whose configuration is `config`, or `None` if they
/// are not there.
///
/// # Errors
/// What the operating system says, with the file's path. It is no plain file.
pub fn read_weights(path: &Path, config: &RunConfig) -> Result<Option<Vec<u8>>, RunError> {
    let (folder, _) = config::open(path)?;
    match folder.has(file::WEIGHTS) {
        Ok(false) => Ok(None),
        Ok(true) => read(path, &folder, file::WEIGHTS, most_bytes(config)).map(Some),
        Err(source) => Err(io_error("read", &path.join(file::WEIGHTS), source)),
    }
}

/// The bytes of the file at `path`, if that is in a run folder: links in it are not followed. `None`
/// where it is elsewhere.
///
/// # Errors
/// What the operating system says, with the file's path. It is no plain file.
pub fn read_in_run(path: &Path) -> Result<Option<Vec<u8>>, RunError> {
    let Some((folder, name)) = in_run(path)? else { return Ok(None) };
    folder.read(name, MOST_BYTES).map(Some).map_err(|source| io_error("read", path, source))
}

/// Writes the file at `path`, if that is in a run folder, whole or not at all: links in it are not
/// followed. `false` where it is elsewhere.
///
/// # Errors
/// What the operating system says, with the file's path. There is something that is no plain file.
pub fn write_in_run(path: &Path, bytes: &[u8]) -> Result<bool, RunError> {
    let Some((folder, name)) = in_run(path)? else { return Ok(false) };
    folder.replace(name, bytes).map_err(|source| io_error("write", path, source))?;
    Ok(true)
}

fn in_run(path: &Path) -> Result<Option<(Folder, &std::ffi::OsStr)>, RunError> {
    let within = folder_of(path);
    let Some(name) = path.file_name().filter(|_| is_run(within)) else { return Ok(None) };
    let folder = Folder::open(within).map_err(|source| io_error("open", within, source))?;
    Ok(Some((folder, name)))
}

/// Name of the file of one half of the windows.
#[must_use]
pub fn windows_name(half: Half) -> &'static str {
    match half {
        Half::Train => "train-images-idx3-ubyte.gz",
        Half::Test => "t10k-images-idx3-ubyte.gz",
    }
}

/// One half of the windows in the folder of the detector's run in `path`.
///
/// # Errors
/// They are not there, cannot be read, or are no windows.
pub fn read_windows(path: &Path, half: Half) -> Result<Images, RunError> {
    let at = path.join(file::WINDOWS).join(windows_name(half));
    let reading = |source| io_error("read", &at, source);
    let folder = Folder::open(path).and_then(|run| run.folder(file::WINDOWS)).map_err(reading)?;
    let bytes = folder.read(windows_name(half), MOST_BYTES).map_err(reading)?;
    let malformed =
        |error: DataError| RunError::Malformed { path: at.clone(), reason: error.to_string() };
    images_of_idx(&at, &*bytes).map_err(malformed)
}
