//! Activations as Burn computes them.

use ae_core::Activation;
use burn::tensor::{Tensor, TensorData, activation};

/// What the activation makes of a layer's sums, `[samples, outputs]`.
pub(super) fn activate(function: Activation, tensor: Tensor<2>) -> Tensor<2> {
    match function {
        Activation::Identity => tensor,
        Activation::Relu => activation::relu(tensor),
        Activation::Gelu => activation::gelu(tensor),
        Activation::Silu => activation::silu(tensor),
        Activation::Sigmoid | Activation::Logistic => activation::sigmoid(tensor),
        Activation::Relu6 => activation::relu(tensor).clamp_max(6.0),
        Activation::LeakyRelu(slope) => activation::leaky_relu(tensor, slope.value().into()),
        Activation::Elu(factor) => {
            let below = tensor.clone().clamp_max(0.0).exp().sub_scalar(1.0);
            activation::relu(tensor) + below.mul_scalar(factor.value())
        }
        Activation::Tanh => activation::tanh(tensor),
        Activation::Softplus => activation::softplus(tensor, 1.0),
        Activation::OneHot => one_hot(tensor),
    }
}

/// By the engine's own rule, which says what of equal sums is taken. There is no gradient.
fn one_hot(sums: Tensor<2>) -> Tensor<2> {
    let (shape, device) = (sums.dims(), sums.device());
    let mut values: Vec<f32> =
        sums.into_data().try_to_vec().expect("the model's tensors are 32-bit floats");
    values.chunks_exact_mut(shape[1].max(1)).for_each(ae_infer::one_hot);
    Tensor::from_data(TensorData::new(values, shape), &device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_formulas() {
        let input = Tensor::<2>::from_floats([[-1.0, 0.0, 2.0]], &Default::default());
        let expect = [
            (Activation::Identity, [-1.0, 0.0, 2.0]),
            (Activation::Relu, [0.0, 0.0, 2.0]),
            // Φ(−1) = 0.158655, Φ(2) = 0.977250
            (Activation::Gelu, [-0.158_655, 0.0, 1.954_5]),
            (Activation::Silu, [-0.268_941, 0.0, 1.761_594]),
            (Activation::Sigmoid, [0.268_941, 0.5, 0.880_797]),
            (Activation::OneHot, [0.0, 0.0, 1.0]),
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
