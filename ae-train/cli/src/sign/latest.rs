//! The versions that a key has signed so far, as far as a folder tells.

use std::fs;
use std::path::{Path, PathBuf};

use ae_signature::host::SecretKey;
use ae_signature::open;
use anyhow::bail;

/// Most versions that are left out without `--allow-jump`.
const MOST_LEFT_OUT: u32 = 1000;

/// Refuses a version that is far above the latest one that `key` has signed among the files in
/// `folder`, or above 0 where there is none. A board that has run a model takes no earlier version
/// again, so that a slip such as a version of ten digits could not be taken back.
pub(super) fn check_jump(folder: &Path, key: &SecretKey, version: u32) -> anyhow::Result<()> {
    let latest = latest(folder, key);
    let known = latest.unwrap_or(0);
    if version.saturating_sub(known) <= MOST_LEFT_OUT {
        return Ok(());
    }
    let folder = folder.display();
    let found = match latest {
        Some(_) => format!("the latest version that this key has signed in {folder} is {known}"),
        None => format!("this key has signed no file in {folder}, so versions are counted from 0"),
    };
    bail!(
        "model version {version} is {} above {known}: {found}; no board that has run it takes an \
         earlier version again, so at most {MOST_LEFT_OUT} are left out by chance; --allow-jump \
         signs it all the same",
        version - known
    )
}

/// The latest version of a signed file in the folder whose signature is the key's. Somebody else's
/// file says nothing, nor does one that cannot be read.
fn latest(folder: &Path, key: &SecretKey) -> Option<u32> {
    let public = key.public();
    let files = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "aeb"));
    // What is no plain file, such as a link or a pipe, is not opened.
    let is_plain = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_file());
    let files = files.filter(is_plain).filter_map(|path| fs::read(path).ok());
    files.filter_map(|file| open(&file, &public).ok().map(|signed| signed.version())).max()
}
