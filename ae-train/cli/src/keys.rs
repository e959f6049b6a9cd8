//! Keys that verbs read.

use std::fs;
use std::path::Path;

use ae_signature::PublicKey;
use ae_signature::host::{KeyFileError, SecretKey, read_public};
use anyhow::{Context, bail};

/// The public key in a file.
pub(super) fn read_public_key(path: &Path) -> anyhow::Result<PublicKey> {
    read(path, read_public)
}

/// The secret key in a file, and a word of warning where others may read it too.
pub(super) fn read_secret_key(path: &Path) -> anyhow::Result<SecretKey> {
    let key = read(path, SecretKey::read)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode());
        if mode & 0o077 != 0 {
            tell!("note: others may read {0}: chmod 600 {0}", path.display());
        }
    }
    Ok(key)
}

fn read<K>(path: &Path, parse: fn(&str) -> Result<K, KeyFileError>) -> anyhow::Result<K> {
    if path.is_dir() {
        bail!("{} is a folder, expected a key's file", path.display());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    // What is no text is no key, and the parser says so.
    parse(&String::from_utf8_lossy(&bytes)).with_context(|| path.display().to_string())
}

/// The key in hexadecimal digits.
pub(super) fn hex(key: &PublicKey) -> String {
    ae_files::hex(&key.to_bytes())
}
