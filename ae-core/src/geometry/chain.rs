//! The layers of a part, one after the other.

use super::buffers::larger;
use super::{Geometry, Run, SpatialKind, Storage};
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
    layers: usize,
    /// Most elements that finished runs take, and the run of the last layer pushed.
    scratch: usize,
    run: Option<Run>,
    /// Whether runs may be computed in strips, and whether a finished one is.
    in_strips: bool,
    has_strips: bool,
}

impl Chain {
    /// No layers yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { inputs: 0, layers: 0, scratch: 0, run: None, in_strips: false, has_strips: false }
    }

    /// No layers yet, of which those over maps are computed in strips or not.
    #[must_use]
    pub const fn with_strips(in_strips: bool) -> Self {
        Self { in_strips, ..Self::new() }
    }

    /// Adds a layer behind the others.
    ///
    /// # Errors
    /// It does not take as many values as the layer before gives.
    pub const fn push(&mut self, layer: Geometry, storage: Storage) -> Result<(), LayerError> {
        let inputs = layer.inputs();
        if let Some(run) = &mut self.run {
            if run.outputs() != inputs {
                return Err(LayerError::Chain { expected: run.outputs(), found: inputs });
            }
            if !(SpatialKind::ANY && self.in_strips && run.push(layer, storage)) {
                // What was the last layer's output has turned out to be hidden.
                self.scratch = larger(self.scratch, run.scratch(inputs));
                self.has_strips |= run.is_in_strips(inputs);
                self.run = Some(Run::new(layer, storage, inputs));
            }
        } else {
            self.inputs = inputs;
            self.run = Some(Run::new(layer, storage, 0));
        }
        self.layers = self.layers.saturating_add(1);
        Ok(())
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
        match &self.run {
            Some(run) => run.outputs(),
            None => 0,
        }
    }

    /// Whether some layers are computed in strips.
    #[must_use]
    pub const fn has_strips(&self) -> bool {
        match &self.run {
            Some(run) => self.has_strips || run.is_in_strips(0),
            None => false,
        }
    }

    /// Most elements held at once between layers: those of the [`Run`] that takes most.
    #[must_use]
    pub const fn scratch(&self) -> usize {
        match &self.run {
            Some(run) => larger(self.scratch, run.scratch(0)),
            None => self.scratch,
        }
    }
}
