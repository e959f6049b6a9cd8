//! `ae-fleet score`.

use std::path::PathBuf;

use anyhow::bail;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use serde_json::json;

use crate::engine::{Engine, EngineArgs};
use crate::model::Model;
use crate::output::Output;
use crate::query::Sink;
use crate::reading::{DataArgs, Need, Reading};
use crate::terminal::{print, print_json, tell};
use crate::{Outcome, quote};

/// Score every window of an archive, and write the scores.
///
/// Where rows are windows, each gets `score`, `threshold`, `channel` and `exceeds`; a model without a
/// detector gives the score alone. Where they are samples, there is a row for each decision, with
/// `alarm` too, as the board decides. The rows come in no order, since all cores write; --sorted puts
/// them in that of --device and --time.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A blob of `ae-train`.
    #[arg(long, value_name = "BLOB")]
    model: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// The file of scores, which ends with .parquet, .csv or .arrow. One that is there is replaced
    /// when the new one is whole.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Columns that are written beside the scores; without it, all but those of windows and samples.
    #[arg(long, value_name = "COLUMN", num_args = 1..)]
    keep: Vec<String>,
    /// Write the rows in order of --device, and then of --time.
    #[arg(long)]
    sorted: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let model = Model::read(&args.model)?;
    let models = [&model];
    let engine = Engine::new(&args.engine, &models, &[]).await?;
    let endpoint = args.engine.s3_endpoint.as_deref();
    let reading = Reading::open(&engine, &args.data, &models, endpoint).await?;
    let output = Output::create(&args.out, &[&reading.input], &[&args.model])?;
    let kept = reading.kept(&args.keep)?;
    let sql = query(&reading, &model, &kept, args.sorted)?;
    let mut counted = Counted { output, exceeding: 0, alarms: 0 };
    reading.asker(&engine, &models).each(&sql, "scoring", &mut counted).await?;
    let Counted { output, exceeding, alarms } = counted;
    let rows = output.finish()?;
    if let Some(of) = model.detector.filter(|_| rows == 0 && reading.has_alarms()) {
        tell(format_args!(
            "note: no window is whole: each takes {} samples in a row of one device, with no gap \
             between them",
            of.window
        ));
    }
    if args.json {
        print_json(&json!({
            "model": model.digest.to_string(),
            "files": reading.input.files.len(),
            "rows": rows,
            "exceeding": model.detector.map(|_| exceeding),
            "alarms": reading.has_alarms().then_some(alarms),
            "out": args.out.display().to_string(),
        }))?;
        return Ok(Outcome::Success);
    }
    let (files, unit) = (reading.input.files.len(), reading.unit());
    let what = match (model.detector, reading.has_alarms()) {
        (Some(of), false) => format!(", {exceeding} above the threshold {}", of.threshold),
        (Some(of), true) => {
            format!(", {exceeding} above the threshold {}, {alarms} with an alarm", of.threshold)
        }
        (None, _) => String::new(),
    };
    let s = if files == 1 { "" } else { "s" };
    print(format_args!("{rows} {unit} of {files} file{s}{what}, in {}", args.out.display()))?;
    Ok(Outcome::Success)
}

/// The query that gives the file's rows.
fn query(
    reading: &Reading,
    model: &Model,
    kept: &[String],
    sorted: bool,
) -> anyhow::Result<String> {
    let mut named: Vec<&str> = kept.iter().map(String::as_str).collect();
    let mut columns: Vec<String> = named.iter().map(|name| quote::name(name)).collect();
    let mut add = |name: &str, expression: String| {
        if kept.iter().any(|kept| kept == name) {
            bail!(
                "the data has a column {name:?}, and so would the scores; name the columns to keep \
                 with --keep, without it"
            );
        }
        columns.push(format!("{expression} AS {}", quote::name(name)));
        Ok(())
    };
    add("score", reading.score(0, Need::Evidence))?;
    if let Some(of) = &model.detector {
        add("threshold", quote::unsigned(of.threshold))?;
        add("channel", Reading::field(0, "channel"))?;
        let score = reading.score(0, Need::Evidence);
        let exceeds = format!("({score}) > {}", quote::unsigned(of.threshold));
        add("exceeds", exceeds)?;
    }
    if reading.has_alarms() {
        add("alarm", Reading::field(0, "alarm"))?;
    }
    let order: Vec<&str> =
        [&reading.device, &reading.time].into_iter().filter_map(|name| name.as_deref()).collect();
    if sorted && order.is_empty() {
        bail!("--sorted needs --device or --time, which say the order");
    }
    let order = if sorted { order } else { Vec::new() };
    named.extend(order.iter().filter(|name| !kept.iter().any(|kept| kept == *name)));
    let decided = reading.decided(&[model], &named, Need::Evidence);
    let mut sql = format!("SELECT {} FROM ({decided}) AS decided", columns.join(", "));
    if !order.is_empty() {
        let order: Vec<String> = order.into_iter().map(quote::name).collect();
        sql = format!("{sql} ORDER BY {}", order.join(", "));
    }
    Ok(sql)
}

/// Writes rows, and counts what they say.
struct Counted {
    output: Output,
    exceeding: u64,
    alarms: u64,
}

impl Sink for Counted {
    fn begin(&mut self, schema: &SchemaRef) -> anyhow::Result<()> {
        self.output.begin(schema)
    }

    fn take(&mut self, rows: &RecordBatch) -> anyhow::Result<()> {
        // A kept column may have such a name where the model has no detector.
        let count = |name: &str| {
            let column = rows.column_by_name(name).and_then(|of| of.as_boolean_opt());
            column.map_or(0, |of| {
                (0..of.len()).filter(|&row| of.is_valid(row) && of.value(row)).count()
            })
        };
        self.exceeding += count("exceeds") as u64;
        self.alarms += count("alarm") as u64;
        self.output.take(rows)
    }
}
