//! A dense layer's geometry.

use super::{Layout, Storage, saturated};
use crate::error::LayerError;
use crate::format::MAX_WIDTH;

/// The sizes of a dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dense {
    /// Values that come in.
    pub inputs: usize,
    /// Values that go out.
    pub outputs: usize,
}

/// Sizes of the layout [`Layout::RowPairs`], which reading and filling it share.
pub(crate) mod row_pairs {
    /// Outputs of a block.
    pub(crate) const BLOCK: usize = 4;
    /// Bytes of weights for four inputs and four outputs.
    pub(crate) const QUAD: usize = 16;
    /// Bytes of biases, multipliers and shifts of four outputs.
    pub(crate) const PARAMETERS: usize = 36;

    /// Bytes of a block.
    pub(crate) const fn block_len(inputs: usize) -> usize {
        inputs.div_ceil(4).saturating_mul(QUAD).saturating_add(PARAMETERS)
    }
}

impl Dense {
    pub(super) const fn weights(self) -> u64 {
        (self.inputs as u64).saturating_mul(self.outputs as u64)
    }

    pub(super) const fn parameters(self) -> u64 {
        self.weights().saturating_add(self.outputs as u64)
    }

    /// A product for each weight.
    pub(super) const fn multiply_adds(self) -> u64 {
        self.weights()
    }

    pub(super) const fn data_len(self, storage: Storage) -> u64 {
        let outputs = self.outputs as u64;
        match storage {
            Storage::Int8(Layout::Rows) => {
                // Weights up to a multiple of 4 bytes; bias, multiplier and shift.
                let weights = self.weights();
                let padding = weights.wrapping_neg() % 4;
                weights.saturating_add(padding).saturating_add(outputs.saturating_mul(9))
            }
            Storage::Int8(Layout::RowPairs) => {
                let blocks = self.outputs.div_ceil(row_pairs::BLOCK) as u64;
                blocks.saturating_mul(row_pairs::block_len(self.inputs) as u64)
            }
            Storage::F32 => self.parameters().saturating_mul(4),
        }
    }

    pub(crate) const fn room(self, storage: Storage) -> usize {
        match storage {
            // The input as 16-bit numbers, four at a time, and up to 3 bytes to a boundary of 4.
            Storage::Int8(Layout::RowPairs) => {
                self.inputs.div_ceil(4).saturating_mul(8).saturating_add(3)
            }
            Storage::Int8(Layout::Rows) | Storage::F32 => 0,
        }
    }

    pub(super) const fn check(self) -> Result<(), LayerError> {
        let found = if self.inputs == 0 || self.inputs > MAX_WIDTH {
            self.inputs
        } else if self.outputs == 0 || self.outputs > MAX_WIDTH {
            self.outputs
        } else {
            return Ok(());
        };
        Err(LayerError::Width { limit: MAX_WIDTH, found: saturated(found) })
    }
}
