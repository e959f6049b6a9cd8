//! A model with its shapes: what each operator is for a blob.

use ae_core::Geometry;
use ae_model::Map;

use crate::{Codes, Function, Numbers};

/// A model with its shapes, channels last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chain {
    /// Values that go in, and as many that come out.
    pub(crate) values: usize,
    /// The map of what goes in, where it is one.
    pub(crate) map: Option<Map>,
    /// The map in whose order, channels first, the file has the values, where that is not the order
    /// here.
    pub(crate) order: Option<Map>,
    /// What is done, in order.
    pub(crate) stages: Vec<Stage>,
}

/// What one operator does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    /// Its number in the file.
    pub(crate) operator: usize,
    pub(crate) work: Work,
    /// What integers behind it stand for.
    pub(crate) codes: Option<Codes>,
}

/// The work of a stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    /// Weighted sums.
    Weighted(Weighted),
    /// Pooling and upsampling.
    Passing(Geometry),
    /// `factor · x + shift`, a number for each channel.
    Affine { factor: Vec<f32>, shift: Vec<f32> },
    /// A function of each value.
    Function(Function),
    /// Nothing but another meaning of the integers.
    Recoded,
}

/// A layer with weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighted {
    pub(crate) geometry: Geometry,
    /// Of each row what its position reads, in the order of the blob; one scale, or one for each row.
    pub(crate) numbers: Numbers,
}

impl Weighted {
    /// Rows of weights: outputs of a position, or channels of a depthwise convolution.
    pub(crate) fn rows(&self) -> usize {
        self.geometry.weights_as_dense().outputs
    }

    /// Weights of a row.
    pub(crate) fn columns(&self) -> usize {
        self.geometry.weights_as_dense().inputs
    }
}
