//! Blobs in an object store.

use std::fmt;
use std::io;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _};

use crate::digest::Digest;
use crate::source::ModelSource;

/// Objects that are named `<digest>.aeb`, below a prefix of an object store.
pub struct StoreSource {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    place: String,
}

impl StoreSource {
    /// The objects below `prefix`. `place` names them in an error.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, prefix: Path, place: String) -> Self {
        Self { store, prefix, place }
    }
}

impl fmt::Debug for StoreSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSource").field("place", &self.place).finish_non_exhaustive()
    }
}

impl ModelSource for StoreSource {
    fn read(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>> {
        let path = self.prefix.clone().join(digest.file_name());
        let store = Arc::clone(&self.store);
        // Functions are no futures, and a runtime may not wait within another: so a thread of its own,
        // once for each model.
        let read = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                match store.get(&path).await {
                    Ok(found) => Ok(Some(found.bytes().await?.to_vec())),
                    Err(Error::NotFound { .. }) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            })
        };
        match std::thread::spawn(read).join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}
