//! The model's own test vector, checked layer by layer: for a board at boot.

use ae_core::{MAX_LAYERS, Part, PartKind};

use crate::compute::{Compute, Value};
use crate::error::SelfTestError;
use crate::trace::{Trace, extended};

/// The digest of each layer's output.
pub(crate) struct Found([u32; MAX_LAYERS]);

impl Found {
    pub(crate) fn new() -> Self {
        Self([0; MAX_LAYERS])
    }

    /// The first layer whose digest is not that of the blob.
    pub(crate) fn compare<'a, A: Compute<'a>>(
        &self,
        part: PartKind,
        expected: &Part<'a, A>,
    ) -> Result<(), SelfTestError> {
        for (layer, (expected, &found)) in expected.layers().zip(&self.0).enumerate() {
            let expected = expected.digest();
            if expected != found {
                return Err(SelfTestError::Differs { part, layer, expected, found });
            }
        }
        Ok(())
    }
}

impl Trace for Found {
    fn part(&mut self, _layers: usize) {}

    fn values<V: Value>(&mut self, layer: usize, values: &[V]) {
        if let Some(digest) = self.0.get_mut(layer) {
            *digest = extended(*digest, values);
        }
    }
}
