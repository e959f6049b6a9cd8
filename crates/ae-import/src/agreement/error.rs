//! Why a blob is not compared with a runtime.

use ae_engine::EngineError;

/// Why a comparison cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AgreementError {
    /// The blob cannot be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Another number of values.
    #[error("{what} has {found} values in a sample, expected {expected}")]
    Width {
        /// Inputs or outputs.
        what: &'static str,
        /// The model's.
        expected: usize,
        /// Found.
        found: usize,
    },
    /// Another number of samples.
    #[error("there are {inputs} samples of inputs and {outputs} of outputs")]
    Samples {
        /// Of inputs.
        inputs: usize,
        /// Of outputs.
        outputs: usize,
    },
    /// A layer gives another number of values.
    #[error(
        "layer {layer} gives {expected} values for a sample, and the array of its outputs has {found}"
    )]
    LayerWidth {
        /// Its number, the encoder's layers first.
        layer: usize,
        /// The layer's.
        expected: usize,
        /// Found.
        found: usize,
    },
    /// Real numbers, where a blob does not say what its integers stand for.
    #[error("the outputs of layer {layer} are compared as integers of 8 bits, found float32")]
    LayerCodes {
        /// Its number, the encoder's layers first.
        layer: usize,
    },
    /// A layer without a counterpart.
    #[error("no operator of the model's file gives what layer {layer} gives")]
    Layer {
        /// Its number, the encoder's layers first.
        layer: usize,
    },
    /// A blob that says nothing of its layers.
    #[error(
        "the blob does not say where its file has the layers: it was imported by an older program, \
         quantised here, or not imported at all; its last output can be compared"
    )]
    NoLayers,
    /// Numbers that do not say what they are.
    #[error("{what} of an f32 model are float32, found integers of 8 bits")]
    Type {
        /// Inputs or outputs.
        what: &'static str,
    },
}
