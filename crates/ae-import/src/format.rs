//! Which format a file has, by its content.

use std::fmt;

use crate::{ImportError, ReadOptions, SourceModel, onnx, tflite};

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceFormat {
    /// A FlatBuffers file with the identifier `TFL3`.
    TensorFlowLite,
    /// A protobuf `ModelProto`.
    Onnx,
    /// HDF5, as Keras 2 writes it.
    KerasHdf5,
    /// A zip archive with `config.json` and `model.weights.h5`, as Keras 3 writes it.
    KerasArchive,
    /// Tensors with a JSON header.
    Safetensors,
    /// A zip archive with a pickle `data.pkl`, as PyTorch's `save` writes it.
    PyTorch,
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TensorFlowLite => "TensorFlow Lite",
            Self::Onnx => "ONNX",
            Self::KerasHdf5 => "Keras HDF5",
            Self::KerasArchive => "Keras",
            Self::Safetensors => "safetensors",
            Self::PyTorch => "PyTorch",
        })
    }
}

/// Reads a model file of any format that is known.
///
/// # Errors
/// The format is not known, the file is damaged, or something in it is not understood.
pub fn read(bytes: &[u8], _options: &ReadOptions) -> Result<SourceModel, ImportError> {
    if tflite::is(bytes) {
        return tflite::read(bytes);
    }
    // Last, since it has no mark that it begins with.
    if onnx::is(bytes) {
        return onnx::read(bytes);
    }
    let first = bytes.get(..8.min(bytes.len())).unwrap_or_default();
    Err(ImportError::UnknownFormat { found: first.escape_ascii().to_string() })
}
