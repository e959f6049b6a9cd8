//! One layer in the form that training works on: a file for each kind.

mod average;
mod convolution;
mod dense;
mod depthwise;
mod maximum;
mod places;
mod upsampling;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use ae_core::{Activation, Dense, Geometry, SpatialKind};
use ae_model::LayerF32;
use burn::tensor::{Device, Tensor, TensorData};

use super::elementwise::sum_columns;
use super::parameters::{slice, tensor};
use super::tie::transposed;
use convolution::Convolution;
use places::Taps;
use upsampling::Upsampling;

/// One layer with its numbers.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    kind: Kind,
    pub(super) bias: Vec<f32>,
    /// What is made of the layer's sums.
    pub(super) activation: Activation,
}

/// What the layer does and where, which copies share, and its weights. Those of dense layers and
/// convolutions are `[inputs, outputs]`, as Burn has them.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has a few of them, and most are dense")]
enum Kind {
    Dense(Tensor<2>),
    Convolution(Arc<Convolution>, Vec<f32>),
    Depthwise(Arc<Taps>, Vec<f32>),
    Maximum(Arc<Taps>),
    Average(Arc<Taps>),
    Upsampling(Arc<Upsampling>),
}

/// What a layer's forward pass leaves for the way back.
pub(super) enum Kept {
    Tensor(Tensor<2>),
    Values(TensorData),
    /// Where largest values were found.
    Places(Vec<u32>),
    Nothing,
}

/// Gradients at a layer's weights and at its inputs.
pub(super) struct Gradients {
    pub(super) weights: TensorData,
    /// If they are wanted.
    pub(super) inputs: Option<TensorData>,
}

impl Layer {
    pub(super) fn new(layer: &LayerF32) -> Self {
        Self { kind: Kind::new(layer), bias: layer.bias.clone(), activation: layer.activation }
    }

    /// The weights as a [`LayerF32`] of this geometry has them.
    pub(super) fn plain_weights(&self, geometry: Geometry) -> Vec<f32> {
        let weights = self.weights();
        match self.kind {
            Kind::Dense(_) | Kind::Convolution(..) => {
                transposed(&weights, geometry.weights_as_dense().outputs)
            }
            _ => weights,
        }
    }

    /// A copy of the weights in the order of training.
    fn weights(&self) -> Vec<f32> {
        match &self.kind {
            Kind::Dense(weights) => slice(&weights.to_data()).to_vec(),
            Kind::Convolution(_, weights) | Kind::Depthwise(_, weights) => weights.clone(),
            Kind::Maximum(_) | Kind::Average(_) | Kind::Upsampling(_) => Vec::new(),
        }
    }

    /// Copies of its numbers: the weights, then the bias.
    pub(super) fn to_vecs(&self) -> [Vec<f32>; 2] {
        [self.weights(), self.bias.clone()]
    }

    /// Takes the weights to be changed. Nothing is copied if no other tensor shares them.
    pub(super) fn take_weights(&mut self) -> TensorData {
        match &mut self.kind {
            Kind::Dense(weights) => weights.extract().into_data(),
            Kind::Convolution(_, weights) | Kind::Depthwise(_, weights) => {
                flat(std::mem::take(weights))
            }
            Kind::Maximum(_) | Kind::Average(_) | Kind::Upsampling(_) => flat(Vec::new()),
        }
    }

    /// Puts back what [`Self::take_weights`] has taken.
    pub(super) fn put_weights(&mut self, data: TensorData) {
        match &mut self.kind {
            Kind::Dense(weights) => *weights = Tensor::from_data(data, &Device::default()),
            Kind::Convolution(_, weights) | Kind::Depthwise(_, weights) => *weights = owned(data),
            Kind::Maximum(_) | Kind::Average(_) | Kind::Upsampling(_) => (),
        }
    }

    /// From `[samples, inputs]` to the sums without the bias, `[samples, outputs]`.
    pub(super) fn forward(&self, values: TensorData) -> (TensorData, Kept) {
        let samples = values.shape()[0];
        let rows = |values: Vec<f32>| rows(values, samples);
        match &self.kind {
            Kind::Dense(weights) => {
                let (sums, inputs) = dense::forward(values, weights);
                (sums, Kept::Tensor(inputs))
            }
            Kind::Convolution(convolution, weights) => {
                (rows(convolution.forward(slice(&values), weights)), Kept::Values(values))
            }
            Kind::Depthwise(taps, weights) => {
                (rows(depthwise::forward(taps, slice(&values), weights)), Kept::Values(values))
            }
            Kind::Maximum(taps) => {
                let (largest, places) = maximum::forward(taps, slice(&values));
                (rows(largest), Kept::Places(places))
            }
            Kind::Average(taps) => (rows(average::forward(taps, slice(&values))), Kept::Nothing),
            Kind::Upsampling(layer) => (rows(layer.forward(slice(&values))), Kept::Nothing),
        }
    }

