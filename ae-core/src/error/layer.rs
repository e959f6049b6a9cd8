//! Why a layer is refused.

use core::fmt;

use crate::format::WEIGHT_LIMIT;
use crate::geometry::{AxisField, Direction, SpatialKind};
use crate::requant::Requant;

/// Why a layer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerError {
    /// A layer has no inputs or outputs, or more than [`MAX_WIDTH`](crate::MAX_WIDTH).
    Width {
        /// Most there may be.
        limit: usize,
        /// Inputs or outputs that there are.
        found: u32,
    },
    /// This version does not know the number of the layer's kind.
    UnknownKind {
        /// The number.
        found: u8,
    },
    /// This program was built without the layer's kind.
    KindNotBuilt {
        /// The kind.
        kind: SpatialKind,
    },
    /// This program was built without the second rounding.
    RoundingNotBuilt,
    /// The numbers of a spatial layer are too few or too many.
    SpatialLength {
        /// Bytes that they take.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// A number of an axis is out of its bounds.
    Axis {
        /// Which axis.
        axis: Direction,
        /// Which number.
        field: AxisField,
        /// Least it may be.
        least: u8,
        /// Most it may be.
        most: u32,
        /// What it is.
        found: u32,
    },
    /// A kind that keeps its channels gives more or fewer than come in.
    Channels {
        /// The kind.
        kind: SpatialKind,
        /// Channels that come in.
        expected: u16,
        /// Channels that go out.
        found: u16,
    },
    /// A kernel, a stride, a dilation or an interleaving that its kind has no use for.
    Kind {
        /// The kind.
        kind: SpatialKind,
    },
    /// Inputs and outputs are not as many as their maps have.
    Map {
        /// Inputs and outputs by height, width and channels.
        expected: [u32; 2],
        /// Inputs and outputs by the layer.
        found: [u32; 2],
    },
    /// It makes more products, or reads more values, than a layer may.
    Products {
        /// Most there may be.
        limit: u64,
        /// What it makes or reads.
        found: u64,
    },
    /// A layout, a zero point, a code for the padding or a second rounding that the layer's kind has no use
    /// for.
    Unused {
        /// Which.
        field: &'static str,
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
    /// There is more padding before the data than its boundary can need.
    PadLength {
        /// Most bytes there may be.
        limit: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Padding before or inside the data is not zero.
    PaddingNotZero,
    /// The activation tables are not whole tables of 256 entries, or there are more than the channels
    /// use.
    TableLength {
        /// Entries in all.
        found: usize,
    },
    /// The decoder's last layer has no table to turn i8 into pixels.
    NoOutputTable,
    /// A one-hot layer is the decoder's last, of which it gives no pixels, is not dense, or has a zero
    /// point or tables, of which it makes no use.
    OneHot,
    /// A weight is −128, which the packed kernels cannot hold.
    WeightRange {
        /// Output channel.
        channel: usize,
    },
    /// A multiplier is negative.
    Multiplier {
        /// Output channel.
        channel: usize,
        /// The multiplier.
        found: i32,
    },
    /// A shift is outside [`Requant::MIN_SHIFT`](crate::Requant::MIN_SHIFT)..=[`MAX_SHIFT`](crate::Requant::MAX_SHIFT).
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
    /// A weight or a bias is infinite or not a number.
    NotFinite {
        /// Its place in the layer's data, counted in values.
        index: usize,
    },
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Width { limit, found } => write!(f, "a width is {found}, expected 1 to {limit}"),
            Self::UnknownKind { found } => {
                write!(f, "its kind is {found}, which this version does not know")
            }
            Self::KindNotBuilt { kind } => write!(
                f,
                "it is a layer of {}, and this program was built without the feature `{}`",
                kind.name(),
                kind.feature()
            ),
            Self::RoundingNotBuilt => f.write_str(
                "its sums are rounded twice, and this program was built without the feature \
                 `double-rounding`",
            ),
            Self::SpatialLength { .. }
            | Self::Axis { .. }
            | Self::Channels { .. }
            | Self::Kind { .. }
            | Self::Products { .. }
            | Self::Map { .. } => {
                if SpatialKind::ANY {
                    self.say_of_map(f)
                } else {
                    Ok(())
                }
            }
            Self::Unused { field } => {
                write!(f, "it has a {field}, which a layer of its kind makes no use of")
            }
            Self::Chain { expected, found } => {
                write!(f, "it has {found} inputs, but the layer before has {expected} outputs")
            }
            Self::DataLength { expected, found } => {
                write!(f, "it has {found} bytes of data, expected {expected} for this shape")
            }
            Self::Alignment { offset, expected } => {
                write!(f, "its data is at offset {offset}, which is not a multiple of {expected}")
            }
            Self::PadLength { limit, found } => {
                write!(f, "it has {found} bytes of padding, expected at most {limit}")
            }
            Self::PaddingNotZero => f.write_str("its padding is not zero"),
            Self::TableLength { found } => {
                write!(
                    f,
                    "its tables have {found} entries, expected whole tables of 256 that are all used"
                )
            }
            Self::NoOutputTable => {
                f.write_str("the decoder's last layer has no table that gives pixels")
            }
            Self::OneHot => f.write_str(
                "it is one-hot, so expected dense, not behind all others of the decoder, with a zero \
                 point of 0 and without tables",
            ),
            Self::WeightRange { channel } => {
                write!(
                    f,
                    "a weight of channel {channel} is -128, expected -{WEIGHT_LIMIT} to {WEIGHT_LIMIT}"
                )
            }
            Self::Multiplier { channel, found } => {
                write!(f, "the multiplier of channel {channel} is {found}, expected at least 0")
            }
            Self::Shift { channel, found } => {
                write!(
                    f,
                    "the shift of channel {channel} is {found}, expected {} to {}",
                    Requant::MIN_SHIFT,
                    Requant::MAX_SHIFT
                )
            }
            Self::SumOverflow { channel, bound } => write!(
                f,
                "the sum of channel {channel} can reach {bound}, over the 2147483647 of 32 bits"
            ),
            Self::NotFinite { index } => write!(f, "value {index} is not finite"),
        }
    }
}

impl LayerError {
    /// What is wrong with a layer over a map. Programs without such layers have none of these words.
    #[inline(always)]
    fn say_of_map(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SpatialLength { expected, found } => {
                write!(f, "its kind and sizes have {found} bytes, expected {expected}")
            }
            Self::Axis { axis, field, least, most, found } => {
                let (axis, field) = (axis.name(), field.name());
                write!(f, "the {field} of its {axis} is {found}, expected {least} to {most}")
            }
            Self::Channels { kind, expected, found } => {
                let name = kind.name();
                write!(f, "{name} gives as many channels as come in, {expected}, and not {found}")
            }
            Self::Kind { kind: SpatialKind::Upsampling } => {
                f.write_str("it is upsampling, so expected a kernel and a stride of 1")
            }
            Self::Kind { kind: kind @ (SpatialKind::Maximum | SpatialKind::Average) } => write!(
                f,
                "it is a layer of {}, so expected a dilation and an interleaving of 1",
                kind.name()
            ),
            Self::Kind { kind } => {
                write!(f, "it is a layer of {}, so expected an interleaving of 1", kind.name())
            }
            Self::Map { expected, found } => write!(
                f,
                "it has {} inputs and {} outputs, expected {} and {} by its height, width and channels",
                found[0], found[1], expected[0], expected[1]
            ),
            Self::Products { limit, found } => {
                write!(f, "it makes {found} products, expected at most {limit}")
            }
            _ => Ok(()),
        }
    }
}

impl core::error::Error for LayerError {}
