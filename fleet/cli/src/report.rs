//! `ae-fleet report`.

mod devices;
mod figures;
mod map;
mod numbers;
mod page;
mod strip;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;

use crate::calibrate::alpha;
use crate::engine::{Engine, EngineArgs};
use crate::input::Input;
use crate::model::Model;
use crate::output::{self, Output};
use crate::reading::{DataArgs, Need, Reading};
use crate::terminal::{print, print_json};
use crate::{Outcome, quote};
use figures::{About, Figures};

/// Write a page about a fleet: the map of its scores, its devices by alarms, their thresholds, and one
/// device's history as a strip.
///
/// The page is one file that needs nothing else. It needs the columns of devices and times.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A blob of `ae-train` with a detector.
    #[arg(long, value_name = "BLOB")]
    model: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// The page, which ends with .html. One that is there is replaced when the new one is whole.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The device whose history is drawn; without it, the one with the most alarms.
    #[arg(long, value_name = "NAME")]
    device_strip: Option<String>,
    /// The false-alarm rate of the thresholds by device.
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = alpha)]
    alpha: f64,
    /// Devices of the map and of the table: those with the most alarms.
    #[arg(long, value_name = "N", default_value_t = 200)]
    devices: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let (Some(device), Some(time)) = (&args.data.device, &args.data.time) else {
        bail!("the page shows devices along time: give their columns with --device and --time");
    };
    if args.out.extension().is_none_or(|it| it != "html") {
        bail!("--out {} does not end with .html", args.out.display());
    }
    let model = Model::read(&args.model)?;
    let detector = model.detector("the page")?;
    let models = [&model];
    let engine = Engine::new(&args.engine, &models, &[]).await?;
    let endpoint = args.engine.s3_endpoint.as_deref();
    let reading = Reading::open(&engine, &args.data, &models, endpoint).await?;
    output::check(&args.out, &[&reading.input], &[&args.model])?;
    // All is scored once; what the page asks for, it asks the scores.
    let folder = args.engine.temporary()?;
    let scores = folder.path().join("scores.parquet");
    score(&engine, &reading, &model, (device, time), &scores).await?;
    let here = Engine::new(&args.engine.here(), &[], &[]).await?;
    let scores = scores.to_str().context("the folder for the scores has a name that is no text")?;
    let mut input = Input::open(&here, "scored", &[scores.to_owned()], None).await?;
    input.register(&here, &[])?;
    let about = About {
        model: args.model.display().to_string(),
        digest: model.digest.to_string(),
        threshold: detector.threshold,
        files: reading.input.files.len(),
        unit: reading.unit(),
        has_alarms: reading.has_alarms(),
        alpha: args.alpha,
        most_devices: args.devices.max(1),
    };
    let figures = Figures::of(&here, &input, about, args.device_strip.as_deref()).await?;
    output::write_text(&args.out, &page::html(&figures))?;
    let (devices, windows) = (figures.devices, figures.windows);
    if args.json {
        print_json(&json!({
            "model": model.digest.to_string(),
            "devices": devices,
            "windows": windows,
            "exceeding": figures.exceeding,
            "out": args.out.display().to_string(),
        }))?;
    } else {
        print(format_args!(
            "{windows} {} of {devices} devices, {} above the threshold, in {}",
            figures.about.unit,
            figures.exceeding,
            args.out.display()
        ))?;
    }
    Ok(Outcome::Success)
}

/// Writes the scores of all windows, with device and time.
async fn score(
    engine: &Engine,
    reading: &Reading,
    model: &Model,
    (device, time): (&str, &str),
    into: &Path,
) -> anyhow::Result<()> {
    let threshold = model.detector("the page")?.threshold;
    let kept: &[&str] = if device == time { &[device] } else { &[device, time] };
    let decided = reading.decided(&[model], kept, Need::Score);
    let score = reading.score(0, Need::Score);
    let alarm = match reading.has_alarms() {
        true => Reading::field(0, "alarm"),
        false => "false".to_owned(),
    };
    let sql = format!(
        "SELECT arrow_cast({}, 'Utf8') AS device, {} AS time, {} AS tick, {score} AS score, \
         {score} > {} AS exceeds, {alarm} AS alarm, {} AS apart FROM ({decided}) AS decided \
         WHERE {score} IS NOT NULL",
        quote::name(device),
        quote::name(time),
        reading.ticks()?,
        quote::unsigned(threshold),
        reading.apart(0),
    );
    let mut output = Output::create(into, &[], &[])?;
    reading.asker(engine, &[model]).each(&sql, "scoring", &mut output).await?;
    output.finish()?;
    Ok(())
}