    /// From the gradient at the sums to those at the weights and at the inputs.
    ///
    /// # Panics
    ///
    /// When `kept` is of a layer of another kind.
    pub(super) fn backward(
        &self,
        kept: Kept,
        at_sums: TensorData,
        wants_inputs: bool,
    ) -> Gradients {
        let samples = at_sums.shape()[0];
        let gradients = |weights: Vec<f32>, inputs: Option<Vec<f32>>| Gradients {
            weights: flat(weights),
            inputs: inputs.map(|inputs| rows(inputs, samples)),
        };
        let of_pooling = |inputs: &dyn Fn(&[f32]) -> Vec<f32>| {
            gradients(Vec::new(), wants_inputs.then(|| inputs(slice(&at_sums))))
        };
        match (&self.kind, kept) {
            (Kind::Dense(weights), Kept::Tensor(inputs)) => {
                let (weights, inputs) = dense::backward(inputs, weights, at_sums, wants_inputs);
                Gradients { weights, inputs }
            }
            (Kind::Convolution(convolution, weights), Kept::Values(values)) => {
                let (values, at_sums) = (slice(&values), slice(&at_sums));
                let (weights, inputs) =
                    convolution.backward(values, weights, at_sums, wants_inputs);
                gradients(weights, inputs)
            }
            (Kind::Depthwise(taps, weights), Kept::Values(values)) => {
                let (values, at_sums) = (slice(&values), slice(&at_sums));
                let (weights, inputs) =
                    depthwise::backward(taps, values, weights, at_sums, wants_inputs);
                gradients(weights, inputs)
            }
            (Kind::Maximum(taps), Kept::Places(places)) => {
                of_pooling(&|at_outputs| maximum::backward(taps, &places, at_outputs))
            }
            (Kind::Average(taps), Kept::Nothing) => {
                of_pooling(&|at_outputs| average::backward(taps, at_outputs))
            }
            (Kind::Upsampling(layer), Kept::Nothing) => {
                of_pooling(&|at_outputs| layer.backward(at_outputs))
            }
            _ => panic!("what is kept is of this layer"),
        }
    }

    /// The bias of each of so many outputs of a sample; zeros where there is none.
    pub(super) fn bias_of_outputs(&self, outputs: usize) -> Cow<'_, [f32]> {
        match &self.kind {
            Kind::Dense(_) => Cow::Borrowed(&self.bias),
            Kind::Convolution(convolution, _) => convolution.bias_of_outputs(&self.bias).into(),
            Kind::Depthwise(..) => self.bias.repeat(outputs / self.bias.len()).into(),
            Kind::Maximum(_) | Kind::Average(_) | Kind::Upsampling(_) => vec![0.0; outputs].into(),
        }
    }

    /// The gradient at the bias, of the sums over samples of that at each output.
    pub(super) fn at_bias(&self, at_outputs: Vec<f32>) -> Vec<f32> {
        match &self.kind {
            Kind::Dense(_) => at_outputs,
            Kind::Convolution(convolution, _) => convolution.at_bias(&at_outputs),
            Kind::Depthwise(..) => sum_columns(&at_outputs, self.bias.len()),
            Kind::Maximum(_) | Kind::Average(_) | Kind::Upsampling(_) => Vec::new(),
        }
    }
}

impl Kind {
    fn new(layer: &LayerF32) -> Self {
        let weights = &layer.weights;
        let spatial = match layer.geometry {
            Geometry::Dense(Dense { inputs, outputs }) => {
                return Self::Dense(tensor(transposed(weights, inputs), inputs, outputs));
            }
            Geometry::Spatial(spatial) => spatial,
        };
        let taps = || Arc::new(Taps::new(&spatial));
        match spatial.kind {
            SpatialKind::Convolution => {
                let weights = transposed(weights, spatial.field());
                Self::Convolution(Arc::new(Convolution::new(&spatial)), weights)
            }
            SpatialKind::Depthwise => Self::Depthwise(taps(), weights.clone()),
            SpatialKind::Maximum => Self::Maximum(taps()),
            SpatialKind::Average => Self::Average(taps()),
            SpatialKind::Upsampling => Self::Upsampling(Arc::new(Upsampling::new(&spatial))),
        }
    }
}

/// Values as so many rows.
fn rows(values: Vec<f32>, samples: usize) -> TensorData {
    let columns = values.len() / samples;
    TensorData::new(values, [samples, columns])
}

fn flat(values: Vec<f32>) -> TensorData {
    let count = values.len();
    TensorData::new(values, [count])
}

/// A tensor's numbers, without a copy where that can be.
fn owned(data: TensorData) -> Vec<f32> {
    data.try_into_vec::<f32>().expect("training's tensors are 32-bit floats on the host")
}
