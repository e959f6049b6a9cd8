//! Activations as Burn computes them.

use ae_core::Activation;
use burn::tensor::{Tensor, activation};

/// Applies the function to each value of a tensor of any shape.
pub(super) fn activate<const D: usize>(function: Activation, tensor: Tensor<D>) -> Tensor<D> {
    match function {
        Activation::Identity => tensor,
        Activation::Relu => activation::relu(tensor),
        Activation::Gelu => activation::gelu(tensor),
        Activation::Silu => activation::silu(tensor),
        Activation::Sigmoid => activation::sigmoid(tensor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_formulas() {
        let input = Tensor::<1>::from_floats([-1.0, 0.0, 2.0], &Default::default());
        let expect = [
            (Activation::Identity, [-1.0, 0.0, 2.0]),
            (Activation::Relu, [0.0, 0.0, 2.0]),
            // Φ(−1) = 0.158655, Φ(2) = 0.977250
            (Activation::Gelu, [-0.158_655, 0.0, 1.954_5]),
            (Activation::Silu, [-0.268_941, 0.0, 1.761_594]),
            (Activation::Sigmoid, [0.268_941, 0.5, 0.880_797]),
        ];
        for (activation, expected) in expect {
            let found = activate(activation, input.clone()).into_data();
            let found = found.as_slice::<f32>().unwrap();
            for (f, e) in found.iter().zip(expected) {
                assert!((f - e).abs() < 2e-6, "{activation:?}: {f} against {e}");
            }
        }
    }
}
