//! The layers of a part, one after the other.

use super::{Geometry, Storage};
use crate::error::LayerError;

/// The layers of a part, gathered one by one: what goes in, what comes out, and the scratch that
/// computing all of them takes.
///
/// ```
/// use ae_core::{Chain, Geometry, Layout, Storage};
///
/// let mut chain = Chain::new();
/// for (inputs, outputs) in [(784, 256), (256, 128), (128, 20)] {
///     chain.push(Geometry::dense(inputs, outputs), Storage::Int8(Layout::Rows))?;
/// }
/// assert_eq!((chain.inputs(), chain.outputs()), (784, 20));
/// // The second layer reads 256 values and writes 128; both lie in the scratch.
/// assert_eq!(chain.scratch(), 256 + 128);
/// # Ok::<(), ae_core::LayerError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Chain {
    inputs: usize,
    outputs: usize,
    scratch: usize,
    /// Inputs of the last layer pushed, unless they are the part's own.
    hidden_inputs: usize,
    /// Room of the last layer pushed.
    room: usize,
    layers: usize,
}

impl Chain {
    /// No layers yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { inputs: 0, outputs: 0, scratch: 0, hidden_inputs: 0, room: 0, layers: 0 }
    }

    /// Adds a layer behind the others.
    ///
    /// # Errors
    /// It does not take as many values as the layer before gives.
    pub const fn push(&mut self, layer: Geometry, storage: Storage) -> Result<(), LayerError> {
        let (inputs, room) = (layer.inputs(), layer.room(storage));
        if self.layers == 0 {
            self.inputs = inputs;
        } else {
            if self.outputs != inputs {
                return Err(LayerError::Chain { expected: self.outputs, found: inputs });
            }
            // What was the last layer's output has turned out to be hidden.
            self.hold(self.hidden_inputs.saturating_add(inputs).saturating_add(self.room));
            self.hidden_inputs = inputs;
        }
        self.hold(self.hidden_inputs.saturating_add(room));
        self.room = room;
        self.outputs = layer.outputs();
        self.layers = self.layers.saturating_add(1);
        Ok(())
    }

    const fn hold(&mut self, elements: usize) {
        if elements > self.scratch {
            self.scratch = elements;
        }
    }

    /// Layers gathered so far.
    pub(crate) const fn layers(&self) -> usize {
        self.layers
    }

    /// Values that the first layer takes.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        self.inputs
    }

    /// Values that the last layer gives.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.outputs
    }

    /// Most elements held at once between layers: a layer's input and output together, where they
    /// are neither the part's input nor its output, and the layer's room.
    #[must_use]
    pub const fn scratch(&self) -> usize {
        self.scratch
    }
}
