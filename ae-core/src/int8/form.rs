//! What becomes of a layer's sums and how its data lies, in one number of the blob.

use serde::{Deserialize, Serialize};

use crate::geometry::Layout;
use crate::requant::Rounding;

/// The number's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Form {
    Rows,
    RowPairs,
    OneHot,
    RowsTwice,
    RowPairsTwice,
}

/// A form as a plain byte. An option of a layer would use the numbers that an enum leaves for `None`,
/// and moving it take a copy of odd length, for which programs for boards hold a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Form", into = "Form")]
pub(super) struct FormByte(u8);

impl FormByte {
    pub(super) const ONE_HOT: Self = Self(Form::OneHot as u8);
}

impl From<Form> for FormByte {
    fn from(form: Form) -> Self {
        Self(form as u8)
    }
}

impl From<FormByte> for Form {
    fn from(FormByte(byte): FormByte) -> Self {
        match byte {
            0 => Self::Rows,
            1 => Self::RowPairs,
            3 => Self::RowsTwice,
            4 => Self::RowPairsTwice,
            _ => Self::OneHot,
        }
    }
}

impl Form {
    /// Of a layer whose sums are requantised.
    pub(super) fn new(layout: Layout, rounding: Rounding) -> Self {
        match (layout, rounding) {
            (Layout::Rows, Rounding::Once) => Self::Rows,
            (Layout::RowPairs, Rounding::Once) => Self::RowPairs,
            #[cfg(feature = "double-rounding")]
            (Layout::Rows, Rounding::Twice) => Self::RowsTwice,
            #[cfg(feature = "double-rounding")]
            (Layout::RowPairs, Rounding::Twice) => Self::RowPairsTwice,
        }
    }

    /// Whether this crate was built with the rounding.
    #[inline(always)]
    pub(super) fn is_built(self) -> bool {
        cfg!(feature = "double-rounding") || !matches!(self, Self::RowsTwice | Self::RowPairsTwice)
    }

    /// The order of the data.
    pub(super) fn layout(self) -> Layout {
        match self {
            Self::Rows | Self::OneHot | Self::RowsTwice => Layout::Rows,
            Self::RowPairs | Self::RowPairsTwice => Layout::RowPairs,
        }
    }

    /// How sums are rounded.
    #[inline(always)]
    pub(super) fn rounding(self) -> Rounding {
        match self {
            Self::Rows | Self::RowPairs | Self::OneHot => Rounding::Once,
            #[cfg(feature = "double-rounding")]
            Self::RowsTwice | Self::RowPairsTwice => Rounding::Twice,
            // No such layer gets beyond its check.
            #[cfg(not(feature = "double-rounding"))]
            Self::RowsTwice | Self::RowPairsTwice => Rounding::Once,
        }
    }
}
