//! A model with its shapes: what each operator is for a blob.

use ae_core::Geometry;
use ae_model::Map;

use super::spatial::Why;
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

/// Most layers of a blob, in both of its parts.
const MOST_LAYERS: usize = 2 * ae_core::MAX_LAYERS;

/// Whether a layer can follow so many, so that no small file makes many of them.
pub(super) fn check_layers(count: usize) -> Result<(), Why> {
    if count < MOST_LAYERS {
        return Ok(());
    }
    let why = format!("{count} layers come before it, and a blob has at most {MOST_LAYERS}");
    Err((why, "make the model with fewer layers"))
}

/// What one operator does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    /// Its number in the file.
    pub(crate) operator: usize,
    pub(crate) work: Work,
    /// What integers behind it stand for.
    pub(crate) codes: Option<Codes>,
    /// The map in whose order, channels first, the file has what it gives, where that is not the order
    /// here.
    pub(crate) order: Option<Map>,
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

impl Work {
    /// Of what is a layer.
    pub(crate) fn geometry(&self) -> Option<Geometry> {
        match self {
            Self::Weighted(Weighted { geometry, .. }) | Self::Passing(geometry) => Some(*geometry),
            Self::Affine { .. } | Self::Function(_) | Self::Recoded => None,
        }
    }
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
