//! The model's own test vector, checked layer by layer: for a board at boot.

use ae_core::{Layers, Part, PartKind};

use crate::compute::{Compute, Value};
use crate::error::SelfTestError;
use crate::trace::{Trace, digest};

/// Compares each layer's output with the digest in the blob and keeps the first that differs.
pub(crate) struct Expected<'a, A> {
    layers: Layers<'a, A>,
    part: PartKind,
    index: usize,
    first: Option<SelfTestError>,
}

impl<'a, A: Compute<'a>> Expected<'a, A> {
    pub(crate) fn of(part: &Part<'a, A>, kind: PartKind) -> Self {
        Self { layers: part.layers(), part: kind, index: 0, first: None }
    }

    pub(crate) fn verdict(self) -> Result<(), SelfTestError> {
        self.first.map_or(Ok(()), Err)
    }
}

impl<'a, A: Compute<'a>> Trace for Expected<'a, A> {
    fn layer<V: Value>(&mut self, output: &[V]) {
        let Some(layer) = self.layers.next() else { return };
        let (expected, found) = (layer.digest(), digest(output));
        if expected != found && self.first.is_none() {
            let (part, layer) = (self.part, self.index);
            self.first = Some(SelfTestError::Differs { part, layer, expected, found });
        }
        self.index = self.index.saturating_add(1);
    }
}
