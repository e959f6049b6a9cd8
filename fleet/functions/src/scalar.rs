//! Functions of a window: `ae_score`, `ae_exceeds`, `ae_channel`, `ae_evidence`, `ae_encode`.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use ae_infer::Evidence;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Int8Array, ListArray, StructArray, UInt32Array,
    UInt64Array, new_null_array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{cast, concat};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use crate::bytes::as_lists;
use crate::error::FunctionError;
use crate::model::Model;
use crate::models::Models;
use crate::score::{evidences, latents};
use crate::windows::{Lists, check_window};

/// What a function gives of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Gives {
    Score,
    Exceeds,
    Channel,
    Evidence,
    Encode,
}

impl Gives {
    pub(crate) const ALL: [Self; 5] =
        [Self::Score, Self::Exceeds, Self::Channel, Self::Evidence, Self::Encode];

    const fn function(self) -> &'static str {
        match self {
            Self::Score => "ae_score",
            Self::Exceeds => "ae_exceeds",
            Self::Channel => "ae_channel",
            Self::Evidence => "ae_evidence",
            Self::Encode => "ae_encode",
        }
    }

    fn of(self) -> DataType {
        match self {
            Self::Score => DataType::UInt64,
            Self::Exceeds => DataType::Boolean,
            Self::Channel => DataType::UInt32,
            Self::Evidence => DataType::Struct(evidence_fields()),
            Self::Encode => DataType::new_list(DataType::Int8, false),
        }
    }
}

/// The fields of all that is known of a window. Without a detection section there is no threshold. Of a
/// window that is NULL each is NULL: a query that takes a field out of a struct looks at the field alone.
pub(crate) fn evidence_fields() -> Fields {
    Fields::from(vec![
        Field::new("score", DataType::UInt64, true),
        Field::new("threshold", DataType::UInt64, true),
        Field::new("channel", DataType::UInt32, true),
        Field::new("channel_score", DataType::UInt64, true),
    ])
}

/// A channel as a column has it. Models have at most 65,535 values.
pub(crate) fn channel(evidence: &Evidence) -> u32 {
    u32::try_from(evidence.channel).unwrap_or(u32::MAX)
}

/// A function of the model and a window.
#[derive(Debug)]
pub(crate) struct WindowScalar {
    gives: Gives,
    models: Arc<Models>,
    signature: Signature,
}

impl WindowScalar {
    pub(crate) fn new(gives: Gives, models: Arc<Models>) -> Self {
        Self { gives, models, signature: Signature::user_defined(Volatility::Immutable) }
    }

    /// What it gives of the windows in some rows, by one model.
    fn give(&self, model: &Model, column: &ArrayRef, rows: Range<usize>) -> Result<ArrayRef> {
        let lists = as_lists(column, model.kind())?;
        let Some(windows) = Lists::of(self.gives.function(), "window", &lists)? else {
            return Ok(self.nothing(rows.len()));
        };
        if self.gives == Gives::Encode {
            return encode(model, &windows, rows);
        }
        if self.gives == Gives::Exceeds {
            model.detector()?;
        }
        let found = evidences(model, &windows, rows)?;
        let found = found.iter();
        Ok(match self.gives {
            Gives::Score => {
                Arc::new(found.map(|it| it.map(|it| it.score)).collect::<UInt64Array>())
            }
            Gives::Exceeds => {
                Arc::new(found.map(|it| it.map(|it| it.exceeds())).collect::<BooleanArray>())
            }
            Gives::Channel => {
                Arc::new(found.map(|it| it.as_ref().map(channel)).collect::<UInt32Array>())
            }
            Gives::Evidence | Gives::Encode => {
                let nulls: NullBuffer = found.clone().map(Option::is_some).collect();
                let number = |of: fn(&Evidence) -> u64| -> UInt64Array {
                    found.clone().map(|it| it.as_ref().map(of)).collect()
                };
                let thresholds = match model.detection() {
                    Some(_) => number(|it| it.threshold),
                    None => UInt64Array::new_null(found.len()),
                };
                let channels: UInt32Array =
                    found.clone().map(|it| it.as_ref().map(channel)).collect();
                let columns: Vec<ArrayRef> = vec![
                    Arc::new(number(|it| it.score)),
                    Arc::new(thresholds),
                    Arc::new(channels),
                    Arc::new(number(|it| it.channel_score)),
                ];
                Arc::new(StructArray::try_new(evidence_fields(), columns, Some(nulls))?)
            }
        })
    }
}

