//! `ae_drift`: whether normal has changed along the scores of a device.

use std::ops::Range;
use std::sync::Arc;

use ae_infer::Drift;
use datafusion::arrow::array::{
    Array as _, ArrayRef, AsArray as _, BooleanArray, Float64Array, StructArray, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Float64Type, UInt64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{PartitionEvaluator, Signature, Volatility, WindowUDFImpl};

use crate::error::FunctionError;
use crate::threshold::{ppm, score_type};

/// Scores that divide the line into bins: as many as the project's monitors for boards take.
const EDGES: usize = 11;

const NAME: &str = "ae_drift";

fn fields() -> Fields {
    Fields::from(vec![
        Field::new("windows", DataType::UInt64, true),
        Field::new("wealth", DataType::Float64, true),
        Field::new("drifted", DataType::Boolean, true),
    ])
}

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct DriftFunction {
    signature: Signature,
}

impl DriftFunction {
    pub(crate) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl WindowUDFImpl for DriftFunction {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let [score, delta] = found else {
            let (expected, found) = ("a score and a probability", found.len());
            return Err(FunctionError::Count { function: NAME, expected, found }.into());
        };
        if !delta.is_numeric() {
            let (argument, expected, found) = ("delta", "a number", delta.clone());
            return Err(
                FunctionError::Argument { function: NAME, argument, expected, found }.into()
            );
        }
        Ok(vec![score_type(NAME, score)?, DataType::Float64])
    }

    fn field(&self, arguments: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(arguments.name(), DataType::Struct(fields()), true)))
    }

    fn partition_evaluator(
        &self,
        _arguments: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        let nothing = ScalarValue::try_from(&DataType::Struct(fields()))?;
        Ok(Box::new(Watching { drift: None, windows: 0, fields: fields(), nothing }))
    }
}

/// The scores of a partition.
#[derive(Debug)]
struct Watching {
    drift: Option<Drift<EDGES>>,
    /// Scores so far.
    windows: u64,
    fields: Fields,
    /// At a score that is NULL.
    nothing: ScalarValue,
}

impl PartitionEvaluator for Watching {
    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let [scores, deltas] = values else {
            let (expected, found) = ("a score and a probability", values.len());
            return Err(FunctionError::Count { function: NAME, expected, found }.into());
        };
        let (row, scores) = (range.start, scores.as_primitive::<UInt64Type>());
        if scores.is_null(row) {
            return Ok(self.nothing.clone());
        }
        let drift = match &mut self.drift {
            Some(drift) => drift,
            None => {
                let deltas = deltas.as_primitive::<Float64Type>();
                let delta = deltas.is_valid(row).then(|| deltas.value(row));
                let delta = ppm(NAME, "delta", delta.unwrap_or(f64::NAN))?;
                let drift = Drift::new(delta).map_err(|error| FunctionError::Constant {
                    function: NAME,
                    argument: "delta",
                    expected: "a probability",
                    found: error.to_string(),
                })?;
                self.drift.insert(drift)
            }
        };
        drift.take(scores.value(row));
        self.windows += 1;
        // At least 1 until there are bets: what the gambler began with.
        let wealth = drift.wealth() as f64 / Drift::<EDGES>::UNIT as f64;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt64Array::from(vec![self.windows])),
            Arc::new(Float64Array::from(vec![wealth])),
            Arc::new(BooleanArray::from(vec![drift.has_drifted()])),
        ];
        let one = StructArray::try_new(self.fields.clone(), columns, None)?;
        Ok(ScalarValue::Struct(Arc::new(one)))
    }

    fn supports_bounded_execution(&self) -> bool {
        true
    }

    fn is_causal(&self) -> bool {
        true
    }
}
