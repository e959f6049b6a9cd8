//! Dense layers, with Burn's products.

use burn::tensor::{Tensor, TensorData};

/// The sums of all samples, without the bias, and the inputs for the way back.
pub(super) fn forward(inputs: TensorData, weights: &Tensor<2>) -> (TensorData, Tensor<2>) {
    let inputs: Tensor<2> = Tensor::from_data(inputs, &weights.device());
    (inputs.clone().matmul(weights.clone()).into_data(), inputs)
}

/// The gradient at the weights, and if wanted at the inputs, of that at the sums.
pub(super) fn backward(
    inputs: Tensor<2>,
    weights: &Tensor<2>,
    at_sums: TensorData,
    wants_inputs: bool,
) -> (TensorData, Option<TensorData>) {
    let at_sums: Tensor<2> = Tensor::from_data(at_sums, &weights.device());
    let at_weights = inputs.transpose().matmul(at_sums.clone()).into_data();
    let at_inputs = wants_inputs.then(|| at_sums.matmul(weights.clone().transpose()).into_data());
    (at_weights, at_inputs)
}
