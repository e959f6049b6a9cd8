//! What can be wrong with a model's configuration or its file of weights.

use ae_core::Activation;

use super::{ArchitectureError, MAX_PARAMETERS, Map};

/// What can be wrong with a model's configuration or its weights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The input has no values.
    #[error("the input has no values; an image needs at least one pixel")]
    EmptyInput,
    /// The latent has no values.
    #[error("the latent has no values; it needs at least one")]
    EmptyLatent,
    /// A hidden layer has no outputs.
    #[error("hidden layer {index} (from 0) has width 0; leave it out or make it at least 1")]
    EmptyHidden {
        /// Position in the list of hidden widths, from 0.
        index: usize,
    },
    /// Prototypes are to have hidden layers.
    #[error("prototypes have no hidden layers, the configuration has {found}")]
    HiddenPrototypes {
        /// Hidden layers that there are.
        found: usize,
    },
    /// The table of layers cannot be.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// There are hidden widths beside a table of layers.
    #[error("a table of layers says all layers, the configuration has {found} hidden widths too")]
    HiddenBesideArchitecture {
        /// Hidden widths that there are.
        found: usize,
    },
    /// Prototypes are to have a table of layers.
    #[error("prototypes are two dense layers, the configuration has a table of others")]
    PrototypesWithArchitecture,
    /// The table of layers takes another input.
    #[error("the table of layers takes {expected}, the configuration says {found} values")]
    ArchitectureInput {
        /// What the table says.
        expected: Map,
        /// The configuration's input.
        found: usize,
    },
    /// More weights and biases than fit.
    #[error(
        "{found} weights and biases are more than the {MAX_PARAMETERS} allowed; use narrower layers"
    )]
    TooManyParameters {
        /// The number asked for, saturating.
        found: usize,
    },
    /// No activation has this name.
    #[error("no activation is called `{found}`; there are relu, gelu and silu")]
    UnknownActivation {
        /// The name given.
        found: String,
    },
    /// A stack has more or fewer layers than the configuration says.
    #[error("the {stack} has {found} layers, its configuration says {expected}")]
    LayerCount {
        /// `encoder` or `decoder`.
        stack: &'static str,
        /// Layers in the configuration.
        expected: usize,
        /// Layers given.
        found: usize,
    },
    /// A tensor has another shape than the configuration says.
    #[error("tensor `{name}` has shape {found:?}, the configuration says {expected:?}")]
    Shape {
        /// The tensor's name, such as `encoder.0.weight`.
        name: String,
        /// Shape by the configuration.
        expected: Vec<usize>,
        /// Shape found.
        found: Vec<usize>,
    },
    /// A layer has another activation than the configuration says.
    #[error("layer `{layer}` ends in {found:?}, the configuration says {expected:?}")]
    LayerActivation {
        /// The layer's name, such as `encoder.0`.
        layer: String,
        /// The activation by the configuration.
        expected: Activation,
        /// That of the layer.
        found: Activation,
    },
    /// A weight or bias is infinite or not a number.
    #[error("tensor `{name}` holds {value} at position {position}; every weight must be finite")]
    NonFinite {
        /// The tensor's name.
        name: String,
        /// Position in the tensor, row-major.
        position: usize,
        /// `NaN`, `inf` or `-inf`.
        value: String,
    },
    /// The file is no safetensors file.
    #[error("not a safetensors file: {reason}")]
    Malformed {
        /// What the reader says.
        reason: String,
    },
    /// The file is not what was written.
    #[error("damaged since it was written: its SHA-256 is {found}, expected {expected}")]
    Damaged {
        /// The digest in the file.
        expected: String,
        /// The digest of the file.
        found: String,
    },
    /// The file has no usable configuration in its metadata.
    #[error("the file's metadata holds no usable `config`: {reason}")]
    NoConfig {
        /// What is missing or cannot be read.
        reason: String,
    },
    /// A tensor that the configuration asks for is not in the file.
    #[error("tensor `{name}` is missing")]
    MissingTensor {
        /// The tensor's name.
        name: String,
    },
    /// The file has a tensor that the configuration does not know.
    #[error("tensor `{name}` does not belong to this model")]
    UnknownTensor {
        /// The tensor's name.
        name: String,
    },
    /// A tensor has another element type than 32-bit floats.
    #[error("tensor `{name}` holds {found}, expected F32")]
    ElementType {
        /// The tensor's name.
        name: String,
        /// The type found, as safetensors names it.
        found: String,
    },
}
