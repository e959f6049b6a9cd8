//! Watching a forward pass layer by layer.

use ae_core::{Checksum, MAX_LAYERS};
use heapless::Vec;

use crate::compute::Value;
use crate::values::Source;

/// Receives the output of every layer, in pieces.
///
/// Layers whose maps are never whole take turns, and every layer gives its values in order.
pub trait Trace {
    /// A part of so many layers follows.
    fn part(&mut self, layers: usize);

    /// The next values that a layer of the part gives, after its activation.
    fn values<V: Value>(&mut self, layer: usize, values: &[V]);
}

/// Shows the next values that a layer gives, of one type or the other.
#[inline(always)]
pub(crate) fn show<E: Value>(trace: &mut impl Trace, layer: usize, values: Source<'_, E>) {
    match values {
        Source::Pixels(values) => trace.values(layer, values),
        Source::Elements(values) => trace.values(layer, values),
    }
}

/// Ignores every output.
impl Trace for () {
    fn part(&mut self, _layers: usize) {}

    fn values<V: Value>(&mut self, _layer: usize, _values: &[V]) {}
}

/// The CRC-32C of every layer's output: the encoder's layers, then the decoder's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests {
    digests: Vec<u32, { 2 * MAX_LAYERS }>,
    /// The number of the part's first layer.
    first: usize,
}

impl Digests {
    /// The digests so far.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.digests
    }
}

impl Trace for Digests {
    fn part(&mut self, layers: usize) {
        self.first = self.digests.len();
        // A model has no more layers than there is room for.
        let _ = self.digests.resize(self.first.saturating_add(layers), 0);
    }

    fn values<V: Value>(&mut self, layer: usize, values: &[V]) {
        if let Some(digest) = self.digests.get_mut(self.first.saturating_add(layer)) {
            *digest = extended(*digest, values);
        }
    }
}

/// The CRC-32C of values behind others, whose CRC-32C is known; that of none is 0.
pub(crate) fn extended<V: Value>(digest: u32, values: &[V]) -> u32 {
    let mut checksum = Checksum::behind(digest);
    V::digest(values, &mut checksum);
    checksum.finish()
}
