//! Where the data lies that a user has named.
//!
//! A run knows its data by digest and says no path, which would tell others about its maker, and
//! would let its maker decide what is opened. This machine remembers, in the user's cache, where the
//! data of a digest was when the user named it last.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ae_files::{make_folder, write_atomically};

use crate::locate::cache_folder_of;

/// The folder in the cache, with a file for each digest.
const NAME: &str = "named";

/// Remembers that the data of `digest`, 64 hexadecimal digits, lies at these paths.
///
/// # Errors
/// There is no cache, or it cannot be written; a path is no text.
pub fn remember(digest: &str, paths: &[PathBuf]) -> io::Result<()> {
    let folder = cache_folder_of(NAME).ok_or(io::ErrorKind::NotFound)?;
    remember_in(&folder, digest, paths)
}

/// Where the data of `digest` was when the user named it last.
#[must_use]
pub fn recall(digest: &str) -> Option<Vec<PathBuf>> {
    recall_in(&cache_folder_of(NAME)?, digest)
}

fn remember_in(folder: &Path, digest: &str, paths: &[PathBuf]) -> io::Result<()> {
    let file = file(folder, digest).ok_or(io::ErrorKind::InvalidInput)?;
    let mut text = String::new();
    for path in paths {
        let path = fs::canonicalize(path)?;
        text += path.to_str().ok_or(io::ErrorKind::InvalidData)?;
        // No path has one in it.
        text.push('\0');
    }
    // What is so already costs no write, and no cache that can be written.
    if fs::read(&file).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    make_folder(folder)?;
    write_atomically(&file, text.as_bytes())
}

fn recall_in(folder: &Path, digest: &str) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(file(folder, digest)?).ok()?;
    let paths: Vec<_> = text.split_terminator('\0').map(PathBuf::from).collect();
    (!paths.is_empty()).then_some(paths)
}

/// A digest from a stranger's file is a name of a file here, and nothing else.
fn file(folder: &Path, digest: &str) -> Option<PathBuf> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit());
    is_digest.then(|| folder.join(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_named_is_found_by_its_digest_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("cache/named");
        let digest = "0123456789abcdef".repeat(4);
        let file = place.path().join("a\nb");
        fs::write(&file, "").unwrap();
        assert_eq!(recall_in(&folder, &digest), None);
        let named = [file.clone(), place.path().to_owned()];
        remember_in(&folder, &digest, &named).unwrap();
        remember_in(&folder, &digest, &named).unwrap();
        let found = recall_in(&folder, &digest).unwrap();
        assert_eq!(found, named.map(|path| path.canonicalize().unwrap()));
        for other in ["", "../named", &digest[1..], &format!("../{}", &digest[3..])] {
            assert_eq!(recall_in(&folder, other), None, "{other}");
            assert!(remember_in(&folder, other, std::slice::from_ref(&file)).is_err(), "{other}");
        }
    }
}
