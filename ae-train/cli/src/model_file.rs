//! A model's file: a blob, or a signed one, which is a blob with a trailer behind it.

use std::fs;
use std::path::Path;

use ae_core::Header;
use ae_engine as engine;
use ae_run as run;
use ae_signature::{TRAILER_LEN, Unverified};
use anyhow::{Context, bail};

/// A file whose blob has been checked. Whether its signature is right is not known.
pub(super) struct ModelFile {
    bytes: Vec<u8>,
    blob_len: usize,
}

impl ModelFile {
    /// Reads the file and checks the blob in it.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            bail!(
                "{} is a folder, expected a blob such as {}",
                path.display(),
                path.join(run::file::INT8_BLOB).display()
            );
        }
        let bytes = match run::read_in_run(path)? {
            Some(bytes) => bytes,
            None => fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
        };
        let blob = Unverified::read(&bytes).map_or(&*bytes, |signed| signed.blob());
        engine::check(blob).with_context(|| {
            format!("{} is not a usable model{}", path.display(), behind(&bytes))
        })?;
        Ok(Self { blob_len: blob.len(), bytes })
    }

    /// All of the file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The blob in it.
    pub(super) fn blob(&self) -> &[u8] {
        self.bytes.get(..self.blob_len).unwrap_or_default()
    }

    /// The blob in it.
    pub(super) fn into_blob(mut self) -> Vec<u8> {
        self.bytes.truncate(self.blob_len);
        self.bytes
    }

    /// Its signature, if it has one.
    pub(super) fn signature(&self) -> Option<Unverified<'_>> {
        Unverified::read(&self.bytes).ok()
    }
}

/// A hint for a file that is not a model: it may be a signed file whose end is damaged.
fn behind(bytes: &[u8]) -> String {
    let blob_len =
        Header::read(bytes).ok().and_then(|header| usize::try_from(header.total_len).ok());
    match blob_len.and_then(|len| bytes.len().checked_sub(len)) {
        Some(more) if more > 0 && Unverified::read(bytes).is_err() => format!(
            "; behind its blob are {more} bytes that are not a signature, which has {TRAILER_LEN} bytes \
             and begins with a mark"
        ),
        _ => String::new(),
    }
}
