//! Models of Keras, versions 2 and 3.

mod config;
mod graph;
mod hdf5;
mod layer;
mod nodes;
mod weights;

use serde_json::Value as Json;

use self::hdf5::Hdf5;
use self::weights::Weights;
use crate::archive::Archive;
use crate::tensor::Budget;
use crate::{ImportError, SourceFormat, SourceModel, Value};

/// Most bytes of a configuration. A layer takes about 1,000, and as JSON up to a hundred times as
/// much memory.
const MOST_CONFIG: usize = 512 << 10;

const SAVE: &str = "write model and weights with `model.save(\"model.keras\")`";

/// The files of a `.keras` archive.
const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.weights.h5";

/// Whether an archive is one of Keras 3.
pub(crate) fn is_archive(archive: &Archive<'_>) -> bool {
    archive.has(CONFIG) && archive.has(WEIGHTS)
}

/// Reads a `.keras` archive.
pub(crate) fn read_archive(archive: &Archive<'_>) -> Result<SourceModel, ImportError> {
    let format = SourceFormat::KerasArchive;
    let config = archive.file(CONFIG, format)?;
    let text = std::str::from_utf8(config).map_err(|error| {
        ImportError::malformed(format, format!("`{CONFIG}`"), error.to_string())
    })?;
    let config = json(text, format, CONFIG)?;
    let weights = archive.file(WEIGHTS, format)?;
    let file = Hdf5::open(weights, format)?;
    read(&config, Weights::numbered(file, Budget::of(weights)), format)
}

/// Reads an HDF5 file with a model, as Keras 2 writes it.
pub(crate) fn read_hdf5(bytes: &[u8]) -> Result<SourceModel, ImportError> {
    let format = SourceFormat::KerasHdf5;
    let file = Hdf5::open(bytes, format)?;
    let Some(config) = file.text("model_config")? else {
        let is_of_weights = file.has_attribute("layer_names")? || file.has("layers");
        return Err(if is_of_weights {
            ImportError::unfit("the file holds a Keras model's weights, without the model", SAVE)
        } else {
            ImportError::unfit("the HDF5 file holds no Keras model", SAVE)
        });
    };
    let config = json(&config, format, "model_config")?;
    read(&config, Weights::named(file, Budget::of(bytes)), format)
}

fn json(text: &str, format: SourceFormat, place: &str) -> Result<Json, ImportError> {
    let damaged = |reason| ImportError::malformed(format, format!("`{place}`"), reason);
    if text.len() > MOST_CONFIG {
        let found = text.len();
        let reason = format!("it has {found} bytes; at most {MOST_CONFIG} were expected");
        return Err(damaged(reason));
    }
    serde_json::from_str(text).map_err(|error| damaged(error.to_string()))
}

fn read(
    config: &Json,
    weights: Weights<'_>,
    format: SourceFormat,
) -> Result<SourceModel, ImportError> {
    let chain = graph::chain(config, format)?;
    let input = chain.shape.unwrap_or_default();
    let (operators, output) = layer::translate(&chain.layers, input.clone(), weights)?;
    let last = operators.last().map(|last| last.name.clone()).unwrap_or_default();
    Ok(SourceModel {
        format,
        channels_first: false,
        input: value(chain.input, input),
        operators,
        output: value(last, output),
    })
}

/// A value of real numbers, whose shape is empty where a size is not known.
fn value(name: String, shape: Vec<Option<usize>>) -> Value {
    let shape = shape.into_iter().collect::<Option<_>>().unwrap_or_default();
    Value { name, shape, codes: None }
}
