//! One layer as plain numbers.

use ae_core::{Activation, Geometry};

/// One layer as plain numbers.
///
/// | kind | weights | bias |
/// | --- | --- | --- |
/// | dense, convolution | a row for each output of a position, in it a weight for each value that the position reads: by height, width, channel | one for each row |
/// | depthwise | for each tap, by height and width, a weight for each channel | one for each channel |
/// | pooling, upsampling | none | none |
///
/// A dense layer's `y[o]` is what the activation makes of the sum `bias[o] + Σ weights[o][i]·x[i]`.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerF32 {
    /// Its kind and its sizes.
    pub geometry: Geometry,
    /// The weights.
    pub weights: Vec<f32>,
    /// The biases.
    pub bias: Vec<f32>,
    /// What is made of the sums. Behind an encoder's last layer it is nothing (`Identity`), and its
    /// sums are the latent values; or the largest is marked (`OneHot`), of prototypes.
    pub activation: Activation,
}

impl LayerF32 {
    /// Values that go in.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.geometry.inputs()
    }

    /// Values that come out.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.geometry.outputs()
    }
}
