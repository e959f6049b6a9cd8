//! What a folder holds in which files of signals are expected.

use std::fs;
use std::path::{Path, PathBuf};

use super::budget::Budget;
use super::file_error::FileError;

/// Endings of files of signals.
const ENDINGS: [&str; 10] =
    ["csv", "tsv", "txt", "npy", "npz", "wav", "parquet", "arrow", "arrows", "feather"];

/// The same, packed.
const PACKED: [&str; 2] = ["gz", "zst"];

/// Folders inside each other.
const DEEPEST: usize = 16;

/// Bytes of memory for each file that is found, beside its name.
const BYTES_PER_FILE: u64 = 256;

/// Files in a folder, and in those inside it.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Those of signals, in the order of their names.
    pub(super) signals: Vec<PathBuf>,
    /// What others are called.
    pub(super) others: Vec<String>,
}

/// The files in a folder and in those inside it. What is hidden, as programs do it whose files are
/// nobody's data, is passed over.
pub(super) fn files(folder: &Path, budget: &Budget) -> Result<Found, FileError> {
    let mut found = Found::default();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(FileError::Io)? {
            let entry = entry.map_err(FileError::Io)?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if name.starts_with('.') {
                continue;
            }
            budget.take(BYTES_PER_FILE + 2 * path.as_os_str().len() as u64)?;
            // A link to a folder may lead round in a circle.
            if entry.file_type().map_err(FileError::Io)?.is_dir() {
                if depth < DEEPEST {
                    folders.push((path, depth + 1));
                }
            } else if is_of_signals(&name) {
                found.signals.push(path);
            } else {
                found.others.push(name);
            }
        }
    }
    found.signals.sort();
    found.others.sort();
    Ok(found)
}

/// Whether files of signals lie in a folder or in one inside it, and none of images.
pub(super) fn holds_signals(folder: &Path) -> bool {
    // A look at some hundred thousand names: a folder of more is nobody's recordings.
    let found = files(folder, &Budget::new(1 << 26)).unwrap_or_default();
    let is_image = |name: &String| name.to_ascii_lowercase().contains("-ubyte");
    !found.signals.is_empty() && !found.others.iter().any(is_image)
}

/// What the folder is called that a file lies in.
pub(super) fn name_of(file: &Path) -> Option<String> {
    // Resolved first, so that `.` and `..` have a name too.
    let file = fs::canonicalize(file).ok()?;
    Some(file.parent()?.file_name()?.to_string_lossy().into_owned())
}

fn is_of_signals(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let unpacked = PACKED.iter().find_map(|ending| without(&name, ending)).unwrap_or(&name);
    ENDINGS.iter().any(|ending| without(unpacked, ending).is_some())
}

/// A name without this ending.
fn without<'n>(name: &'n str, ending: &str) -> Option<&'n str> {
    name.strip_suffix(ending)?.strip_suffix('.').filter(|stem| !stem.is_empty())
}
