//! One layer as a table says it.

use std::fmt;

use serde::de::{Error, SeqAccess, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ArchitectureError;

/// What a layer of an [`Architecture`](super::Architecture) does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// A dense layer over all channels of what each position reads.
    Convolution,
    /// The same for each channel by itself.
    Depthwise,
    /// A convolution whose positions give `stride` outputs each way.
    Transposed,
    /// The largest value of each channel.
    Maximum,
    /// The mean of each channel.
    Average,
    /// The mean of each channel over the whole map.
    GlobalAverage,
    /// Each value repeated.
    Upsampling,
    /// Every output is a weighted sum of all inputs.
    Dense,
    /// No layer of its own: the same values seen as another map.
    Reshape,
}

impl LayerKind {
    /// The name in a table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Convolution => "convolution",
            Self::Depthwise => "depthwise",
            Self::Transposed => "transposed",
            Self::Maximum => "maximum",
            Self::Average => "average",
            Self::GlobalAverage => "global-average",
            Self::Upsampling => "upsampling",
            Self::Dense => "dense",
            Self::Reshape => "reshape",
        }
    }

    /// The fields that it must have, and those that it may have.
    fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Convolution => {
                (&["channels", "kernel"], &["stride", "dilation", "padding", "activation"])
            }
            Self::Depthwise => (&["kernel"], &["stride", "dilation", "padding", "activation"]),
            Self::Transposed => (&["channels", "kernel"], &["stride", "size", "activation"]),
            Self::Maximum | Self::Average => (&["kernel"], &["stride", "padding"]),
            Self::GlobalAverage => (&[], &[]),
            Self::Upsampling => (&["factor"], &["size"]),
            Self::Dense => (&["outputs"], &["activation"]),
            Self::Reshape => (&["width", "channels"], &["height"]),
        }
    }
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A number for each direction, in a table `[height, width]`; or one number for both, which is one
/// for the width alone where the input of the network is one high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One number.
    One(usize),
    /// One for the height, one for the width.
    Each([usize; 2]),
}

impl Extent {
    /// The numbers for height and width; `is_signal` where the input of the network is one high.
    pub(super) fn each(self, is_signal: bool) -> [usize; 2] {
        match self {
            Self::One(number) if is_signal => [1, number],
            Self::One(number) => [number, number],
            Self::Each(numbers) => numbers,
        }
    }
}

impl Serialize for Extent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(number) => number.serialize(serializer),
            Self::Each(numbers) => numbers.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Extent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Extent;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or [height, width]")
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Extent, E> {
                let number = usize::try_from(number);
                number.map(Extent::One).map_err(|_| E::custom("a number below 0"))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Extent, E> {
                Ok(Extent::One(usize::try_from(number).unwrap_or(usize::MAX)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Extent, A::Error> {
                let mut numbers = [0; 2];
                for (index, number) in numbers.iter_mut().enumerate() {
                    let next = seq.next_element()?;
                    *number = next.ok_or_else(|| A::Error::invalid_length(index, &self))?;
                }
                match seq.next_element::<usize>()? {
                    None => Ok(Extent::Each(numbers)),
                    Some(_) => Err(A::Error::invalid_length(3, &self)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The outputs of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// So many.
    Count(usize),
    /// As many as there are latent values; in a table `"latent"`.
    Latent,
}

impl Serialize for Outputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => count.serialize(serializer),
            Self::Latent => serializer.serialize_str("latent"),
        }
    }
}

impl<'de> Deserialize<'de> for Outputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Outputs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or \"latent\"")
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Outputs, E> {
                let number = usize::try_from(number);
                number.map(Outputs::Count).map_err(|_| E::custom("a number below 0"))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Outputs, E> {
                Ok(Outputs::Count(usize::try_from(number).unwrap_or(usize::MAX)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Outputs, E> {
                match text {
                    "latent" => Ok(Outputs::Latent),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// What lies beyond the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// As many positions as strides in the map; those at the edge reach beyond it.
    Same,
    /// Positions that lie wholly in the map.
    Valid,
}

/// The activation of a layer with weights in a table. Without one, a hidden layer has that of the
/// whole network. What has no weights has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TableActivation {
    /// See [`Activation::Relu`](crate::Activation::Relu).
    Relu,
    /// See [`Activation::Gelu`](crate::Activation::Gelu).
    Gelu,
    /// See [`Activation::Silu`](crate::Activation::Silu).
    Silu,
    /// None.
    Identity,
}

impl TableActivation {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Identity => "identity",
        }
    }
}

impl From<TableActivation> for ae_core::Activation {
    fn from(activation: TableActivation) -> Self {
        match activation {
            TableActivation::Relu => Self::Relu,
            TableActivation::Gelu => Self::Gelu,
            TableActivation::Silu => Self::Silu,
            TableActivation::Identity => Self::Identity,
        }
    }
}

/// One layer as a table says it: its kind, and the fields that this kind has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerTable {
    /// What it does.
    pub kind: LayerKind,
    /// Channels of the map that goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<usize>,
    /// Inputs that a position reads each way; of a transposed convolution, outputs that an input
    /// reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Extent>,
    /// Inputs from one position to the next; of a transposed convolution, outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Extent>,
    /// Inputs from one that a position reads to the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilation: Option<Extent>,
    /// What lies beyond the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub padding: Option<Padding>,
    /// How often upsampling repeats a value each way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<Extent>,
    /// Height and width of what goes out, where the last of them are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Extent>,
    /// Outputs of a dense layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Outputs>,
    /// The height to see the values in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<usize>,
    /// The width to see the values in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// What is made of the values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<TableActivation>,
}

impl LayerTable {
    /// A layer of which only the kind is said.
    #[must_use]
    pub fn new(kind: LayerKind) -> Self {
        Self {
            kind,
            channels: None,
            kernel: None,
            stride: None,
            dilation: None,
            padding: None,
            factor: None,
            size: None,
            outputs: None,
            height: None,
            width: None,
            activation: None,
        }
    }

    /// Checks that all fields are there that the kind needs, and none that it has no use for.
    /// `layer` is its name.
    pub(super) fn check_fields(&self, layer: &str) -> Result<(), ArchitectureError> {
        let kind = self.kind;
        let layer = || layer.to_owned();
        let (needed, others) = kind.fields();
        let given = [
            ("channels", self.channels.is_some()),
            ("kernel", self.kernel.is_some()),
            ("stride", self.stride.is_some()),
            ("dilation", self.dilation.is_some()),
            ("padding", self.padding.is_some()),
            ("factor", self.factor.is_some()),
            ("size", self.size.is_some()),
            ("outputs", self.outputs.is_some()),
            ("height", self.height.is_some()),
            ("width", self.width.is_some()),
            ("activation", self.activation.is_some()),
        ];
        for (field, is_given) in given {
            if !is_given && needed.contains(&field) {
                return Err(ArchitectureError::MissingField { layer: layer(), kind, field });
            }
            if is_given && !needed.contains(&field) && !others.contains(&field) {
                let fields = [needed, others].concat();
                let expected =
                    if fields.is_empty() { "its kind".to_owned() } else { fields.join(", ") };
                return Err(ArchitectureError::UnusedField {
                    layer: layer(),
                    kind,
                    field,
                    expected,
                });
            }
        }
        Ok(())
    }
}
