//! Dense layers.

use super::{Layer, Translation, expect_shape};
use crate::{Dense, ImportError, Operation};

impl Translation<'_> {
    /// `kernel` is `[inputs, outputs]`. A dense layer works on the last dimension, so over a map it
    /// is a convolution that reads one place.
    pub(super) fn dense(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        let units = layer.count("units", 0)?;
        let (kernel, bias) = if layer.flag("use_bias", true)? {
            let [kernel, bias] = self.weights.read(layer, ["kernel", "bias"])?;
            (kernel, Some(bias))
        } else {
            let [kernel] = self.weights.read(layer, ["kernel"])?;
            (kernel, None)
        };
        expect_shape(layer, "kernel", &kernel, &[self.channels(), Some(units)])?;
        let inputs = kernel.shape().first().copied().unwrap_or_default();
        let numbers = Self::numbers(layer, &kernel, &[1, 0], bias.as_ref(), units)?;
        let operation = match self.shape.len() {
            1 => Operation::Dense(Dense { inputs, outputs: units, numbers }),
            2 | 3 => Self::pointwise(inputs, units, numbers),
            dimensions => {
                let reason = format!("it is given {dimensions} dimensions; at most 3 are known");
                return Err(layer.refuse(reason, "put a Flatten layer before it"));
            }
        };
        self.push(layer.operator(operation));
        if let Some(last) = self.shape.last_mut() {
            *last = Some(units);
        }
        self.with_activation(layer)
    }
}
