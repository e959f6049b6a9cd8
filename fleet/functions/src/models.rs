//! The models that queries name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::digest::Digest;
use crate::error::ModelError;
use crate::model::Model;
use crate::source::ModelSource;

/// Finds models by their digests: first among those that were put in, then in the sources, in order.
///
/// A model that was found stays until the process ends, prepared for the processor. What a source holds
/// is compared with the digest once, when it is read.
#[derive(Debug, Default)]
pub struct Models {
    sources: Vec<Arc<dyn ModelSource>>,
    found: Mutex<HashMap<Digest, Arc<Model>>>,
}

impl Models {
    /// The models of these sources.
    #[must_use]
    pub fn new(sources: Vec<Arc<dyn ModelSource>>) -> Self {
        Self { sources, found: Mutex::default() }
    }

    /// Puts a blob in, and gives its name.
    ///
    /// # Errors
    /// The blob is no model that can be run.
    pub fn insert(&self, blob: Vec<u8>) -> Result<Digest, ModelError> {
        let digest = Digest::of(&blob);
        if let Entry::Vacant(place) = self.lock().entry(digest) {
            place.insert(Arc::new(Model::load(digest, blob)?));
        }
        Ok(digest)
    }

    /// The model of a digest.
    ///
    /// # Errors
    /// No source has it, a source has other bytes for it or cannot be read, or it cannot be run.
    pub fn get(&self, digest: &Digest) -> Result<Arc<Model>, ModelError> {
        // Held while it loads: what others ask for at the same time is most often the same.
        let mut found = self.lock();
        if let Some(model) = found.get(digest) {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(Model::load(*digest, self.read(digest)?)?);
        found.insert(*digest, Arc::clone(&model));
        Ok(model)
    }

    fn read(&self, digest: &Digest) -> Result<Vec<u8>, ModelError> {
        for source in &self.sources {
            let read = source.read(digest);
            let read = read.map_err(|error| ModelError::Read { place: source.place(), error })?;
            let Some(blob) = read else { continue };
            let found = Digest::of(&blob);
            if found != *digest {
                let place = source.place();
                return Err(ModelError::Digest { place, expected: *digest, found });
            }
            return Ok(blob);
        }
        let places: Vec<String> = self.sources.iter().map(|source| source.place()).collect();
        let places = match &*places {
            [] => "this process, which was given no folder of models".to_owned(),
            places => places.join(" or "),
        };
        Err(ModelError::Missing { digest: *digest, places })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Arc<Model>>> {
        // A model is put in whole or not at all.
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
