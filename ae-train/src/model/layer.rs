//! One layer as plain numbers, and as Burn has it.

use ae_core::{Activation, Geometry, SpatialKind};
use ae_model::LayerF32;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use super::activation::activate;
use super::spatial;

/// A layer of any kind, with its activation.
#[derive(Module, Debug)]
pub struct Layer {
    /// The weights and biases, if it has any: of a convolution those of the dense layer that
    /// computes a position; of a depthwise convolution `[taps, channels]`.
    linear: Option<Linear>,
    #[module(skip)]
    geometry: Geometry,
    #[module(skip)]
    activation: Activation,
}

impl Layer {
    /// What is made of the sums.
    ///
    /// # Shapes
    ///
    /// `[samples, outputs]` → `[samples, outputs]`
    pub(crate) fn activate(&self, sums: Tensor<2>) -> Tensor<2> {
        activate(self.activation, sums)
    }

    /// The sums.
    ///
    /// # Shapes
    ///
    /// `[samples, inputs]` → `[samples, outputs]`
    pub(crate) fn sums(&self, values: Tensor<2>) -> Tensor<2> {
        match (&self.geometry, &self.linear) {
            (Geometry::Dense(_), Some(linear)) => linear.forward(values),
            (Geometry::Dense(_), None) => unreachable!("a dense layer has weights"),
            (Geometry::Spatial(layer), linear) => spatial::sums(layer, linear.as_ref(), values),
        }
    }

    /// The weights and biases, if it has any.
    pub fn linear(&self) -> Option<&Linear> {
        self.linear.as_ref()
    }

    /// A layer of the numbers.
    ///
    /// # Panics
    ///
    /// When there are not as many weights or biases as the geometry asks for.
    pub(super) fn from_plain(layer: &LayerF32, device: &Device) -> Self {
        let shape = layer.geometry.weights_as_dense();
        let linear = (!layer.weights.is_empty()).then(|| {
            let bias = TensorData::new(layer.bias.clone(), [shape.outputs]);
            let weight = match is_transposed(layer.geometry) {
                true => {
                    let shape = [shape.outputs, shape.inputs];
                    let weights = TensorData::new(layer.weights.clone(), shape);
                    // The transposed view is made real, so that later products read rows.
                    Tensor::<2>::from_data(weights, device).transpose().into_data()
                }
                false => TensorData::new(layer.weights.clone(), [shape.inputs, shape.outputs]),
            };
            Linear {
                weight: Param::from_tensor(Tensor::from_data(weight, device)),
                bias: Some(Param::from_tensor(Tensor::from_data(bias, device))),
            }
        });
        Self { linear, geometry: layer.geometry, activation: layer.activation }
    }

    /// Its numbers.
    pub(super) fn plain(&self) -> LayerF32 {
        let (weights, bias) = match &self.linear {
            Some(linear) => {
                let weight = linear.weight.val();
                let weight = match is_transposed(self.geometry) {
                    true => weight.transpose(),
                    false => weight,
                };
                let bias = linear.bias.as_ref().map(|bias| floats(bias.val().into_data()));
                (floats(weight.into_data()), bias.expect("every layer is made with a bias"))
            }
            None => (Vec::new(), Vec::new()),
        };
        LayerF32 { geometry: self.geometry, weights, bias, activation: self.activation }
    }
}

/// Whether Burn's weights are the transposed matrix of the plain ones, which are a row for each
/// output.
fn is_transposed(geometry: Geometry) -> bool {
    !matches!(geometry, Geometry::Spatial(layer) if layer.kind == SpatialKind::Depthwise)
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
        let layer = Layer::from_plain(&dense, &device);
        assert_eq!(layer.plain(), dense);
        let x = Tensor::<2>::from_floats([[1.0, 0.0, -1.0]], &device);
        // 1 − 3 + 0.5 and 4 − 6 − 0.5
        assert_eq!(floats(layer.sums(x).into_data()), [-1.5, -2.5]);
    }
}
