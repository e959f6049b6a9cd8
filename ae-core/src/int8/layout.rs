//! The orders that an int8 layer's data may be in.

use serde::{Deserialize, Serialize};

use super::row_pairs::RowPairs;
use super::rows::Rows;

/// The order of the data of an int8 layer. The numbers are the same in every layout, and so are
/// the results; a kernel is fast with the layout that it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Layout {
    /// Output after output. Runs fast on every core that has no kernel for another layout.
    #[default]
    Rows,
    /// Blocks of four outputs, the weights of two outputs in one 16-bit lane: for Arm cores with
    /// DSP instructions.
    RowPairs,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 2] = [Self::Rows, Self::RowPairs];

    /// The name as it is printed: `rows` or `row-pairs`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::RowPairs => "row-pairs",
        }
    }

    /// Bytes of the data section of a layer.
    #[must_use]
    pub const fn data_len(self, inputs: usize, outputs: usize) -> u64 {
        match self {
            Self::Rows => Rows::data_len(inputs, outputs),
            Self::RowPairs => RowPairs::data_len(inputs, outputs),
        }
    }

    /// Elements of the scratch that a kernel for this layout needs beside a layer's input and
    /// output.
    #[must_use]
    pub const fn room(self, inputs: usize) -> usize {
        match self {
            Self::Rows => 0,
            Self::RowPairs => RowPairs::room(inputs),
        }
    }
}
