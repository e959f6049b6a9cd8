//! Keys that verbs read.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use ae_signature::PublicKey;
use ae_signature::host::{KeyFileError, SecretKey, read_public};
use anyhow::{Context, bail};
use zeroize::Zeroizing;

/// Most of a file that is read: a key has a few hundred bytes, and may have lines before it.
const MOST_BYTES: usize = 64 << 10;

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
    // It does not grow, which would leave a copy behind, and is wiped when it goes.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST_BYTES));
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES as u64).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    // What is no text is no key, and the parser says so.
    parse(str::from_utf8(&bytes).unwrap_or_default()).with_context(|| path.display().to_string())
}

/// The key in hexadecimal digits.
pub(super) fn hex(key: &PublicKey) -> String {
    ae_files::hex(&key.to_bytes())
}
