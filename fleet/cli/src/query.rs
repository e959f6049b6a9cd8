//! A query over files, and which of them is at fault where it fails.

use std::sync::Arc;

use anyhow::anyhow;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{SchemaRef, UInt64Type};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;

use crate::engine::Engine;
use crate::input::Input;
use crate::progress::Progress;
use crate::terminal::tell;
use crate::{quote, sizes, trouble};

/// The table of a file that is looked at by itself.
const ONE: &str = "ae_one_file";

/// Something that takes what a query gives.
pub(crate) trait Sink {
    /// The columns, before the first rows.
    fn begin(&mut self, schema: &SchemaRef) -> anyhow::Result<()>;
    /// Some rows.
    fn take(&mut self, rows: &RecordBatch) -> anyhow::Result<()>;
}

/// Keeps all rows, of which there are few.
#[derive(Default)]
struct Kept(Vec<RecordBatch>);

impl Sink for Kept {
    fn begin(&mut self, _: &SchemaRef) -> anyhow::Result<()> {
        Ok(())
    }

    fn take(&mut self, rows: &RecordBatch) -> anyhow::Result<()> {
        self.0.push(rows.clone());
        Ok(())
    }
}

/// Asks about one input.
pub(crate) struct Asker<'a> {
    /// Where queries run.
    pub(crate) engine: &'a Engine,
    /// What they read.
    pub(crate) input: &'a Input,
    /// Expressions that fail for the file that makes a query fail.
    pub(crate) probe: Vec<String>,
    /// The length of a window.
    pub(crate) length: Option<&'a Length>,
}

/// What a window's length must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Length {
    /// The expression that gives it.
    pub(crate) found: String,
    /// What it must be.
    pub(crate) expected: usize,
    /// What is counted.
    pub(crate) unit: &'static str,
}

impl Asker<'_> {
    /// All rows of a query that has few; `what` is shown beside the bar.
    pub(crate) async fn rows(&self, sql: &str, what: &str) -> anyhow::Result<Vec<RecordBatch>> {
        let mut kept = Kept::default();
        self.each(sql, what, &mut kept).await?;
        Ok(kept.0)
    }

    /// Shows the rows of a query to `sink`, as they come.
    pub(crate) async fn each(
        &self,
        sql: &str,
        what: &str,
        sink: &mut impl Sink,
    ) -> anyhow::Result<()> {
        match run(self.engine, sql, self.input.rows, what, sink).await {
            Ok(()) => Ok(()),
            Err(Failure::Sink(error)) => Err(error),
            Err(Failure::Engine(error)) => Err(self.told(error).await),
        }
    }

    /// The error, with the file that is at fault where one is found.
    async fn told(&self, error: DataFusionError) -> anyhow::Error {
        if trouble::is_of_data(&error)
            && let Some(culprit) = self.culprit().await
        {
            return culprit;
        }
        anyhow!("{}", trouble::sentence(&error))
    }

    /// The first file that cannot be read or scored by itself, and why.
    async fn culprit(&self) -> Option<anyhow::Error> {
        if self.engine.is_remote {
            return None;
        }
        let counts: Vec<String> = self.probe.iter().map(|of| format!("count({of})")).collect();
        let sql = format!("SELECT {} FROM {ONE}", counts.join(", "));
        let alone = self.engine.alone();
        for file in &self.input.files {
            let context = &alone.context;
            let _ = context.deregister_table(ONE);
            context.register_table(ONE, self.input.one(file).ok()?).ok()?;
            let what = "looking for the fault";
            let Err(Failure::Engine(error)) =
                run(&alone, &sql, None, what, &mut Kept::default()).await
            else {
                continue;
            };
            let name = &file.name;
            return Some(match self.wrong_window(&alone).await {
                Some(wrong) => anyhow!("{name}: {wrong}; mend it, or leave the file out of --data"),
                None => anyhow!(
                    "{name}: {}; write the file anew, or leave it out of --data",
                    trouble::sentence(&error)
                ),
            });
        }
        None
    }

    /// The first window of a file that has another length than the model takes.
    async fn wrong_window(&self, alone: &Engine) -> Option<String> {
        let Length { found, expected, unit } = self.length?;
        let sql = format!(
            "SELECT place, found FROM (SELECT row_number() OVER () AS place, \
             arrow_cast({found}, 'UInt64') AS found FROM {ONE}) AS lengths \
             WHERE found <> {expected} LIMIT 1"
        );
        let mut kept = Kept::default();
        run(alone, &sql, None, "looking for the row", &mut kept).await.ok()?;
        let batch = kept.0.iter().find(|batch| batch.num_rows() > 0)?;
        let number = |column: usize| {
            batch.column(column).as_primitive_opt::<UInt64Type>().map(|of| of.value(0))
        };
        let (row, found) = (number(0)?, number(1)?);
        Some(format!("the window in row {row} has {found} {unit}, expected {expected}"))
    }
}

/// The columns of a probe.
pub(crate) fn columns<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(quote::name).collect()
}

/// Which of both failed.
pub(crate) enum Failure {
    /// The query.
    Engine(DataFusionError),
    /// What takes its rows.
    Sink(anyhow::Error),
}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        Self::Engine(error)
    }
}

/// Runs a query, and shows its rows to `sink`.
pub(crate) async fn run(
    engine: &Engine,
    sql: &str,
    rows: Option<u64>,
    what: &str,
    sink: &mut impl Sink,
) -> Result<(), Failure> {
    let plan = engine.context.sql(sql).await?.create_physical_plan().await?;
    let _progress = Progress::of(&plan, rows.filter(|_| !engine.is_remote), what);
    let mut stream = execute_stream(Arc::clone(&plan), engine.context.task_ctx())?;
    sink.begin(&stream.schema()).map_err(Failure::Sink)?;
    while let Some(batch) = stream.next().await {
        sink.take(&batch?).map_err(Failure::Sink)?;
    }
    let spilled = spilled_bytes(&plan);
    if spilled > 0 {
        tell(format_args!(
            "note: {} did not fit the memory and went over the disk; --memory-limit gives more",
            sizes::show(spilled)
        ));
    }
    Ok(())
}

/// Bytes that a plan has written to the disk and read again.
fn spilled_bytes(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    let own = plan.metrics().and_then(|metrics| metrics.spilled_bytes()).unwrap_or(0) as u64;
    own + plan.children().into_iter().map(spilled_bytes).sum::<u64>()
}

/// Runs a query over several inputs or none.
pub(crate) async fn small(engine: &Engine, sql: &str, sink: &mut impl Sink) -> anyhow::Result<()> {
    match run(engine, sql, None, "asking", sink).await {
        Ok(()) => Ok(()),
        Err(Failure::Sink(error)) => Err(error),
        Err(Failure::Engine(error)) => Err(anyhow!("{}", trouble::sentence(&error))),
    }
}
