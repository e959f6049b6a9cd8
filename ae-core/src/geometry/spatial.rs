//! The geometry of layers that work position by position.

use super::buffers::larger;
use super::{Axis, Dense, Direction, Layout, Storage, saturated};
use crate::error::LayerError;
use crate::format::{MAX_PRODUCTS, MAX_WIDTH};

/// What a [`Spatial`] layer does at each position. The number is part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SpatialKind {
    /// A dense layer over all channels of what the position reads.
    Convolution = 1,
    /// Each channel has weights of its own, and sums that channel alone.
    Depthwise = 2,
    /// The largest value of each channel. What lies in the padding does not count.
    Maximum = 3,
    /// The mean of each channel over what does not lie in the padding.
    Average = 4,
    /// The value itself, once for each output.
    Upsampling = 5,
}

impl SpatialKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Convolution, Self::Depthwise, Self::Maximum, Self::Average, Self::Upsampling];

    /// Whether this crate was built with any kind.
    pub(crate) const ANY: bool = cfg!(any(
        feature = "convolution",
        feature = "depthwise",
        feature = "pooling",
        feature = "upsampling"
    ));

    /// Whether this crate was built with the feature for it.
    #[must_use]
    pub const fn is_built(self) -> bool {
        match self {
            Self::Convolution => cfg!(feature = "convolution"),
            Self::Depthwise => cfg!(feature = "depthwise"),
            Self::Maximum | Self::Average => cfg!(feature = "pooling"),
            Self::Upsampling => cfg!(feature = "upsampling"),
        }
    }

    /// The feature that builds it.
    #[must_use]
    pub const fn feature(self) -> &'static str {
        match self {
            Self::Convolution => "convolution",
            Self::Depthwise => "depthwise",
            Self::Maximum | Self::Average => "pooling",
            Self::Upsampling => "upsampling",
        }
    }

    /// The name as it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Convolution => "convolution",
            Self::Depthwise => "depthwise convolution",
            Self::Maximum => "maximum pooling",
            Self::Average => "average pooling",
            Self::Upsampling => "upsampling",
        }
    }

    /// Whether it has weights.
    #[must_use]
    pub const fn has_weights(self) -> bool {
        matches!(self, Self::Convolution | Self::Depthwise)
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Convolution),
            2 => Some(Self::Depthwise),
            3 => Some(Self::Maximum),
            4 => Some(Self::Average),
            5 => Some(Self::Upsampling),
            _ => None,
        }
    }
}

/// A layer over a map of height × width × channels, the channels of a place side by side. A signal
/// has the height 1.
///
/// ```
/// use ae_core::{Axis, Geometry, Spatial, SpatialKind};
///
/// // 3 × 3 with a stride of 2, from 28 × 28 × 1 to 14 × 14 × 16.
/// let axis = Axis::same(28, 3, 2);
/// let layer = Spatial {
///     kind: SpatialKind::Convolution,
///     channels_in: 1,
///     channels_out: 16,
///     height: axis,
///     width: axis,
/// };
/// assert_eq!((layer.field(), layer.columns()), (9, 16));
/// let layer = Geometry::Spatial(layer);
/// assert_eq!((layer.inputs(), layer.outputs()), (784, 3136));
/// assert_eq!(layer.parameters(), 9 * 16 + 16);
/// assert_eq!(layer.multiply_adds(), 14 * 14 * 9 * 16);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// Of whole words, so that a core copies it by words and needs no function for that.
#[repr(align(4))]
pub struct Spatial {
    /// What it does at each position.
    pub kind: SpatialKind,
    /// Channels of the map that comes in.
    pub channels_in: u16,
    /// Channels of the map that goes out: as many as come in, but in a convolution.
    pub channels_out: u16,
    /// From the top to the bottom.
    pub height: Axis,
    /// From the left to the right.
    pub width: Axis,
}

impl Spatial {
    /// Bytes in a blob: the kind, and then numbers of 16 bits.
    pub(crate) const LEN: usize = 1 + 2 * (2 + 2 * Axis::NUMBERS);

