//! A layer's kind and its shapes in words.

use std::fmt;

use ae_core::{Axis, Dense, Geometry, Spatial, SpatialKind};

/// A layer's kind and its shapes in words.
///
/// ```
/// use ae_core::{Axis, Geometry, Spatial, SpatialKind};
/// use ae_model::Words;
///
/// let axis = Axis::same(28, 3, 2);
/// let kind = SpatialKind::Convolution;
/// let layer = Spatial { kind, channels_in: 1, channels_out: 16, height: axis, width: axis };
/// let words = Words(Geometry::Spatial(layer));
/// assert_eq!(words.kind(), "convolution");
/// assert_eq!(words.to_string(), "28×28×1 → 14×14×16");
/// assert_eq!(words.with_kernel(), "convolution 3×3, stride 2");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Words(pub Geometry);

impl Words {
    /// The kind.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self.0 {
            Geometry::Dense(_) => "dense",
            Geometry::Spatial(it) if is_transposed(&it) => "transposed convolution",
            Geometry::Spatial(it) => it.kind.name(),
        }
    }

    /// The kind, and what its positions read and where they lie, such as
    /// `convolution 3×3, stride 2`.
    #[must_use]
    pub fn with_kernel(self) -> String {
        let Geometry::Spatial(it) = self.0 else { return self.kind().to_owned() };
        let Spatial { height, width, .. } = it;
        let of = |number: fn(&Axis) -> u16| match (number(&height), number(&width)) {
            (high, wide) if high == wide => wide.to_string(),
            // A signal has one direction.
            (1, wide) if height.inputs == 1 => wide.to_string(),
            (high, wide) => format!("{high}×{wide}"),
        };
        if it.kind == SpatialKind::Upsampling {
            return format!("{} by {}", self.kind(), of(|axis| axis.interleave));
        }
        // A transposed one's kernel is counted in outputs.
        let kernel = |axis: &Axis| usize::from(axis.kernel) * usize::from(axis.interleave);
        let kernel = match height.inputs {
            1 if kernel(&height) == 1 => kernel(&width).to_string(),
            _ => format!("{}×{}", kernel(&height), kernel(&width)),
        };
        let mut words = format!("{} {kernel}", self.kind());
        let stride =
            if is_transposed(&it) { of(|axis| axis.interleave) } else { of(|axis| axis.stride) };
        for (name, number) in [("stride", stride), ("dilation", of(|axis| axis.dilation))] {
            if number != "1" {
                words += &format!(", {name} {number}");
            }
        }
        words
    }

    /// What comes in, such as `28×28×1`, or a number of values.
    #[must_use]
    pub fn inputs(self) -> String {
        match self.0 {
            Geometry::Dense(Dense { inputs, .. }) => inputs.to_string(),
            Geometry::Spatial(it) => map(it.height.inputs, it.width.inputs, it.channels_in),
        }
    }

    /// What goes out.
    #[must_use]
    pub fn outputs(self) -> String {
        match self.0 {
            Geometry::Dense(Dense { outputs, .. }) => outputs.to_string(),
            Geometry::Spatial(it) => map(it.height.outputs, it.width.outputs, it.channels_out),
        }
    }
}

/// What comes in and what goes out.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.inputs(), self.outputs())
    }
}

fn is_transposed(layer: &Spatial) -> bool {
    layer.kind == SpatialKind::Convolution && layer.is_interleaved()
}

fn map(height: u16, width: u16, channels: u16) -> String {
    format!("{height}×{width}×{channels}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Map, Preset};

    #[test]
    fn every_layer_has_its_words() {
        let words = |preset: Preset, data| -> Vec<String> {
            let architecture = preset.architecture(data, 4);
            let config = crate::AutoencoderConfig {
                input: data.values(),
                hidden: Vec::new(),
                latent: 4,
                activation: crate::Activation::Relu,
                code: crate::Code::Linear,
                architecture: Some(architecture),
            };
            config.shapes().into_iter().map(|it| Words(it.geometry).with_kernel()).collect()
        };
        assert_eq!(
            words(Preset::Separable, Map::image(8, 8)),
            [
                "convolution 3×3, stride 2",
                "maximum pooling 2×2, stride 2",
                "depthwise convolution 3×3",
                "convolution 1×1",
                "dense",
                "dense",
                "convolution 1×1",
                "upsampling by 2",
                "depthwise convolution 3×3",
                "convolution 1×1",
                "upsampling by 2",
                "depthwise convolution 3×3",
                "convolution 1×1",
            ]
        );
        let signal = words(Preset::Conv1d, Map::window(16, 2));
        assert_eq!(signal[0], "convolution 9, stride 4");
        assert_eq!(signal[3], "transposed convolution 4, stride 4");
    }
}