fn encode(model: &Model, windows: &Lists<'_>, rows: Range<usize>) -> Result<ArrayRef> {
    let latents = latents(model, windows, rows.clone())?;
    let is_there: Vec<bool> = rows.map(|row| !windows.is_null(row)).collect();
    let lengths = is_there.iter().map(|&it| if it { model.latent() } else { 0 });
    let offsets = OffsetBuffer::from_lengths(lengths);
    let field = Arc::new(Field::new_list_field(DataType::Int8, false));
    let values = Arc::new(Int8Array::from(latents));
    Ok(Arc::new(ListArray::try_new(field, offsets, values, Some(is_there.into()))?))
}

impl PartialEq for WindowScalar {
    fn eq(&self, other: &Self) -> bool {
        self.gives == other.gives && Arc::ptr_eq(&self.models, &other.models)
    }
}

impl Eq for WindowScalar {}

impl Hash for WindowScalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.gives.hash(state);
    }
}

impl ScalarUDFImpl for WindowScalar {
    fn name(&self) -> &str {
        self.gives.function()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let function = self.gives.function();
        let [model, window] = found else {
            let expected = "a model and a window";
            return Err(FunctionError::Count { function, expected, found: found.len() }.into());
        };
        check_window(function, window)?;
        Ok(vec![model_type(function, model)?, window.clone()])
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.gives.of())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (function, rows) = (self.gives.function(), arguments.number_rows);
        let [model, window] = &*arguments.args else {
            let (expected, found) = ("a model and a window", arguments.args.len());
            return Err(FunctionError::Count { function, expected, found }.into());
        };
        let (column, rows, is_constant) = match (window, model) {
            (ColumnarValue::Array(column), _) => (Arc::clone(column), rows, false),
            // One window for many models.
            (ColumnarValue::Scalar(one), ColumnarValue::Array(_)) => {
                (one.to_array_of_size(rows)?, rows, false)
            }
            (ColumnarValue::Scalar(one), ColumnarValue::Scalar(_)) => (one.to_array()?, 1, true),
        };
        let found = match model {
            // A NULL without a type is no window of any model.
            _ if *column.data_type() == DataType::Null => self.nothing(rows),
            ColumnarValue::Scalar(name) => match text(name) {
                Some(name) => self.give(&*self.model(name)?, &column, 0..rows)?,
                None => self.nothing(rows),
            },
            ColumnarValue::Array(names) => {
                let names = cast(names, &DataType::Utf8)?;
                let names = names.as_string::<i32>();
                let mut found: Vec<ArrayRef> = Vec::new();
                for of_one in alike(names.iter()) {
                    found.push(match names.is_valid(of_one.start) {
                        true => {
                            let model = self.model(names.value(of_one.start))?;
                            self.give(&model, &column, of_one)?
                        }
                        false => self.nothing(of_one.len()),
                    });
                }
                match found.is_empty() {
                    true => self.nothing(0),
                    false => concat(&found.iter().map(AsRef::as_ref).collect::<Vec<_>>())?,
                }
            }
        };
        Ok(match is_constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?),
            false => ColumnarValue::Array(found),
        })
    }
}

impl WindowScalar {
    /// NULL in some rows.
    fn nothing(&self, rows: usize) -> ArrayRef {
        new_null_array(&self.gives.of(), rows)
    }

    fn model(&self, name: &str) -> Result<Arc<Model>, FunctionError> {
        Ok(self.models.get(&name.parse()?)?)
    }
}

/// The text of a scalar.
pub(crate) fn text(of: &ScalarValue) -> Option<&str> {
    of.try_as_str().flatten()
}

/// The type that a model's name is given in.
pub(crate) fn model_type(function: &'static str, found: &DataType) -> Result<DataType> {
    match found {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => {
            Ok(DataType::Utf8)
        }
        // Parquet's text where it repeats.
        DataType::Dictionary(_, of) => model_type(function, of),
        found => {
            let (argument, expected, found) = ("model", "text", found.clone());
            Err(FunctionError::Argument { function, argument, expected, found }.into())
        }
    }
}

/// The places of neighbours that are alike.
fn alike<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for (at, one) in all.enumerate() {
        match ranges.last_mut() {
            Some(range) if last.as_ref() == Some(&one) => range.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
        last = Some(one);
    }
    ranges
}
