//! What a layer computes and needs, by its shape alone.
//!
//! Nothing else counts products, parameters, bytes or scratch: the loader, the writer, the tables
//! that are printed and the check whether a model fits a board all ask here. A new kind of layer is
//! a file beside `dense` and a variant of [`Geometry`]; every `match` on it is in this file.

mod buffers;
mod chain;
mod dense;
mod storage;
mod totals;

#[cfg(test)]
mod tests;

use crate::error::LayerError;

pub use buffers::Buffers;
pub use chain::Chain;
pub use dense::Dense;
pub(crate) use dense::row_pairs;
pub use storage::{Layout, Storage};
pub use totals::Totals;

/// The kind of a layer and its sizes.
///
/// All of it is total: counts too large for their type saturate. So a shape may be asked before
/// [`check`](Self::check) has accepted it.
///
/// ```
/// use ae_core::{Geometry, Layout, Storage};
///
/// let layer = Geometry::dense(784, 256);
/// assert_eq!((layer.inputs(), layer.outputs()), (784, 256));
/// assert_eq!(layer.multiply_adds(), 200_704);
/// assert_eq!(layer.parameters(), 200_960);
/// // A byte for each weight; bias, multiplier and shift for each output.
/// assert_eq!(layer.data_len(Storage::Int8(Layout::Rows)), 200_704 + 9 * 256);
/// assert_eq!(layer.data_len(Storage::F32), 4 * 200_960);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Geometry {
    /// Every output is a weighted sum of all inputs.
    Dense(Dense),
}

impl Geometry {
    /// A dense layer.
    #[must_use]
    pub const fn dense(inputs: usize, outputs: usize) -> Self {
        Self::Dense(Dense { inputs, outputs })
    }

    /// Values that come in.
    #[must_use]
    pub const fn inputs(self) -> usize {
        match self {
            Self::Dense(dense) => dense.inputs,
        }
    }

    /// Values that go out.
    #[must_use]
    pub const fn outputs(self) -> usize {
        match self {
            Self::Dense(dense) => dense.outputs,
        }
    }

    /// Weights.
    #[must_use]
    pub const fn weights(self) -> u64 {
        match self {
            Self::Dense(dense) => dense.weights(),
        }
    }

    /// Weights and biases.
    #[must_use]
    pub const fn parameters(self) -> u64 {
        match self {
            Self::Dense(dense) => dense.parameters(),
        }
    }

    /// Products that are added up to compute it once.
    #[must_use]
    pub const fn multiply_adds(self) -> u64 {
        match self {
            Self::Dense(dense) => dense.multiply_adds(),
        }
    }

    /// Bytes of its data section.
    #[must_use]
    pub const fn data_len(self, storage: Storage) -> u64 {
        match self {
            Self::Dense(dense) => dense.data_len(storage),
        }
    }

    /// Elements of the scratch that computing it needs beside its input and output.
    #[must_use]
    pub const fn room(self, storage: Storage) -> usize {
        match self {
            Self::Dense(dense) => dense.room(storage),
        }
    }

    /// Whether a blob can hold a layer of this shape.
    ///
    /// # Errors
    /// A size is 0 or over [`MAX_WIDTH`](crate::MAX_WIDTH).
    pub const fn check(self) -> Result<(), LayerError> {
        match self {
            Self::Dense(dense) => dense.check(),
        }
    }
}
