//! `ae-fleet drift`.

use std::path::PathBuf;

use anyhow::bail;
use serde_json::json;

use crate::calibrate::{alpha, scores};
use crate::cells::Cells;
use crate::engine::{Engine, EngineArgs};
use crate::model::Model;
use crate::output::{Output, write_all};
use crate::reading::{DataArgs, Reading};
use crate::terminal::{print_each, print_json};
use crate::{Outcome, quote, table};

/// Devices that are told of without --all.
const TOLD: usize = 20;

/// Say which devices drift: whether normal is still what it was, and since when it is not.
///
/// Each device's scores go through the martingale of the board, in order of time. Its wealth is the
/// evidence against scores that come in no particular order; where it reaches 1 / δ, a drift is told.
/// Of a device that does not drift that happens, ever, with a probability of at most δ.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A blob of `ae-train`.
    #[arg(long, value_name = "BLOB")]
    model: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// The probability δ that a drift is told of a device that has none.
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = alpha)]
    delta: f64,
    /// Of rows that are windows and overlap, take every N-th of a device.
    #[arg(long, value_name = "N", conflicts_with = "sample")]
    every: Option<u32>,
    /// Write the devices into this file too, which ends with .csv, .parquet or .arrow.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Tell all devices, not only the first twenty.
    #[arg(long, conflicts_with = "json")]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let (Some(device), Some(_)) = (&args.data.device, &args.data.time) else {
        bail!(
            "drift is told along each device's history: give its columns with --device and --time"
        );
    };
    let model = Model::read(&args.model)?;
    let models = [&model];
    let engine = Engine::new(&args.engine, &models, &[]).await?;
    let endpoint = args.engine.s3_endpoint.as_deref();
    let reading = Reading::open(&engine, &args.data, &models, endpoint).await?;
    let out = args.out.as_ref();
    let out = out.map(|out| Output::create(out, &[&reading.input], &[&args.model])).transpose()?;
    let scores = scores(&reading, &model, device, args.every.unwrap_or(1));
    let sql = query(&reading, device, &scores, args.delta);
    let batches = reading.asker(&engine, &models).rows(&sql, "watching").await?;
    if let Some(out) = out {
        write_all(out, &batches)?;
    }
    let cells = Cells::new(batches);
    let drifted = cells.rows().filter(|row| row.unsigned(DRIFTED_AFTER).is_some()).count();
    if args.json {
        print_json(&json!({
            "model": model.digest.to_string(),
            "delta": args.delta,
            "drifted": drifted,
            "devices": cells.json()?,
        }))?;
        return Ok(Outcome::Success);
    }
    let mut lines = vec![
        format!("{drifted} of {} devices drift, told with δ = {}", cells.len(), args.delta),
        String::new(),
    ];
    let told = if args.all { usize::MAX } else { TOLD };
    let rows: Vec<Vec<String>> = cells
        .rows()
        .take(told)
        .map(|row| {
            let wealth = row.real(2).map_or("–".to_owned(), |it| format!("{it:.1}"));
            vec![row.text(0), row.text(1), wealth, row.text(3), row.text(DRIFTED_AFTER)]
        })
        .collect();
    lines.extend(table::lines(&["device", "windows", "wealth", "since", "windows before"], &rows));
    if let Some(more @ 1..) = cells.len().checked_sub(told) {
        lines.push(format!("{more} more devices; --all tells them"));
    }
    print_each(lines)?;
    Ok(Outcome::Success)
}

/// The place of the number of windows at which a drift was told.
const DRIFTED_AFTER: usize = 4;

fn query(reading: &Reading, device: &str, scores: &str, delta: f64) -> String {
    let device = quote::name(device);
    let time = reading.time.as_deref().map(quote::name).unwrap_or_default();
    let order = reading.order();
    // A cluster cannot read a plan that takes fields apart within an aggregate.
    format!(
        "SELECT {device}, max(windows) AS windows, max(wealth) AS wealth, \
         min({time}) FILTER (WHERE drifted) AS drifted_since, \
         min(windows) FILTER (WHERE drifted) AS drifted_after \
         FROM (SELECT {device}, {time}, drift['windows'] AS windows, drift['wealth'] AS wealth, \
         drift['drifted'] AS drifted FROM (SELECT {device}, {time}, \
         ae_drift(score, {delta:?}) OVER ({order}) AS drift FROM ({scores}) AS scores) AS drifts) \
         AS fields GROUP BY {device} ORDER BY drifted_since NULLS LAST, {device}"
    )
}
