//! What each kind of layer does.

mod convolution;
mod dense;
mod function;
mod normalization;
mod pool;
mod shape;
mod transposed;

use super::config::Layer;
use super::weights::Weights;
use crate::tensor::{Tensor, finite};
use crate::{Convolution, ImportError, Numbers, Operation, Operator, Padding};

/// The operators of the layers that were read, and what the next one is given.
pub(super) struct Translation<'a> {
    weights: Weights<'a>,
    /// The dimensions of the values, without the batch, as far as they are known.
    shape: Vec<Option<usize>>,
    operators: Vec<Operator>,
    /// Zeros that a layer puts around the map, for the convolution behind it.
    zeros: Option<Zeros<'a>>,
}

/// Zeros around a map.
struct Zeros<'a> {
    layer: Layer<'a>,
    before: [usize; 2],
    after: [usize; 2],
}

const OTHERS: &str = "a model of dense layers and convolutions can be imported";

/// The operators of these layers, the first of which is given values of this shape, and the shape
/// of what comes out.
pub(super) fn translate<'a>(
    layers: &[Layer<'a>],
    shape: Vec<Option<usize>>,
    weights: Weights<'a>,
) -> Result<(Vec<Operator>, Vec<Option<usize>>), ImportError> {
    let mut translation = Translation { weights, shape, operators: Vec::new(), zeros: None };
    for layer in layers {
        if let Some(zeros) = translation.zeros.take_if(|_| !convolution::takes_zeros(layer)) {
            return Err(zeros.refused());
        }
        translation.layer(layer)?;
    }
    match translation.zeros {
        Some(zeros) => Err(zeros.refused()),
        None => Ok((translation.operators, translation.shape)),
    }
}

impl Zeros<'_> {
    fn refused(&self) -> ImportError {
        let reason = "zeros around a map are understood only before a convolution with \
                      padding=\"valid\"";
        self.layer.refuse(reason, "give the convolution padding=\"same\" instead")
    }
}

impl<'a> Translation<'a> {
    fn layer(&mut self, layer: &Layer<'a>) -> Result<(), ImportError> {
        match layer.class.as_str() {
            "Dense" => self.dense(layer),
            "Conv1D" | "Convolution1D" => self.convolution(layer, 1),
            "Conv2D" | "Convolution2D" => self.convolution(layer, 2),
            "DepthwiseConv1D" => self.depthwise(layer, 1),
            "DepthwiseConv2D" => self.depthwise(layer, 2),
            "SeparableConv1D" | "SeparableConvolution1D" => self.separable(layer, 1),
            "SeparableConv2D" | "SeparableConvolution2D" => self.separable(layer, 2),
            "Conv1DTranspose" | "Convolution1DTranspose" => self.transposed(layer, 1),
            "Conv2DTranspose" | "Convolution2DTranspose" => self.transposed(layer, 2),
            "MaxPooling1D" | "MaxPool1D" => self.pool(layer, 1, Operation::Maximum),
            "MaxPooling2D" | "MaxPool2D" => self.pool(layer, 2, Operation::Maximum),
            "AveragePooling1D" | "AvgPool1D" => self.pool(layer, 1, Operation::Average),
            "AveragePooling2D" | "AvgPool2D" => self.pool(layer, 2, Operation::Average),
            "GlobalAveragePooling1D" | "GlobalAvgPool1D" => self.global_average(layer, 1),
            "GlobalAveragePooling2D" | "GlobalAvgPool2D" => self.global_average(layer, 2),
            "UpSampling1D" => self.upsampling(layer, 1),
            "UpSampling2D" => self.upsampling(layer, 2),
            "ZeroPadding1D" => self.zero_padding(layer, 1),
            "ZeroPadding2D" => self.zero_padding(layer, 2),
            "BatchNormalization" | "SyncBatchNormalization" => self.batch_normalization(layer),
            "Normalization" => self.normalization(layer),
            "Rescaling" => self.rescaling(layer),
            "Flatten" => self.flatten(layer),
            "Reshape" => self.reshape(layer),
            "Activation" => self.activation(layer),
            "ReLU" | "LeakyReLU" | "ELU" => self.function(layer),
            // What training alone has.
            "Dropout"
            | "SpatialDropout1D"
            | "SpatialDropout2D"
            | "GaussianDropout"
            | "AlphaDropout"
            | "GaussianNoise"
            | "ActivityRegularization"
            | "Identity" => {
                self.push(layer.operator(Operation::Identity));
                Ok(())
            }
            "Cropping1D" | "Cropping2D" => Err(layer.refuse(
                "a map cannot be cut at its borders here",
                "choose strides and padding with which nothing is left over",
            )),
            "Permute" => Err(layer.refuse(
                "values cannot change their order here",
                "put the values in the order that the model needs before they are given to it",
            )),
            "Softmax" => Err(function::softmax(layer)),
            "PReLU" => Err(layer.refuse(
                "a slope of its own for each value cannot be computed here",
                "use LeakyReLU, which has one slope",
            )),
            class => {
                Err(layer.refuse(format!("{class} is not a layer that this project has"), OTHERS))
            }
        }
    }

