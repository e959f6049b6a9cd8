//! The f32 contract's layer.

use serde::{Deserialize, Serialize};

use crate::contract::Contract;
use crate::error::{LayerError, LoadError};
use crate::geometry::{Layout, SpatialKind, Storage};
use crate::layer::{Arithmetic, Layer};
use crate::model::Model;

/// What becomes of a dense layer's sums: a function of each, or of all of them together. `ae-infer`
/// computes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// y = x.
    Identity,
    /// y = max(x, 0).
    Relu,
    /// y = x · Φ(x), Φ the normal distribution's cumulative function (arXiv 1606.08415).
    Gelu,
    /// y = x / (1 + e^−x) (arXiv 1702.03118).
    Silu,
    /// y = 1 / (1 + e^−x).
    Sigmoid,
    /// 1 where the sum is the largest of the layer, the first of equal ones; 0 elsewhere. It gives
    /// no pixels.
    OneHot,
    /// y = min(max(x, 0), 6).
    #[cfg(feature = "activations")]
    Relu6,
    /// y = x where it is positive, else so many times x.
    #[cfg(feature = "activations")]
    LeakyRelu(Factor),
    /// y = x where it is positive, else so many times e^x − 1 (arXiv 1511.07289).
    #[cfg(feature = "activations")]
    Elu(Factor),
    /// y = 1 / (1 + e^−x), with an exponential that is exact to f32's last places.
    #[cfg(feature = "activations")]
    Logistic,
    /// The hyperbolic tangent.
    #[cfg(feature = "activations")]
    Tanh,
    /// y = ln(1 + e^x).
    #[cfg(feature = "activations")]
    Softplus,
}

/// A number that belongs to an activation: an f32, finite, by its bytes.
#[cfg(feature = "activations")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor([u8; 4]);

#[cfg(feature = "activations")]
impl Factor {
    /// The factor of this value.
    #[must_use]
    pub const fn new(value: f32) -> Self {
        Self(value.to_le_bytes())
    }

    /// The value.
    #[must_use]
    pub const fn value(self) -> f32 {
        f32::from_le_bytes(self.0)
    }
}

impl Activation {
    /// Whether it is what it claims on all numbers.
    fn is_finite(self) -> bool {
        match self {
            #[cfg(feature = "activations")]
            Self::LeakyRelu(factor) | Self::Elu(factor) => factor.value().is_finite(),
            _ => true,
        }
    }
}

/// What the f32 contract adds to a layer.
///
/// The data section is: the weights, input after input, `outputs` values each; then `outputs`
/// biases; all f32, little-endian. This order lets a kernel work on many outputs at once while
/// each sum keeps the order of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct F32 {
    activation: Activation,
}

impl F32 {
    /// A layer with this activation.
    #[must_use]
    pub fn new(activation: Activation) -> Self {
        Self { activation }
    }

    /// The activation.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }
}

impl<'a> Layer<'a, F32> {
    /// The weights of one input after the other, each of `outputs` values of four bytes, and the
    /// biases behind them.
    pub fn columns(&self) -> (impl Iterator<Item = &'a [[u8; 4]]> + use<'a>, &'a [[u8; 4]]) {
        let (weights, biases) = self.weights_and_biases();
        (weights.chunks_exact(self.outputs().max(1)), biases)
    }

    /// All weights, `outputs` of each input, and the biases.
    #[must_use]
    pub fn weights_and_biases(&self) -> (&'a [[u8; 4]], &'a [[u8; 4]]) {
        let values: &'a [[u8; 4]] = self.data().as_chunks().0;
        let weights_len = self.inputs().saturating_mul(self.outputs());
        values.split_at_checked(weights_len).unwrap_or_default()
    }

    /// The same layer without its activation: the decoder's logits.
    #[must_use]
    pub fn without_activation(mut self) -> Self {
        self.arithmetic.activation = Activation::Identity;
        self
    }
}

impl<'a> Arithmetic<'a> for F32 {
    const CONTRACT: Contract = Contract::F32;
    type Element = f32;
    const LATENT_MAP_BYTES: usize = 0;

    fn storage(&self) -> Storage {
        Storage::F32
    }

    fn with_layout(self, _layout: Layout) -> Self {
        self
    }

    fn arrange(layer: &Layer<'a, Self>, _layout: Layout, data: &mut [u8]) {
        data.iter_mut().zip(layer.data()).for_each(|(place, byte)| *place = *byte);
    }

    fn validate(blob: &[u8]) -> Result<(), LoadError> {
        Model::<Self>::parse(blob)?.detection().map(|_| ())
    }

    fn check(
        layer: &Layer<'a, Self>,
        kind: Option<SpatialKind>,
        is_output: bool,
    ) -> Result<(), LayerError> {
        // Compilers see that there is none where no kind is built.
        let kind = kind.filter(|_| SpatialKind::ANY);
        if (is_output || kind.is_some()) && layer.arithmetic.activation == Activation::OneHot {
            return Err(LayerError::OneHot);
        }
        if !layer.arithmetic.activation.is_finite() {
            return Err(LayerError::NotFinite { index: 0 });
        }
        let values = layer.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        match values.enumerate().find(|(_, value)| !value.is_finite()) {
            Some((index, _)) => Err(LayerError::NotFinite { index }),
            None => Ok(()),
        }
    }
}
