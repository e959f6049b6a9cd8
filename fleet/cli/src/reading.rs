//! What the rows of an archive are: windows, or samples that windows are cut from.

mod columns;
mod time;

use ae_core::SampleKind;
use anyhow::{Context, bail};
use datafusion::arrow::datatypes::DataType;

use crate::engine::Engine;
use crate::input::Input;
use crate::model::Model;
use crate::query::{Asker, Length};
use crate::quote;

/// What queries call the archive.
const TABLE: &str = "archive";
/// The column of a sample's values.
const SAMPLE: &str = "ae_sample";
/// The column that says whether the signal was interrupted.
const RESTART: &str = "ae_restart";

/// The archive, and what its columns are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DataArgs {
    /// Files, folders, patterns such as 'archive/**/*.parquet', or s3://BUCKET/… of Parquet, CSV or
    /// Arrow, all with the same columns.
    #[arg(long, value_name = "DATA", required = true, num_args = 1..)]
    pub(crate) data: Vec<String>,
    /// The column of windows, a list of the values of each, sample after sample. Without it, the only
    /// column of lists that the model takes.
    #[arg(long, value_name = "COLUMN", conflicts_with = "sample")]
    pub(crate) window: Option<String>,
    /// A column of each channel of a sample, in the model's order, or one column of lists. Windows
    /// are then cut and decided on as on the board.
    #[arg(long, value_name = "COLUMN", num_args = 1.., requires = "time")]
    pub(crate) sample: Vec<String>,
    /// The column that says which device a row is of.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) device: Option<String>,
    /// The column of times, by which the rows of a device are put in order: a timestamp, or a number.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) time: Option<String>,
    /// Samples that are further apart begin anew: in seconds, or in units of a column of numbers.
    #[arg(long, value_name = "SECONDS", requires = "sample", value_parser = seconds)]
    pub(crate) gap: Option<f64>,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if seconds > 0.0 && f64::is_finite(seconds) => Ok(seconds),
        _ => Err(format!("expected a number above 0, found {text:?}")),
    }
}

/// What a query needs of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The score alone.
    Score,
    /// All that is known.
    Evidence,
}

/// An archive whose columns have been checked for some models.
pub(crate) struct Reading {
    /// The files.
    pub(crate) input: Input,
    /// The column of devices.
    pub(crate) device: Option<String>,
    /// The column of times.
    pub(crate) time: Option<String>,
    /// What the rows are.
    pub(crate) rows: Rows,
    restart: Option<String>,
}

/// What the rows of an archive are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Windows, in this column; how long each is.
    Windows { column: String, length: Length },
    /// Samples, which this expression makes a list of; the columns that it reads.
    Samples { sample: String, columns: Vec<String> },
}

impl Reading {
    /// Opens the files and checks that the models can be run on them.
    pub(crate) async fn open(
        engine: &Engine,
        args: &DataArgs,
        models: &[&Model],
        endpoint: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut input = Input::open(engine, TABLE, &args.data, endpoint).await?;
        let named = [(&args.device, "--device"), (&args.time, "--time")];
        for (name, option) in named.into_iter().filter_map(|(of, as_)| Some((of.as_ref()?, as_))) {
            input.column(name, option)?;
        }
        let mut rows = if args.sample.is_empty() {
            columns::windows(&input, args.window.as_deref(), models)?
        } else {
            columns::samples(&mut input, &args.sample, models)?
        };
        if let (Rows::Samples { sample, .. }, Some(time)) = (&mut rows, &args.time) {
            let is_missing = time::is_missing(&input, time)?;
            *sample = format!("CASE WHEN {is_missing} THEN NULL ELSE {sample} END");
        }
        let types: Vec<(&str, DataType)> = match &rows {
            Rows::Samples { columns, .. } if !input.is_typed() => {
                let kind = value_type(kind_of(models)?);
                columns.iter().map(|name| (name.as_str(), kind.clone())).collect()
            }
            _ => Vec::new(),
        };
        input.register(engine, &types)?;
        let restart = match (&args.time, args.gap) {
            (Some(time), Some(gap)) => {
                Some(time::restart(&input, time, args.device.as_deref(), gap)?)
            }
            _ => None,
        };
        let (device, time) = (args.device.clone(), args.time.clone());
        Ok(Self { input, device, time, rows, restart })
    }

    /// Whether a decision has been debounced.
    pub(crate) fn has_alarms(&self) -> bool {
        matches!(self.rows, Rows::Samples { .. })
    }

