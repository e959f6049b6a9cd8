//! `ae_decisions`: a detector along a signal.

use std::sync::Arc;

use ae_core::Samples;
use datafusion::arrow::array::{ArrayRef, BooleanArray, StructArray, UInt32Array, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{Result, ScalarValue};

use crate::error::FunctionError;
use crate::feed::Feed;
use crate::model::Model;
use crate::scalar::channel;
use crate::stream::Follow;

/// The fields of a decision.
fn fields() -> Fields {
    Fields::from(vec![
        Field::new("score", DataType::UInt64, true),
        Field::new("threshold", DataType::UInt64, true),
        Field::new("channel", DataType::UInt32, true),
        Field::new("channel_score", DataType::UInt64, true),
        Field::new("exceeds", DataType::Boolean, true),
        Field::new("alarm", DataType::Boolean, true),
        Field::new("apart", DataType::Boolean, true),
    ])
}

/// The type of a decision.
pub(crate) fn decision_type() -> DataType {
    DataType::Struct(fields())
}

/// The detector of a device.
#[derive(Debug)]
pub(crate) struct Decide {
    feed: Feed,
    fields: Fields,
}

impl Decide {
    pub(crate) fn new(model: &Model) -> Result<Self, FunctionError> {
        Ok(Self { feed: Feed::new(model)?, fields: fields() })
    }
}

impl Follow for Decide {
    fn take(&mut self, sample: Samples<'_>) -> Result<Option<ScalarValue>> {
        let decided = self.feed.push(sample).map_err(FunctionError::from)?;
        let Some((decision, is_apart)) = decided else { return Ok(None) };
        let evidence = decision.evidence();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt64Array::from(vec![evidence.score])),
            Arc::new(UInt64Array::from(vec![evidence.threshold])),
            Arc::new(UInt32Array::from(vec![channel(evidence)])),
            Arc::new(UInt64Array::from(vec![evidence.channel_score])),
            Arc::new(BooleanArray::from(vec![evidence.exceeds()])),
            Arc::new(BooleanArray::from(vec![decision.is_alarm()])),
            Arc::new(BooleanArray::from(vec![is_apart])),
        ];
        let one = StructArray::try_new(self.fields.clone(), columns, None)?;
        Ok(Some(ScalarValue::Struct(Arc::new(one))))
    }

    fn restart(&mut self) {
        self.feed.reset();
    }
}
