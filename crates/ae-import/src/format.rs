//! Which format a file has, by its content.

use std::fmt;

use crate::archive::Archive;
use crate::{ImportError, ReadOptions, SourceModel, keras, onnx, tflite, torch};

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
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<SourceModel, ImportError> {
    if tflite::is(bytes) {
        return tflite::read(bytes);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return read_zip(bytes, options);
    }
    if torch::is_safetensors(bytes) {
        return torch::read_safetensors(bytes, options);
    }
    if let Some(refusal) = torch::refuse_pickle(bytes) {
        return Err(refusal);
    }
    // An HDF5 file may begin behind other bytes, and stands in an archive of Keras.
    if hdf5_pure::is_hdf5_bytes(bytes) {
        return keras::read_hdf5(bytes);
    }
    // Last, since it has no mark that it begins with.
    if onnx::is(bytes) {
        return onnx::read(bytes);
    }
    let first = bytes.get(..8.min(bytes.len())).unwrap_or_default();
    Err(ImportError::UnknownFormat { found: first.escape_ascii().to_string() })
}

/// What a zip archive is, its files tell.
fn read_zip(bytes: &[u8], options: &ReadOptions) -> Result<SourceModel, ImportError> {
    let archive = Archive::new(bytes).map_err(|reason| {
        ImportError::unfit(
            format!("the zip archive is damaged: {reason}"),
            "copy it again, or write it again",
        )
    })?;
    if keras::is_archive(&archive) {
        return keras::read_archive(&archive);
    }
    if torch::is_archive(&archive) {
        return torch::read_archive(bytes, &archive, options);
    }
    let names: Vec<String> = archive.names().take(5).map(|name| format!("`{name}`")).collect();
    Err(ImportError::unfit(
        format!("the zip archive holds no model that is known, but {}", names.join(", ")),
        "give the model's own file",
    ))
}
