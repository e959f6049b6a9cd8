//! Why a layer is refused.

use core::fmt;

/// Why a layer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerError {
    /// No inputs or outputs, or more than [`MAX_WIDTH`](crate::MAX_WIDTH).
    Width {
        /// Most there may be.
        limit: usize,
        /// Inputs or outputs there are.
        found: u32,
    },
    /// The inputs are not as many as the layer before has outputs.
    Chain {
        /// Outputs of the layer before.
        expected: usize,
        /// Inputs of this layer.
        found: usize,
    },
    /// The data section has the wrong length for the shape.
    DataLength {
        /// Bytes by the shape.
        expected: u64,
        /// Bytes there are.
        found: usize,
    },
    /// The data does not begin on its boundary.
    Alignment {
        /// Where it begins.
        offset: usize,
        /// The boundary.
        expected: usize,
    },
    /// More padding before the data than its boundary can need.
    PadLength {
        /// Most bytes there may be.
        limit: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Padding before or inside the data that is not zero.
    PaddingNotZero,
    /// The activation tables are not whole tables of 256 entries, or more than the channels use.
    TableLength {
        /// Entries in all.
        found: usize,
    },
    /// The decoder's last layer has no table to turn i8 into pixels.
    NoOutputTable,
    /// A weight of −128, which the packed kernels cannot hold.
    WeightRange {
        /// Output channel.
        channel: usize,
    },
    /// A negative multiplier.
    Multiplier {
        /// Output channel.
        channel: usize,
        /// The multiplier.
        found: i32,
    },
    /// A shift outside [`Requant::MIN_SHIFT`](crate::Requant::MIN_SHIFT)..=[`MAX_SHIFT`](crate::Requant::MAX_SHIFT).
    Shift {
        /// Output channel.
        channel: usize,
        /// The shift.
        found: u8,
    },
    /// Some input would make the 32-bit sum overflow.
    SumOverflow {
        /// Output channel.
        channel: usize,
        /// Largest magnitude the sum can reach.
        bound: u64,
    },
    /// An infinite weight or bias, or one that is not a number.
    NotFinite {
        /// Its place in the layer's data, counted in values.
        index: usize,
    },
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Width { limit, found } => write!(f, "a width of {found}, expected 1 to {limit}"),
            Self::Chain { expected, found } => {
                write!(f, "{found} inputs, but the layer before has {expected} outputs")
            }
            Self::DataLength { expected, found } => {
                write!(f, "{found} bytes of data, expected {expected} for this shape")
            }
            Self::Alignment { offset, expected } => {
                write!(f, "data at offset {offset}, which is not a multiple of {expected}")
            }
            Self::PadLength { limit, found } => {
                write!(f, "{found} bytes of padding, expected at most {limit}")
            }
            Self::PaddingNotZero => f.write_str("padding that is not zero"),
            Self::TableLength { found } => {
                write!(f, "tables of {found} entries, expected whole tables of 256, each used")
            }
            Self::NoOutputTable => f.write_str("the decoder's last layer has no table to pixels"),
            Self::WeightRange { channel } => {
                write!(f, "a weight of -128 in channel {channel}, expected -127 to 127")
            }
            Self::Multiplier { channel, found } => {
                write!(f, "multiplier {found} in channel {channel}, expected at least 0")
            }
            Self::Shift { channel, found } => {
                write!(f, "shift {found} in channel {channel}, expected 1 to 22")
            }
            Self::SumOverflow { channel, bound } => write!(
                f,
                "the sum of channel {channel} can reach {bound}, over the 2147483647 of 32 bits"
            ),
            Self::NotFinite { index } => write!(f, "value {index} is not finite"),
        }
    }
}

impl core::error::Error for LayerError {}
