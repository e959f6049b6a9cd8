//! The arguments of functions that take a signal sample by sample.

use ae_core::Samples;
use datafusion::arrow::array::{Array as _, BooleanArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;

use crate::error::FunctionError;
use crate::model::Model;
use crate::scalar::model_type;
use crate::windows::{Lists, check_list};

/// What there is in a row.
pub(crate) enum Row<'a> {
    /// A sample, and whether the signal was interrupted before it.
    Sample(Samples<'a>, bool),
    /// None: the signal is interrupted.
    Gap,
}

/// Checks the types of `model`, `sample` and `restart`, and says which they are read as.
pub(crate) fn coerce(function: &'static str, found: &[DataType]) -> Result<Vec<DataType>> {
    let (model, sample, restart) = match found {
        [model, sample] => (model, sample, None),
        [model, sample, restart] => (model, sample, Some(restart)),
        _ => {
            let expected = "a model, a sample, and perhaps whether the signal was interrupted";
            return Err(FunctionError::Count { function, expected, found: found.len() }.into());
        }
    };
    check_list(function, "sample", sample)?;
    let mut types = vec![model_type(function, model)?, sample.clone()];
    if let Some(restart) = restart {
        if !matches!(restart, DataType::Boolean | DataType::Null) {
            let (argument, expected) = ("restart", "a Boolean");
            let found = restart.clone();
            return Err(FunctionError::Argument { function, argument, expected, found }.into());
        }
        types.push(DataType::Boolean);
    }
    Ok(types)
}

/// What there is in a row, for a model.
pub(crate) fn row<'a>(
    model: &Model,
    samples: &Lists<'a>,
    restarts: Option<&BooleanArray>,
    row: usize,
) -> Result<Row<'a>, FunctionError> {
    let Some(range) = samples.range(row)? else { return Ok(Row::Gap) };
    let (digest, shape) = (model.digest(), model.shape());
    let (found, expected) = (range.len(), shape.channels);
    if found != expected {
        return Err(FunctionError::Channels { row, found, digest, expected });
    }
    let (found, expected) = (samples.values().kind(), shape.kind);
    if found != expected {
        return Err(FunctionError::Kind { found, digest, expected });
    }
    let restarts = restarts.is_some_and(|it| it.is_valid(row) && it.value(row));
    Ok(Row::Sample(samples.values().slice(range), restarts))
}
