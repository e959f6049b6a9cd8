//! Layers that work position by position: their kinds and sizes (`FORMAT.md`, "Spatial layers").

mod axis;
pub(crate) mod strips;

use std::fmt::Arguments;

use crate::fields;
use crate::reader::Reader;
use crate::writer::push_slice;

pub use axis::Axis;

/// What a layer does at each position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A dense layer over all channels.
    Convolution = 1,
    /// A sum for each channel.
    Depthwise,
    /// The largest value of each channel.
    Maximum,
    /// The mean of each channel.
    Average,
    /// The value itself.
    Upsampling,
}

impl Kind {
    /// All kinds, in the order of their numbers, which begin with 1.
    pub const ALL: [Self; 5] =
        [Self::Convolution, Self::Depthwise, Self::Maximum, Self::Average, Self::Upsampling];

    /// Whether layers of the kind have weights.
    #[must_use]
    pub fn has_weights(self) -> bool {
        matches!(self, Self::Convolution | Self::Depthwise)
    }

    /// Whether a position may have several outputs of a channel.
    #[must_use]
    pub fn may_interleave(self) -> bool {
        matches!(self, Self::Convolution | Self::Upsampling)
    }

    /// Whether layers of the kind choose among values.
    #[must_use]
    pub fn is_pool(self) -> bool {
        matches!(self, Self::Maximum | Self::Average)
    }
}

/// The sizes of a layer over a map of height × width × channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spatial {
    /// What it does at each position.
    pub kind: Kind,
    /// Channels that go in.
    pub channels_in: usize,
    /// Channels that come out.
    pub channels_out: usize,
    /// Height and width.
    pub axes: [Axis; 2],
}

/// The sizes of a layer's weights as those of a dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// None of a dense layer.
    pub kind: Option<Kind>,
    /// Values that a sum is of.
    pub inputs: usize,
    /// Sums with weights of their own.
    pub outputs: usize,
}

impl Spatial {
    /// Bytes in a blob.
    pub const BYTES: usize = 37;

    /// Values that go in.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.axes[0].inputs * self.axes[1].inputs * self.channels_in
    }

    /// Values that come out.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.axes[0].outputs * self.axes[1].outputs * self.channels_out
    }

    /// The sizes of its weights. A layer without weights has the channels alone.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let [height, width] = &self.axes;
        let taps = height.kernel * width.kernel;
        let (inputs, outputs) = match self.kind {
            Kind::Convolution => {
                let phases = height.interleave * width.interleave;
                (taps * self.channels_in, phases * self.channels_out)
            }
            _ => (taps, self.channels_out),
        };
        Shape { kind: Some(self.kind), inputs, outputs }
    }

    /// Positions.
    fn positions(&self) -> usize {
        self.axes.iter().map(Axis::positions).product()
    }

    /// Whether the outputs of a position are several of a channel.
    #[must_use]
    pub fn is_interleaved(&self) -> bool {
        self.axes.iter().any(|axis| axis.interleave != 1)
    }

    /// Whether the numbers follow the rules of the format.
    #[must_use]
    pub fn follows_the_rules(&self) -> bool {
        let Shape { inputs, outputs, .. } = self.shape();
        let widths = [self.inputs(), self.outputs(), inputs, outputs];
        self.axes.iter().all(Axis::follows_the_rules)
            && widths.iter().all(|width| (1..=65_535).contains(width))
            && self.positions() * inputs * outputs <= 1 << 30
            && (self.kind == Kind::Convolution || self.channels_in == self.channels_out)
            && (self.kind.may_interleave() || !self.is_interleaved())
            && (!self.kind.is_pool() || self.axes.iter().all(|axis| axis.dilation == 1))
            && (self.kind != Kind::Upsampling
                || self.axes.iter().all(|axis| axis.kernel == 1 && axis.stride == 1))
    }

    /// As it stands in a blob.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let channels = [self.channels_in, self.channels_out].map(|channels| channels as u16);
        let numbers = channels.into_iter().chain(self.axes.iter().flat_map(Axis::numbers));
        let mut bytes = vec![self.kind as u8];
        bytes.extend(numbers.flat_map(u16::to_le_bytes));
        bytes
    }
}

/// Adds the sizes with their length; none of a dense layer.
pub(crate) fn write(spatial: Option<&Spatial>, body: &mut Vec<u8>) {
    push_slice(&spatial.map(Spatial::bytes).unwrap_or_default(), body);
}

/// Reads what [`write`] has written.
///
/// # Panics
/// If it breaks a rule of the format.
pub(crate) fn read(reader: &mut Reader<'_>, layer: Arguments<'_>) -> Option<Spatial> {
    let len = reader.number(format_args!("{layer}.spatial.len"));
    if len == 0 {
        return None;
    }
    assert_eq!(len, Spatial::BYTES, "bytes of the sizes of {layer}");
    let name = |bytes: &[u8]| {
        let names = ["convolution", "depthwise", "maximum", "average", "upsampling"];
        names.get(usize::from(bytes[0]).wrapping_sub(1)).copied().unwrap_or("unknown").into()
    };
    let kind = reader.take(format_args!("{layer}.kind"), fields::Kind::Number, 1, name)[0];
    let kind = *Kind::ALL.get(usize::from(kind).wrapping_sub(1)).expect("a kind");
    let channels = ["channels_in", "channels_out"];
    let [channels_in, channels_out] =
        channels.map(|name| usize::from(reader.u16(format_args!("{layer}.{name}"))));
    let axes = ["height", "width"].map(|axis| {
        let numbers = Axis::NAMES.map(|name| reader.u16(format_args!("{layer}.{axis}.{name}")));
        Axis::from_numbers(numbers)
    });
    let spatial = Spatial { kind, channels_in, channels_out, axes };
    assert!(spatial.follows_the_rules(), "the sizes of {layer}");
    Some(spatial)
}
