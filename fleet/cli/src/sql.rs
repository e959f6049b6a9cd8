//! `ae-fleet sql`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::util::pretty::pretty_format_batches;
use serde_json::json;

use crate::engine::{Engine, EngineArgs};
use crate::input::Input;
use crate::model::Model;
use crate::output::Output;
use crate::query::{Asker, Sink, columns, small};
use crate::terminal::{print_each, print_json, tell};
use crate::{Outcome, cells};

/// Rows that are printed without --all.
const PRINTED: usize = 1000;

const EXAMPLE: &str = "\
Example:
  ae-fleet sql 'SELECT device, max(ae_score($pump, window)) FROM day GROUP BY device' \\
    --table day='2026-11-30/*.parquet' --model pump=pump.int8.aeb";

/// Run a query with the functions of models, over files as tables.
///
/// A model is named by the digest of its blob, as text, and found in --models; or by $NAME, after
/// --model NAME=BLOB.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLE)]
pub(crate) struct Args {
    /// The query.
    query: String,
    /// Files as a table: NAME=DATA, where DATA is as with `score --data`.
    #[arg(long = "table", value_name = "NAME=DATA", value_parser = pair)]
    tables: Vec<(String, String)>,
    /// A blob that the query names $NAME.
    #[arg(long = "model", value_name = "NAME=BLOB", value_parser = pair)]
    named: Vec<(String, String)>,
    /// A folder of models named by their digests, or s3://BUCKET/…; may be given again.
    #[arg(long, value_name = "FOLDER")]
    models: Vec<String>,
    /// Write the rows into this file instead, which ends with .csv, .parquet or .arrow.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print all rows, not only the first thousand.
    #[arg(long)]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if is_name(name) && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(format!(
            "expected NAME=…, a name of letters, digits and _ that begins with no digit, found {text:?}"
        )),
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_part) && name.chars().next().is_some_and(|c| !c.is_ascii_digit())
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut models = Vec::new();
    for (_, blob) in &args.named {
        models.push(Model::read(blob.as_ref())?);
    }
    let engine =
        Engine::new(&args.engine, &models.iter().collect::<Vec<_>>(), &args.models).await?;
    let endpoint = args.engine.s3_endpoint.as_deref();
    let mut inputs = Vec::new();
    for (name, data) in &args.tables {
        let mut input = Input::open(&engine, name, std::slice::from_ref(data), endpoint).await?;
        input.register(&engine, &[]).with_context(|| format!("--table {name}"))?;
        inputs.push(input);
    }
    let mut query = args.query.clone();
    for ((name, _), model) in args.named.iter().zip(&models) {
        query = with_model(&query, name, &model.digest.to_string());
    }
    let mut sink = match &args.out {
        Some(out) => {
            let read: Vec<&Input> = inputs.iter().collect();
            let paths: Vec<_> = models.iter().map(|model| &*model.path).collect();
            Given::Written(Box::new(Output::create(out, &read, &paths)?))
        }
        None => Given::Printed { rows: 0, most: most(args), batches: Vec::new() },
    };
    match &*inputs {
        [input] => {
            let names = input.schema.fields().iter().map(|field| field.name().as_str());
            let asker = Asker { engine: &engine, input, probe: columns(names), length: None };
            asker.each(&query, "asking", &mut sink).await?;
        }
        _ => small(&engine, &query, &mut sink).await?,
    }
    sink.finish(args)?;
    Ok(Outcome::Success)
}

fn most(args: &Args) -> usize {
    if args.all || args.json { usize::MAX } else { PRINTED }
}

/// The query with a model's digest in place of its name.
fn with_model(query: &str, name: &str, digest: &str) -> String {
    let mark = format!("${name}");
    let mut parts = query.split(&mark);
    let mut found = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A longer name begins alike.
        let is_longer = part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let put = if is_longer { format!("${name}") } else { format!("'{digest}'") };
        found.extend([&*put, part]);
    }
    found
}

/// Where the rows go.
enum Given {
    Written(Box<Output>),
    Printed { rows: usize, most: usize, batches: Vec<RecordBatch> },
}

impl Sink for Given {
    fn begin(&mut self, schema: &SchemaRef) -> anyhow::Result<()> {
        match self {
            Self::Written(output) => output.begin(schema),
            Self::Printed { batches, .. } => {
                batches.push(RecordBatch::new_empty(schema.clone()));
                Ok(())
            }
        }
    }

    fn take(&mut self, rows: &RecordBatch) -> anyhow::Result<()> {
        match self {
            Self::Written(output) => output.take(rows),
            Self::Printed { rows: so_far, most, batches } => {
                let room = most.saturating_sub(*so_far);
                batches.push(rows.slice(0, rows.num_rows().min(room)));
                *so_far += rows.num_rows();
                Ok(())
            }
        }
    }
}

impl Given {
    fn finish(self, args: &Args) -> anyhow::Result<()> {
        match self {
            Self::Written(output) => {
                let rows = output.finish()?;
                let Some(out) = &args.out else { bail!("there is no --out") };
                if args.json {
                    return print_json(&json!({ "rows": rows, "out": out.display().to_string() }));
                }
                print_each([format!("{rows} rows in {}", out.display())])
            }
            Self::Printed { rows, most, batches } => {
                if args.json {
                    return print_json(&cells::json(&batches)?);
                }
                let table = pretty_format_batches(&batches).context("the rows cannot be shown")?;
                print_each(table.to_string().lines())?;
                if let Some(more @ 1..) = rows.checked_sub(most) {
                    tell(format_args!("{more} more rows; --all prints them, --out writes them"));
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_stands_for_its_name_alone() {
        let query = "ae_score($a, w), ae_score($ab, w), $a";
        assert_eq!(with_model(query, "a", "7f"), "ae_score('7f', w), ae_score($ab, w), '7f'");
    }

    #[test]
    fn pairs_have_names() {
        assert_eq!(pair("a_1=x=y"), Ok(("a_1".to_owned(), "x=y".to_owned())));
        for wrong in ["a", "=x", "1a=x", "a-b=x", "a="] {
            assert!(pair(wrong).is_err(), "{wrong}");
        }
    }
}
