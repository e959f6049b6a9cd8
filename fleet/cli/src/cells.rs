//! Cells of a result's rows.

use anyhow::Context;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{ArrowPrimitiveType, Float64Type, Int64Type, UInt64Type};
use datafusion::arrow::json::ArrayWriter;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;

/// Rows of a few columns, by the columns' places.
pub(crate) struct Cells {
    batches: Vec<RecordBatch>,
}

/// A row of [`Cells`].
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl Cells {
    pub(crate) fn new(batches: Vec<RecordBatch>) -> Self {
        Self { batches }
    }

    /// All rows, in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.batches
            .iter()
            .flat_map(|batch| (0..batch.num_rows()).map(move |row| Row { batch, row }))
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The rows as objects.
    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        json(&self.batches)
    }
}

/// Rows as objects of JSON.
pub(crate) fn json(batches: &[RecordBatch]) -> anyhow::Result<Value> {
    let mut writer = ArrayWriter::new(Vec::new());
    let batches: Vec<&RecordBatch> = batches.iter().filter(|of| of.num_rows() > 0).collect();
    writer.write_batches(&batches).context("the rows are no JSON")?;
    writer.finish().context("the rows are no JSON")?;
    let text = writer.into_inner();
    if text.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    serde_json::from_slice(&text).context("the rows are no JSON")
}

impl Row<'_> {
    /// The cell as text; a dash where there is none.
    pub(crate) fn text(self, column: usize) -> String {
        let array = self.batch.column(column);
        if array.is_null(self.row) {
            return "–".to_owned();
        }
        let options = FormatOptions::default();
        let formatter = ArrayFormatter::try_new(array, &options);
        formatter.map_or_else(|_| "?".to_owned(), |of| of.value(self.row).to_string())
    }

    /// A number without a sign; `None` where there is none.
    pub(crate) fn unsigned(self, column: usize) -> Option<u64> {
        match self.primitive::<UInt64Type>(column) {
            Some(number) => Some(number),
            None => u64::try_from(self.primitive::<Int64Type>(column)?).ok(),
        }
    }

    /// A real number.
    pub(crate) fn real(self, column: usize) -> Option<f64> {
        self.primitive::<Float64Type>(column)
    }

    fn primitive<T: ArrowPrimitiveType>(self, column: usize) -> Option<T::Native> {
        let array = self.batch.column(column).as_primitive_opt::<T>()?;
        array.is_valid(self.row).then(|| array.value(self.row))
    }
}