    /// What windows are rows of, for a person.
    pub(crate) fn unit(&self) -> &'static str {
        if self.has_alarms() { "decisions" } else { "windows" }
    }

    /// The columns that are kept where the user says none: all but those of windows and samples.
    pub(crate) fn kept(&self, asked: &[String]) -> anyhow::Result<Vec<String>> {
        for name in asked {
            self.input.column(name, "--keep")?;
        }
        if !asked.is_empty() {
            return Ok(asked.to_vec());
        }
        let is_read = |name: &String| match &self.rows {
            Rows::Windows { column, .. } => name == column,
            Rows::Samples { columns, .. } => columns.contains(name),
        };
        let names = self.input.schema.fields().iter().map(|field| field.name().clone());
        Ok(names.filter(|name| !is_read(name)).collect())
    }

    /// A query whose rows are windows: the columns `kept`, and for each model `ae_0`, `ae_1` … what
    /// [`score`](Self::score) and the others read.
    pub(crate) fn decided(&self, models: &[&Model], kept: &[&str], need: Need) -> String {
        let kept: Vec<String> = kept.iter().map(|name| quote::name(name)).collect();
        match &self.rows {
            Rows::Windows { column, .. } => {
                let function = if need == Need::Score { "ae_score" } else { "ae_evidence" };
                let window = quote::name(column);
                let each = models.iter().enumerate().map(|(at, model)| {
                    format!("{function}('{}', {window}) AS ae_{at}", model.digest)
                });
                let columns: Vec<String> = kept.into_iter().chain(each).collect();
                format!("SELECT {} FROM {TABLE}", columns.join(", "))
            }
            Rows::Samples { sample, .. } => self.decided_samples(models, &kept, sample),
        }
    }

    fn decided_samples(&self, models: &[&Model], kept: &[String], sample: &str) -> String {
        let order = self.order();
        let mut inner: Vec<String> = kept.to_vec();
        let ordered = self.device.iter().chain(&self.time).map(|name| quote::name(name));
        inner.extend(ordered.filter(|name| !kept.contains(name)));
        inner.push(format!("{sample} AS {SAMPLE}"));
        let restart = match &self.restart {
            Some(restart) => {
                inner.push(format!("{restart} AS {RESTART}"));
                format!(", {RESTART}")
            }
            None => String::new(),
        };
        // A model that is there twice decides once.
        let first = |model: &Model| models.iter().position(|of| of.digest == model.digest);
        let firsts: Vec<usize> = models.iter().filter_map(|model| first(model)).collect();
        let named = firsts.iter().enumerate().map(|(at, first)| format!("ae_{first} AS ae_{at}"));
        let named: Vec<String> = kept.iter().cloned().chain(named).collect();
        let each = models.iter().enumerate().filter(|(at, _)| firsts.contains(at));
        let each = each.map(|(at, model)| {
            let arguments = format!("'{}', {SAMPLE}{restart}", model.digest);
            format!("ae_decisions({arguments}) OVER ({order}) AS ae_{at}")
        });
        let columns: Vec<String> = kept.iter().cloned().chain(each).collect();
        let is_there: Vec<String> =
            firsts.iter().map(|at| format!("ae_{at} IS NOT NULL")).collect();
        format!(
            "SELECT {} FROM (SELECT {} FROM (SELECT {} FROM {TABLE}) AS signals) AS decisions \
             WHERE {}",
            named.join(", "),
            columns.join(", "),
            inner.join(", "),
            is_there.join(" OR ")
        )
    }

    /// The rows of each device by themselves, in order of time.
    pub(crate) fn order(&self) -> String {
        let by = |words: &str, name: &Option<String>| {
            name.as_ref().map(|name| format!("{words} {}", quote::name(name)))
        };
        let parts = [by("PARTITION BY", &self.device), by("ORDER BY", &self.time)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The score of a row of [`decided`](Self::decided), by the model `at`.
    pub(crate) fn score(&self, at: usize, need: Need) -> String {
        match (&self.rows, need) {
            (Rows::Windows { .. }, Need::Score) => format!("ae_{at}"),
            _ => Self::field(at, "score"),
        }
    }

    /// A field of what is known of a row. That of a row of which nothing is known is whatever it is.
    pub(crate) fn field(at: usize, name: &str) -> String {
        format!("CASE WHEN ae_{at} IS NOT NULL THEN ae_{at}['{name}'] END")
    }

    /// Whether a row shares no sample with the one before that is so; rows that are windows do not.
    pub(crate) fn apart(&self, at: usize) -> String {
        match self.rows {
            Rows::Windows { .. } => "true".to_owned(),
            Rows::Samples { .. } => Self::field(at, "apart"),
        }
    }

    /// The times as real numbers.
    pub(crate) fn ticks(&self) -> anyhow::Result<String> {
        let time = self.time.as_deref().context("give the column of times with --time")?;
        let (ticks, _) = time::ticks(&self.input, time, "the report")?;
        Ok(format!("arrow_cast({ticks}, 'Float64')"))
    }

    /// Who asks about the archive.
    pub(crate) fn asker<'a>(&'a self, engine: &'a Engine, models: &[&Model]) -> Asker<'a> {
        let mut probe: Vec<String> =
            self.device.iter().chain(&self.time).map(|name| quote::name(name)).collect();
        let length = match &self.rows {
            Rows::Windows { column, length } => {
                let column = quote::name(column);
                probe.extend(
                    models.iter().map(|model| format!("ae_score('{}', {column})", model.digest)),
                );
                Some(length)
            }
            Rows::Samples { sample, .. } => {
                probe.push(sample.clone());
                None
            }
        };
        Asker { engine, input: &self.input, probe, length }
    }
}

/// The type of the values that all models take.
fn kind_of(models: &[&Model]) -> anyhow::Result<SampleKind> {
    let kind = |model: &Model| model.detector.map_or(SampleKind::Pixels, |of| of.kind);
    let mut kinds = models.iter().map(|model| (kind(model), &model.path));
    let (first, path) = kinds.next().context("there is no model")?;
    match kinds.find(|(kind, _)| *kind != first) {
        Some((other, of)) => bail!(
            "{} takes {} and {} takes {}: models of one signal take the same",
            path.display(),
            first.name(),
            of.display(),
            other.name()
        ),
        None => Ok(first),
    }
}

/// The type as Arrow has it.
fn value_type(kind: SampleKind) -> DataType {
    match kind {
        SampleKind::Pixels => DataType::UInt8,
        SampleKind::Counts => DataType::Int16,
        SampleKind::Values => DataType::Float32,
    }
}
