//! The arithmetic contracts.

/// Which arithmetic a blob is made for. The number is part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Contract {
    /// Integers only, one rounding (half up) per requantisation.
    Int8 = 1,
    /// f32, products added in index order, none fused.
    F32 = 2,
}

impl Contract {
    /// The contract of a header's number.
    pub(crate) const fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Int8),
            2 => Some(Self::F32),
            _ => None,
        }
    }

    /// The name as it is printed: `int8` or `f32`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::F32 => "f32",
        }
    }

    /// Bytes of an element: of an activation, a latent value or a place in the scratch.
    #[must_use]
    pub const fn element_bytes(self) -> usize {
        match self {
            Self::Int8 => size_of::<i8>(),
            Self::F32 => size_of::<f32>(),
        }
    }
}
