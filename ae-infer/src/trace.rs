//! Watching a forward pass layer by layer.

use ae_core::{Checksum, MAX_LAYERS};
use heapless::Vec;

use crate::compute::Value;

/// Receives the output of every layer, in order.
pub trait Trace {
    /// The output of the next layer, after its activation.
    fn layer<V: Value>(&mut self, output: &[V]);
}

/// Ignores every output.
impl Trace for () {
    fn layer<V: Value>(&mut self, _output: &[V]) {}
}

/// The CRC-32C of every layer's output: the encoder's layers, then the decoder's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests(Vec<u32, { 2 * MAX_LAYERS }>);

impl Digests {
    /// The digests so far.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }
}

impl Trace for Digests {
    fn layer<V: Value>(&mut self, output: &[V]) {
        // A model has no more layers than there is room for.
        let _ = self.0.push(digest(output));
    }
}

/// CRC-32C of a layer's output.
pub(crate) fn digest<V: Value>(output: &[V]) -> u32 {
    let mut checksum = Checksum::new();
    V::digest(output, &mut checksum);
    checksum.finish()
}