    /// Reads the bytes of a blob; `None` where they are too few, too many or of an unknown kind.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        let (&kind, numbers) = bytes.split_first()?;
        let (channels, axes) = numbers.as_chunks::<2>().0.split_first_chunk::<2>()?;
        let (height, width) = axes.split_first_chunk()?;
        let [channels_in, channels_out] = channels.map(u16::from_le_bytes);
        Some(Self {
            kind: SpatialKind::from_number(kind)?,
            channels_in,
            channels_out,
            height: Axis::from_numbers(height),
            width: Axis::from_numbers(width.first_chunk()?),
        })
    }

    /// The bytes in a blob.
    pub(crate) fn to_bytes(self) -> [u8; Self::LEN] {
        let channels = [self.channels_in, self.channels_out];
        let numbers = channels.into_iter().chain(self.height.numbers()).chain(self.width.numbers());
        let mut bytes = [0; Self::LEN];
        let all = [self.kind as u8].into_iter().chain(numbers.flat_map(u16::to_le_bytes));
        bytes.iter_mut().zip(all).for_each(|(place, byte)| *place = byte);
        bytes
    }

    /// Values that come in.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        product([self.height.inputs, self.width.inputs, self.channels_in])
    }

    /// Values that go out.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        product([self.height.outputs, self.width.outputs, self.channels_out])
    }

    /// Positions, those in the height times those in the width.
    #[must_use]
    pub const fn positions(&self) -> usize {
        self.height.positions().saturating_mul(self.width.positions())
    }

    /// Inputs that a position reads of one channel.
    #[must_use]
    pub const fn taps(&self) -> usize {
        product([self.height.kernel, self.width.kernel, 1])
    }

    /// Inputs that each output of a position depends on.
    #[must_use]
    pub const fn field(&self) -> usize {
        match self.kind {
            SpatialKind::Convolution => self.taps().saturating_mul(self.channels_in as usize),
            _ => self.taps(),
        }
    }

    /// Outputs of a position that have weights of their own.
    #[must_use]
    pub const fn columns(&self) -> usize {
        match self.kind {
            SpatialKind::Convolution => {
                product([self.height.interleave, self.width.interleave, self.channels_out])
            }
            _ => self.channels_out as usize,
        }
    }

    /// Whether the outputs of a position are not side by side, or some are left out.
    #[must_use]
    pub const fn is_interleaved(&self) -> bool {
        self.height.interleave != 1 || self.width.interleave != 1
    }

    /// Whether some position reads what is not there.
    #[must_use]
    pub const fn is_padded(&self) -> bool {
        self.height.is_padded() || self.width.is_padded()
    }

    /// The weights as a dense layer: of a convolution, that which computes a position.
    #[must_use]
    pub const fn dense(&self) -> Dense {
        Dense { inputs: self.field(), outputs: self.columns() }
    }

    pub(super) const fn weights(&self) -> u64 {
        if self.kind.has_weights() { self.dense().weights() } else { 0 }
    }

    pub(super) const fn parameters(&self) -> u64 {
        if self.kind.has_weights() { self.dense().parameters() } else { 0 }
    }

    pub(super) const fn multiply_adds(&self) -> u64 {
        self.weights().saturating_mul(self.positions() as u64)
    }

    /// Products of all positions; of a kind without weights, the values that they read.
    const fn work(&self) -> u64 {
        let of_position = (self.field() as u64).saturating_mul(self.columns() as u64);
        of_position.saturating_mul(self.positions() as u64)
    }

    pub(super) const fn data_len(&self, storage: Storage) -> u64 {
        if self.kind.has_weights() { self.dense().data_len(storage) } else { 0 }
    }

    /// A convolution gathers what it reads for two positions at a time, in whole blocks of 16 values,
    /// and keeps the outputs of both where they do not lie side by side.
    pub(super) const fn room(&self, storage: Storage) -> usize {
        if !matches!(self.kind, SpatialKind::Convolution) {
            return 0;
        }
        let (field, columns) = (self.field(), self.columns());
        let scattered = if self.is_interleaved() { columns.saturating_mul(2) } else { 0 };
        match storage {
            Storage::F32 => field.saturating_add(columns),
            Storage::Int8(Layout::Rows) => {
                field.div_ceil(16).saturating_mul(32).saturating_add(scattered)
            }
            // As 16-bit numbers, four at a time, and up to 3 bytes to a boundary of 4; whole words, so
            // that maps at both ends of a scratch lie on boundaries of 4.
            Storage::Int8(Layout::RowPairs) => {
                let bytes = field.div_ceil(4).saturating_mul(16).saturating_add(scattered);
                bytes.saturating_add(3).div_ceil(4).saturating_mul(4)
            }
        }
    }

    pub(super) const fn check(&self) -> Result<(), LayerError> {
        if let Err(error) = self.height.check(Direction::Height) {
            return Err(error);
        }
        if let Err(error) = self.width.check(Direction::Width) {
            return Err(error);
        }
        let kind = self.kind;
        if !matches!(kind, SpatialKind::Convolution) && self.channels_in != self.channels_out {
            let (expected, found) = (self.channels_in, self.channels_out);
            return Err(LayerError::Channels { kind, expected, found });
        }
        let fits = match kind {
            SpatialKind::Convolution => true,
            SpatialKind::Upsampling => {
                self.taps() == 1 && self.height.stride == 1 && self.width.stride == 1
            }
            SpatialKind::Depthwise => !self.is_interleaved(),
            // Between holes of a kernel there could be a map that no tap reads: a mean of nothing.
            SpatialKind::Maximum | SpatialKind::Average => {
                !self.is_interleaved() && self.height.dilation == 1 && self.width.dilation == 1
            }
        };
        if !fits {
            return Err(LayerError::Kind { kind });
        }
        let most =
            larger(larger(self.inputs(), self.outputs()), larger(self.field(), self.columns()));
        if self.channels_in == 0 || self.channels_out == 0 || most > MAX_WIDTH {
            let found = if most > MAX_WIDTH { most } else { 0 };
            return Err(LayerError::Width { limit: MAX_WIDTH, found: saturated(found) });
        }
        let found = self.work();
        if found > MAX_PRODUCTS {
            return Err(LayerError::Products { limit: MAX_PRODUCTS, found });
        }
        Ok(())
    }
}

const fn product(factors: [u16; 3]) -> usize {
    let [a, b, c] = factors;
    (a as usize).saturating_mul(b as usize).saturating_mul(c as usize)
}

#[cfg(test)]
mod tests;