    fn push(&mut self, operator: Operator) {
        self.operators.push(operator);
    }

    /// Puts the layer's own function behind it.
    fn with_activation(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        if let Some(function) = function::of_activation(layer)? {
            self.push(layer.part("", "Activation", Operation::Function(function)));
        }
        Ok(())
    }

    /// The number of channels that the layer is given, or of values where they are flat.
    fn channels(&self) -> Option<usize> {
        self.shape.last().copied().flatten()
    }

    /// Refuses what is no map, or none of so many dimensions.
    fn expect_map(&self, layer: &Layer<'_>, dimensions: usize) -> Result<(), ImportError> {
        if layer.word("data_format", "channels_last")? == "channels_first" {
            return Err(layer.refuse(
                "its map begins with the channels (data_format=\"channels_first\")",
                "build the model with data_format=\"channels_last\" and save it again",
            ));
        }
        let found = self.shape.len();
        if found == dimensions + 1 {
            return Ok(());
        }
        let reason = format!("it is given {found} dimensions; {} were expected", dimensions + 1);
        Err(layer.damaged(reason))
    }

    /// The weights in the order of these dimensions, and a bias for each of so many.
    fn numbers(
        layer: &Layer<'_>,
        weights: &Tensor<'_>,
        order: &[usize],
        bias: Option<&Tensor<'_>>,
        outputs: usize,
    ) -> Result<Numbers, ImportError> {
        let weights = real(layer, weights.permuted(order))?;
        let bias = match bias {
            Some(bias) => {
                expect_shape(layer, "bias", bias, &[Some(outputs)])?;
                real(layer, bias.numbers())?
            }
            None => vec![0.0; outputs],
        };
        Ok(Numbers::Real { weights, bias })
    }

    /// A dense layer at each place of a map.
    fn pointwise(channels_in: usize, channels_out: usize, numbers: Numbers) -> Operation {
        Operation::Convolution(Convolution {
            channels_in,
            channels_out,
            groups: 1,
            kernel: [1, 1],
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding::Valid,
            numbers,
        })
    }
}

/// As f32, all of which are finite.
fn real(
    layer: &Layer<'_>,
    numbers: impl ExactSizeIterator<Item = f64>,
) -> Result<Vec<f32>, ImportError> {
    finite(numbers).ok_or_else(|| infinite(layer))
}

fn infinite(layer: &Layer<'_>) -> ImportError {
    let mend = "train it again, with a smaller learning rate if its loss grew";
    layer.refuse("one of its numbers is not finite", mend)
}

/// Refuses weights of another shape than this, where it is known.
fn expect_shape(
    layer: &Layer<'_>,
    name: &str,
    tensor: &Tensor<'_>,
    expected: &[Option<usize>],
) -> Result<(), ImportError> {
    let found = tensor.shape();
    let mut pairs = found.iter().zip(expected);
    let fits = pairs.all(|(&found, expected)| expected.is_none_or(|expected| found == expected));
    if fits && found.len() == expected.len() {
        return Ok(());
    }
    let size = |size: &Option<usize>| size.map_or("?".to_owned(), |size| size.to_string());
    let expected = expected.iter().map(size).collect::<Vec<_>>().join(", ");
    Err(layer.damaged(format!("its `{name}` has shape {found:?}; [{expected}] was expected")))
}
