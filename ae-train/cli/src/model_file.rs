//! A model's file: a blob, or a signed one, which is a blob with a trailer behind it.

use std::path::Path;

use ae_core::Header;
use ae_engine as engine;
use ae_files::read_file;
use ae_run as run;
use ae_signature::{SignatureError, TRAILER_LEN, Unverified};
use anyhow::{Context, bail};

use super::trouble::shell;

/// What reading a trailer of the first version gives, which had no purpose and named no key.
const FIRST_TRAILER: SignatureError = SignatureError::OtherTrailer { found: 1 };

/// A file whose blob has been checked. Whether its signature is right is not known.
pub(super) struct ModelFile {
    bytes: Vec<u8>,
    blob_len: usize,
}

impl ModelFile {
    /// Reads the file and checks the blob in it.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        Self::of(path, Self::bytes_of(path)?)
    }

    fn bytes_of(path: &Path) -> anyhow::Result<Vec<u8>> {
        if path.is_dir() {
            bail!(
                "{} is a folder, expected a blob such as {}",
                path.display(),
                path.join(run::file::INT8_BLOB).display()
            );
        }
        match run::read_in_run(path)? {
            Some(bytes) => Ok(bytes),
            None => read_file(path, run::MOST_BLOB_BYTES)
                .with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// As [`read`](Self::read), and takes the blob out of a file whose trailer is of the first version,
    /// which no other verb reads: it says whether that was so.
    pub(super) fn read_to_sign(path: &Path) -> anyhow::Result<(Self, bool)> {
        let mut bytes = Self::bytes_of(path)?;
        let is_first = matches!(Unverified::read(&bytes), Err(FIRST_TRAILER));
        if is_first {
            bytes.truncate(blob_len(&bytes).unwrap_or(bytes.len()));
        }
        Ok((Self::of(path, bytes)?, is_first))
    }

    fn of(path: &Path, bytes: Vec<u8>) -> anyhow::Result<Self> {
        let blob = Unverified::read(&bytes).map_or(&*bytes, |signed| signed.blob());
        engine::check(blob).with_context(|| {
            format!("{} is not a usable model{}", path.display(), behind(path, &bytes))
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

/// A hint for a file that is not a model: it may be a signed file whose trailer is of another version,
/// or whose end is damaged.
fn behind(path: &Path, bytes: &[u8]) -> String {
    let trailer = Unverified::read(bytes);
    if let Err(error @ SignatureError::OtherTrailer { .. }) = trailer {
        let remedy = match error {
            FIRST_TRAILER => {
                let name = shell::quoted(path);
                format!("`ae-train sign {name} --again` with --key and --model-version does it")
            }
            _ => "a later ae-train has signed it, and reads it".to_owned(),
        };
        return format!(": {error}; {remedy}");
    }
    match blob_len(bytes).and_then(|len| bytes.len().checked_sub(len)) {
        Some(more) if more > 0 && trailer.is_err() => format!(
            "; behind its blob are {more} bytes that are not a signature, which has {TRAILER_LEN} bytes \
             and begins with a mark"
        ),
        _ => String::new(),
    }
}

fn blob_len(bytes: &[u8]) -> Option<usize> {
    Header::read(bytes).ok().and_then(|header| usize::try_from(header.total_len).ok())
}
