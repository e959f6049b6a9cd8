//! Where blobs lie.

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;

use crate::digest::Digest;

/// A place that holds blobs under their digests.
pub trait ModelSource: Debug + Send + Sync {
    /// The bytes that stand for a digest; `None` where there are none. Whoever reads compares them with
    /// the digest.
    ///
    /// # Errors
    /// The place cannot be read.
    fn read(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>>;

    /// The place, for an error.
    fn place(&self) -> String;
}

/// A folder of files that are named `<digest>.aeb`.
#[derive(Debug, Clone)]
pub struct FolderSource {
    folder: PathBuf,
}

impl FolderSource {
    /// The folder at a path. It is read when a model is asked for, so blobs may come later.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl ModelSource for FolderSource {
    fn read(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.folder.join(digest.file_name())) {
            Ok(blob) => Ok(Some(blob)),
            // A folder that is not there is not one without this model.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.folder.is_dir() => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn place(&self) -> String {
        format!("the folder {}", self.folder.display())
    }
}
