//! One dense layer as plain numbers, and as Burn has it.

use ae_core::{Activation, Geometry};
use ae_model::LayerF32;
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

/// Copies the numbers out of a Burn layer, which keeps its weights as
/// `[inputs, outputs]`.
pub(super) fn dense_of(linear: &Linear, activation: Activation) -> LayerF32 {
    let [inputs, outputs] = linear.weight.dims();
    let bias = match &linear.bias {
        Some(bias) => floats(bias.val().into_data()),
        None => vec![0.0; outputs],
    };
    let weights = floats(linear.weight.val().transpose().into_data());
    LayerF32 { geometry: Geometry::dense(inputs, outputs), weights, bias, activation }
}

/// Makes a Burn layer of the numbers.
///
/// # Panics
///
/// When `weights` or `bias` do not have the length that `inputs` and
/// `outputs` ask for.
pub(super) fn linear_of(dense: &LayerF32, device: &Device) -> Linear {
    let weights = TensorData::new(dense.weights.clone(), [dense.outputs(), dense.inputs()]);
    let bias = TensorData::new(dense.bias.clone(), [dense.outputs()]);
    // The transposed view is made real, so that later products read rows.
    let weight = Tensor::<2>::from_data(weights, device).transpose().into_data();
    Linear {
        weight: Param::from_tensor(Tensor::from_data(weight, device)),
        bias: Some(Param::from_tensor(Tensor::from_data(bias, device))),
    }
}

/// The numbers of a float tensor, row-major.
fn floats(data: TensorData) -> Vec<f32> {
    data.as_slice::<f32>().expect("the model's tensors are 32-bit floats on the host").to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_survives_the_way_there_and_back_and_computes_the_formula() {
        let dense = LayerF32 {
            geometry: Geometry::dense(3, 2),
            weights: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            bias: vec![0.5, -0.5],
            activation: Activation::Relu,
        };
        let device = Device::default();
        let linear = linear_of(&dense, &device);
        assert_eq!(dense_of(&linear, Activation::Relu), dense);
        let x = Tensor::<2>::from_floats([[1.0, 0.0, -1.0]], &device);
        // 1 − 3 + 0.5 and 4 − 6 − 0.5
        assert_eq!(floats(linear.forward(x).into_data()), [-1.5, -2.5]);
    }
}
