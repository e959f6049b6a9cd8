//! How the numbers of a layer are stored.

use serde::{Deserialize, Serialize};

use crate::contract::Contract;

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
}

/// The type and the order of a layer's numbers: the contract, and the layout where it has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// Weights of a byte, in this order.
    Int8(Layout),
    /// Weights of a byte, output after output, of a layer whose sums are compared and not
    /// requantised: it has no multipliers and no shifts.
    OneHot,
    /// Weights of four bytes, input after input.
    F32,
}

impl Storage {
    /// The contract that stores numbers like this.
    #[must_use]
    pub const fn contract(self) -> Contract {
        match self {
            Self::Int8(_) | Self::OneHot => Contract::Int8,
            Self::F32 => Contract::F32,
        }
    }

    /// The name of the order as it is printed: `rows`, `row-pairs`, `one-hot` or `columns`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int8(layout) => layout.name(),
            Self::OneHot => "one-hot",
            Self::F32 => "columns",
        }
    }
}
