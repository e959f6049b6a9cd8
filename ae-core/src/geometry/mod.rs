//! What a layer computes and needs, by its shape alone.
//!
//! Nothing else counts products, parameters, bytes or scratch: the loader, the writer, the tables
//! that are printed and the check whether a model fits a board all ask here. A new kind of layer is
//! a file beside `dense` and a variant of [`Geometry`]; every `match` on it is in this file.

mod axis;
mod buffers;
mod chain;
mod dense;
mod run;
mod spatial;
mod storage;
mod strip;
mod totals;

#[cfg(test)]
mod tests;

use crate::error::LayerError;

pub use axis::{Axis, AxisField, Direction};
pub use buffers::Buffers;
pub use chain::Chain;
pub use dense::Dense;
pub(crate) use dense::row_pairs;
pub use run::{MAX_RUN, Map, Run};
pub use spatial::{Spatial, SpatialKind};
pub use storage::{Layout, Storage};
pub use strip::Strip;
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
    /// It works position by position over a map.
    Spatial(Spatial),
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
            Self::Spatial(spatial) => spatial.inputs(),
        }
    }

    /// Values that go out.
    #[must_use]
    pub const fn outputs(self) -> usize {
        match self {
            Self::Dense(dense) => dense.outputs,
            Self::Spatial(spatial) => spatial.outputs(),
        }
    }

    /// Weights.
    #[must_use]
    pub const fn weights(self) -> u64 {
        match self {
            Self::Dense(dense) => dense.weights(),
            Self::Spatial(spatial) => spatial.weights(),
        }
    }

    /// Weights and biases.
    #[must_use]
    pub const fn parameters(self) -> u64 {
        match self {
            Self::Dense(dense) => dense.parameters(),
            Self::Spatial(spatial) => spatial.parameters(),
        }
    }

    /// Products that are added up to compute it once.
    #[must_use]
    pub const fn multiply_adds(self) -> u64 {
        match self {
            Self::Dense(dense) => dense.multiply_adds(),
            Self::Spatial(spatial) => spatial.multiply_adds(),
        }
    }

    /// Bytes of its data section.
    #[must_use]
    pub const fn data_len(self, storage: Storage) -> u64 {
        match self {
            Self::Dense(dense) => dense.data_len(storage),
            Self::Spatial(spatial) => spatial.data_len(storage),
        }
    }

    /// Elements of the scratch that computing it needs beside its input and output.
    #[must_use]
    pub const fn room(self, storage: Storage) -> usize {
        match self {
            Self::Dense(dense) => dense.room(storage),
            Self::Spatial(spatial) if SpatialKind::ANY => spatial.room(storage),
            Self::Spatial(_) => 0,
        }
    }

    /// Its weights as those of a dense layer: of a convolution, the one that computes a position.
    #[must_use]
    pub const fn weights_as_dense(self) -> Dense {
        match self {
            Self::Dense(dense) => dense,
            Self::Spatial(spatial) => spatial.dense(),
        }
    }

    /// Whether a blob can hold a layer of this shape.
    ///
    /// # Errors
    /// A size is 0 or over [`MAX_WIDTH`](crate::MAX_WIDTH), or the numbers of a spatial layer do not
    /// fit its kind.
    pub const fn check(self) -> Result<(), LayerError> {
        match self {
            Self::Dense(dense) => dense.check(),
            Self::Spatial(spatial) => spatial.check(),
        }
    }
}

/// A blob stores 32 bits; only a layer that was never written can be wider.
pub(crate) const fn saturated(width: usize) -> u32 {
    if width as u64 > u32::MAX as u64 { u32::MAX } else { width as u32 }
}
