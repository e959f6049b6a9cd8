//! `ae-fleet calibrate`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use serde_json::json;

use crate::cells::Cells;
use crate::engine::{Engine, EngineArgs};
use crate::model::Model;
use crate::output::Output;
use crate::query::{Asker, Sink};
use crate::reading::{DataArgs, Need, Reading};
use crate::terminal::{print, print_json, tell};
use crate::{Outcome, quote, thresholds};

/// Find a threshold for each device, from its own normal windows.
///
/// The threshold is that of split-conformal calibration, as the board finds it where it is mounted: of
/// n windows the ⌈(n + 1)(1 − α)⌉-th smallest score, so that a new normal window exceeds it with a
/// probability of at most α. The archive must be of normal days. Windows that are cut from samples
/// share none; rows that are windows are all taken, so give such as do not overlap, or --every.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A blob of `ae-train`.
    #[arg(long, value_name = "BLOB")]
    model: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// The false-alarm rate of a window, above 0 and below 1, in steps of a millionth.
    #[arg(long, value_name = "RATE", value_parser = alpha)]
    alpha: f64,
    /// Of rows that are windows and overlap, take every N-th of a device, in order of --time.
    #[arg(long, value_name = "N", requires = "time", conflicts_with = "sample")]
    every: Option<u32>,
    /// The file of thresholds, which ends with .csv, .parquet or .arrow.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// A rate that a board can have.
pub(crate) fn alpha(text: &str) -> Result<f64, String> {
    let wrong =
        || format!("expected a rate above 0 and below 1 in steps of a millionth, found {text:?}");
    let rate: f64 = text.parse().map_err(|_| wrong())?;
    let millionths = rate * 1e6;
    let is_whole = (millionths - millionths.round()).abs() <= 1e-6;
    if is_whole && (1.0..1e6).contains(&millionths.round()) { Ok(rate) } else { Err(wrong()) }
}

/// The fewest windows that a threshold of the rate needs: its rank is at most their number.
fn fewest(alpha: f64) -> u64 {
    let millionths = (alpha * 1e6).round() as u64;
    1_000_000_u64.div_ceil(millionths.max(1)) - 1
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Some(device) = &args.data.device else {
        bail!("a threshold for each device needs the column of devices: give it with --device");
    };
    let model = Model::read(&args.model)?;
    let models = [&model];
    let engine = Engine::new(&args.engine, &models, &[]).await?;
    let endpoint = args.engine.s3_endpoint.as_deref();
    let reading = Reading::open(&engine, &args.data, &models, endpoint).await?;
    let output = Output::create(&args.out, &[&reading.input], &[&args.model])?;
    let asker = reading.asker(&engine, &models);
    let at_most = most(&asker, &reading, &model, device).await?;
    let every = args.every.unwrap_or(1);
    let sql = query(&reading, &model, device, args.alpha, every, at_most);
    let mut kept = Kept { output, batches: Vec::new() };
    asker.each(&sql, "calibrating", &mut kept).await?;
    kept.output.finish()?;
    let cells = Cells::new(kept.batches);
    let without = cells.rows().filter(|row| row.unsigned(2).is_none()).count();
    if without > 0 {
        tell(format_args!(
            "note: {without} of {} devices have no threshold: at the rate {} each needs {} windows; \
             give more data, or a larger --alpha",
            cells.len(),
            args.alpha,
            fewest(args.alpha)
        ));
    }
    if args.json {
        let devices = cells.json()?;
        let out = args.out.display().to_string();
        print_json(&json!({
            "model": model.digest.to_string(), "alpha": args.alpha, "devices": devices, "out": out,
        }))?;
    } else {
        let thresholds: Vec<u64> = cells.rows().filter_map(|row| row.unsigned(2)).collect();
        let least = thresholds.iter().min().map_or("–".to_owned(), |it| it.to_string());
        let most = thresholds.iter().max().map_or("–".to_owned(), |it| it.to_string());
        print(format_args!(
            "{} devices, {} of them with a threshold, from {least} to {most}, in {}",
            cells.len(),
            cells.len() - without,
            args.out.display()
        ))?;
    }
    Ok(Outcome::Success)
}

/// The most windows that a device can have, without looking at one.
async fn most(
    asker: &Asker<'_>,
    reading: &Reading,
    model: &Model,
    device: &str,
) -> anyhow::Result<u64> {
    let device = quote::name(device);
    let sql = format!(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM archive GROUP BY {device}) AS counts"
    );
    let rows = Cells::new(asker.rows(&sql, "counting").await?);
    let rows = rows.rows().next().and_then(|row| row.unsigned(0)).unwrap_or(0);
    Ok(match model.detector {
        // Those that are apart share no sample.
        Some(of) if reading.has_alarms() => rows / of.window.max(1) as u64,
        _ => rows,
    })
}

fn query(
    reading: &Reading,
    model: &Model,
    device: &str,
    alpha: f64,
    every: u32,
    at_most: u64,
) -> String {
    let scores = scores(reading, model, device, every);
    let device = quote::name(device);
    let [windows, threshold, rate, of] = thresholds::COLUMNS;
    // A state that keeps less than one score is none.
    let at_most = at_most.max(1);
    format!(
        "SELECT {device}, arrow_cast(count(score), 'UInt64') AS {windows}, \
         ae_threshold(score, {alpha:?}, {at_most}) AS {threshold}, {alpha:?} AS {rate}, \
         '{}' AS {of} FROM ({scores}) AS scores GROUP BY {device} ORDER BY {device}",
        model.digest
    )
}

/// The scores of windows that do not overlap, by device and time.
pub(crate) fn scores(reading: &Reading, model: &Model, device: &str, every: u32) -> String {
    let kept: Vec<&str> = match &reading.time {
        Some(time) if time != device => vec![device, time],
        _ => vec![device],
    };
    let decided = reading.decided(&[model], &kept, Need::Score);
    let kept: Vec<String> = kept.into_iter().map(quote::name).collect();
    let kept = kept.join(", ");
    let score = reading.score(0, Need::Score);
    let scores = format!(
        "SELECT {kept}, {score} AS score FROM ({decided}) AS decided WHERE {}",
        reading.apart(0)
    );
    if every < 2 {
        return scores;
    }
    format!(
        "SELECT {kept}, score FROM (SELECT {kept}, score, row_number() OVER ({}) AS place \
         FROM ({scores}) AS all_scores) AS placed WHERE (place - 1) % {every} = 0",
        reading.order()
    )
}

/// Writes the rows, and keeps them to tell of them.
struct Kept {
    output: Output,
    batches: Vec<RecordBatch>,
}

impl Sink for Kept {
    fn begin(&mut self, schema: &SchemaRef) -> anyhow::Result<()> {
        self.output.begin(schema)
    }

    fn take(&mut self, rows: &RecordBatch) -> anyhow::Result<()> {
        self.batches.push(rows.clone());
        self.output.take(rows).context("the thresholds")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_millionths() {
        assert_eq!(["0.01", "0.000001"].map(alpha), [Ok(0.01), Ok(0.000_001)]);
        for wrong in ["0", "1", "-1", "x", "0.0000001", "nan"] {
            assert!(alpha(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_fewest_windows_by_hand() {
        // ⌈(99 + 1) · 0.99⌉ = 99 of 99, and ⌈(98 + 1) · 0.99⌉ = 99 of 98.
        assert_eq!([0.01, 0.05, 0.5, 0.3].map(fewest), [99, 19, 1, 3]);
    }
}
