//! The functions behind a layer's sums, and their tables.

use ae_core::Activation;

use crate::range::{Affine, identity_table, wide_enough};
use crate::roles::{Output, Role};

/// The map that lays −128…127 over all of `values`.
pub(super) fn span(values: &[f64; 256]) -> Affine {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    Affine::over(low, low + wide_enough(low, high))
}

impl Output {
    fn function(self, value: f64) -> f64 {
        match self {
            Self::Sigmoid => 1.0 / (1.0 + (-value).exp()),
            Self::Linear => value.clamp(0.0, 1.0),
        }
    }

    /// The table of a layer without weights that makes pixels of integers which stand for `affine`.
    pub(super) fn table(self, affine: Affine) -> [u8; 256] {
        identity_table(affine).map(|value| pixel(self.function(value)))
    }
}

/// The pixel of a value from 0 to 1.
pub(super) fn pixel(value: f64) -> u8 {
    (value * 255.0).round() as u8
}

impl Role {
    /// The float network's function behind the layer.
    pub(super) fn function(self, value: f64) -> f64 {
        match self {
            Self::Plain | Self::Towards(_) => value,
            Self::Hidden(activation) => hidden(activation, value),
            Self::Output(output) => output.function(value),
        }
    }

    /// What of a value can be seen behind the layers that keep it as it is.
    pub(super) fn seen(self, value: f64) -> f64 {
        match self {
            Self::Towards(output) => output.function(value),
            _ => self.function(value),
        }
    }

    /// What is left of the function after the table, for each requantised value. A pixel's
    /// rounding is the same whatever the range, and left out.
    pub(super) fn stored(self, range: Affine) -> [f64; 256] {
        let values = identity_table(range).map(|value| self.seen(value));
        match self {
            Self::Towards(_) | Self::Output(_) => values,
            _ => {
                let outgoing = span(&values);
                values.map(|value| outgoing.real(outgoing.quantise(value)))
            }
        }
    }
}

/// The function behind a hidden layer.
fn hidden(activation: Activation, value: f64) -> f64 {
    let positive_or = |negative: f64| if value > 0.0 { value } else { negative };
    match activation {
        Activation::Identity | Activation::OneHot => value,
        Activation::Relu => value.max(0.0),
        Activation::Gelu => f64::from(ae_infer::gelu(value as f32)),
        Activation::Silu => f64::from(ae_infer::silu(value as f32)),
        Activation::Relu6 => value.clamp(0.0, 6.0),
        Activation::LeakyRelu(slope) => positive_or(f64::from(slope.value()) * value),
        Activation::Elu(factor) => positive_or(f64::from(factor.value()) * value.exp_m1()),
        Activation::Sigmoid | Activation::Logistic => 1.0 / (1.0 + (-value).exp()),
        Activation::Tanh => value.tanh(),
        Activation::Softplus => value.max(0.0) + (-value.abs()).exp().ln_1p(),
    }
}
