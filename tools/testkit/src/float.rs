//! Layers of the f32 contract: their data (`FORMAT.md`, "Layer data"), and what they compute
//! ("Arithmetic: f32").

use std::fmt::Arguments;

use micromath::F32Ext;

use crate::arithmetic::{Arithmetic, one_hot};
use crate::reader::Reader;
use crate::spatial::{Kind, Shape, Spatial};
use crate::writer::push_number;

/// What is done to a layer's sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// Negative numbers become 0.
    Relu,
    /// The Gaussian error linear unit.
    Gelu,
    /// The sigmoid linear unit.
    Silu,
    /// The logistic function.
    Sigmoid,
    /// The largest becomes 1, the others 0.
    OneHot,
    /// Negative numbers become 0, and those above 6 become 6.
    Relu6,
    /// Negative numbers become so many times themselves.
    LeakyRelu(f32),
    /// Negative numbers become so many times one less than their exponential.
    Elu(f32),
    /// The logistic function, with another exponential.
    Logistic,
    /// The hyperbolic tangent.
    Tanh,
    /// The logarithm of one more than the exponential.
    Softplus,
}

impl Activation {
    /// The functions of one sum, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Identity,
        Self::Relu,
        Self::Gelu,
        Self::Silu,
        Self::Sigmoid,
        Self::Relu6,
        Self::LeakyRelu(0.1),
        Self::Elu(1.5),
        Self::Logistic,
        Self::Tanh,
        Self::Softplus,
    ];

    /// Its number in a blob, and the factor behind it.
    fn number(self) -> (usize, Option<f32>) {
        match self {
            Self::Identity => (0, None),
            Self::Relu => (1, None),
            Self::Gelu => (2, None),
            Self::Silu => (3, None),
            Self::Sigmoid => (4, None),
            Self::OneHot => (5, None),
            Self::Relu6 => (6, None),
            Self::LeakyRelu(factor) => (7, Some(factor)),
            Self::Elu(factor) => (8, Some(factor)),
            Self::Logistic => (9, None),
            Self::Tanh => (10, None),
            Self::Softplus => (11, None),
        }
    }

    /// Formulas are evaluated as they are written, from left to right, and each operation is
    /// rounded by itself.
    fn of(self, a: f32) -> f32 {
        let value = match self {
            // What is done to all sums comes behind.
            Self::Identity | Self::OneHot => a,
            Self::Relu if a > 0.0 => a,
            Self::Relu => 0.0,
            Self::Gelu => 0.5 * a * (1.0 + libm::erff(a * 0.707_106_77)),
            Self::Silu => a / (1.0 + libm::expf(-a)),
            Self::Sigmoid if a.is_nan() => 0.0,
            Self::Sigmoid => 1.0 / (1.0 + F32Ext::exp(-a.clamp(-30.0, 30.0))),
            Self::Relu6 if a > 0.0 => a.min(6.0),
            Self::Relu6 => 0.0,
            Self::LeakyRelu(_) | Self::Elu(_) if a > 0.0 => a,
            Self::LeakyRelu(slope) => slope * a,
            Self::Elu(factor) => factor * libm::expm1f(a),
            Self::Logistic => 1.0 / (1.0 + libm::expf(-a)),
            Self::Tanh => libm::tanhf(a),
            Self::Softplus if a > 0.0 => a + libm::log1pf(libm::expf(-a)),
            // Of −0 the magnitude, and of what is no number something that is none.
            Self::Softplus => 0.0 + libm::log1pf(libm::expf(a)),
        };
        if value.is_nan() { f32::from_bits(0x7fc0_0000) } else { value }
    }
}

/// A layer of real numbers. One without weights has no biases either.
#[derive(Debug, Clone, PartialEq)]
pub struct F32 {
    /// Of all outputs.
    pub activation: Activation,
    /// Input after input: those of input 0 to all outputs, then those of input 1. In a depthwise
    /// convolution inputs are taps.
    pub weights: Vec<f32>,
    /// One for each output.
    pub biases: Vec<f32>,
}

impl Arithmetic for F32 {
    const CONTRACT: u16 = 2;

    type Value = f32;

    fn read(reader: &mut Reader<'_>, layer: Arguments<'_>, shape: Shape) -> Self {
        let names = [
            "identity",
            "relu",
            "gelu",
            "silu",
            "sigmoid",
            "one-hot",
            "relu6",
            "leaky relu",
            "elu",
            "logistic",
            "tanh",
            "softplus",
        ];
        let name = |index| names[index as usize].into();
        let index = reader.varint(format_args!("{layer}.activation"), name);
        let known = Activation::ALL.into_iter().find(|it| it.number().0 == index as usize);
        let mut activation = known.unwrap_or(Activation::OneHot);
        if let Activation::LeakyRelu(factor) | Activation::Elu(factor) = &mut activation {
            *factor = reader.reals(format_args!("{layer}.factor"), 1)[0];
            assert!(factor.is_finite(), "the factor of {layer}");
        }
        let is_dense = shape.kind.is_none();
        assert!(activation != Activation::OneHot || is_dense, "the activation of {layer}");
        let len = reader.padding(layer);
        if !shape.kind.is_none_or(Kind::has_weights) {
            assert_eq!(len, 0, "bytes of the layer's data");
            return Self { activation, weights: Vec::new(), biases: Vec::new() };
        }
        let Shape { inputs, outputs, .. } = shape;
        assert_eq!(len, 4 * (inputs + 1) * outputs, "bytes of the layer's data");
        let weights = (0..inputs)
            .flat_map(|input| reader.reals(format_args!("{layer}.weights[{input}]"), outputs));
        let weights: Vec<f32> = weights.collect();
        let biases = reader.reals(format_args!("{layer}.biases"), outputs);
        let is_finite = weights.iter().chain(&biases).all(|value| value.is_finite());
        assert!(is_finite, "the numbers of {layer}");
        Self { activation, weights, biases }
    }

    fn write(&self, body: &mut Vec<u8>) {
        let (number, factor) = self.activation.number();
        push_number(number, body);
        body.extend(factor.into_iter().flat_map(f32::to_le_bytes));
    }

    fn data(&self, _: usize) -> Vec<u8> {
        self.weights.iter().chain(&self.biases).flat_map(|value| value.to_le_bytes()).collect()
    }

    fn room(&self, _: usize) -> usize {
        0
    }

    fn room_of_positions(&self, spatial: &Spatial) -> usize {
        let Shape { inputs, outputs, .. } = spatial.shape();
        inputs + outputs
    }

    fn into_one_hot(self) -> Self {
        Self { activation: Activation::OneHot, ..self }
    }

    fn of_pixel(pixel: u8) -> f32 {
        f32::from(pixel) / 255.0
    }

    fn of_bytes(bytes: &[u8]) -> Vec<f32> {
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }

    fn outputs(&self, x: &[f32]) -> Vec<f32> {
        let outputs = (0..self.biases.len()).map(|output| self.output(output, x));
        let outputs: Vec<f32> = outputs.collect();
        if self.activation == Activation::OneHot { one_hot(&outputs, 1.0, 0.0) } else { outputs }
    }

    fn output(&self, output: usize, x: &[f32]) -> f32 {
        let outputs = self.biases.len();
        assert_eq!(x.len() * outputs, self.weights.len(), "values that go in");
        let weights = self.weights.iter().skip(output).step_by(outputs);
        let sum = weights.zip(x).fold(self.biases[output], |sum, (weight, x)| sum + weight * x);
        self.activation.of(sum)
    }

    fn padding(&self) -> f32 {
        0.0
    }

    fn mean(&self, values: &[f32]) -> f32 {
        values.iter().fold(0.0, |sum, value| sum + value) / values.len() as f32
    }

    fn passed(&self, _: usize, _: usize, value: f32) -> f32 {
        self.activation.of(value)
    }

    /// `⌊a · 255 + 1/2⌋`, clipped to a pixel; 0 for what is not a number.
    fn pixel(value: f32) -> u8 {
        (value * 255.0 + 0.5).floor().clamp(0.0, 255.0) as u8
    }

    fn push_bytes(value: f32, to: &mut Vec<u8>) {
        to.extend(value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{Activation, F32};
    use crate::arithmetic::Arithmetic;

    #[test]
    fn what_is_no_number_has_the_documents_bits() {
        for activation in Activation::ALL {
            let found = activation.of(f32::from_bits(0xffc0_1234)).to_bits();
            let is_zero =
                matches!(activation, Activation::Relu | Activation::Sigmoid | Activation::Relu6);
            assert_eq!(found, if is_zero { 0 } else { 0x7fc0_0000 }, "{activation:?}");
        }
        assert_eq!(F32::pixel(f32::NAN), 0);
    }

    #[test]
    fn sums_are_added_in_the_order_of_the_inputs() {
        // 1 is lost in 2^25 unless the large numbers cancel first.
        let large = 2.0_f32.powi(25);
        let layer = |weights: [f32; 3]| F32 {
            activation: Activation::Identity,
            weights: weights.to_vec(),
            biases: vec![0.0],
        };
        assert_eq!(layer([large, -large, 1.0]).outputs(&[1.0; 3]), [1.0]);
        assert_eq!(layer([large, 1.0, -large]).outputs(&[1.0; 3]), [0.0]);
    }
}
