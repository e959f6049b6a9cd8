//! `ae-train calibrate`.

use std::path::PathBuf;

use ae_core::Debounce;
use ae_run::{file, read_config};
use ae_train::pipeline::{self, CalibrateSettings, Recalibrated};
use anyhow::bail;

use super::detect::options::{debounce, parts_per_million};
use super::detect::show::ShowDetector;
use super::detect::{summary, threshold_line};
use super::train::stop_on_ctrl_c;
use super::trouble::runs::{self, GoOn};
use super::{Outcome, files, print, print_each, print_json};

/// Choose the threshold of a detector again, without training.
///
/// The threshold comes from the run's own calibration windows, or from further normal recordings
/// that --data names. The run's blobs, its configuration and its report are written again. If the
/// data that the run was made from can be read, the whole report is made again. If not, the report
/// says which of its figures are of the threshold before.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run folder of `ae-train detect`.
    run: PathBuf,
    /// The wanted false-alarm rate. Without this option, the run's.
    #[arg(long, value_name = "RATE", value_parser = parts_per_million)]
    alpha: Option<u32>,
    /// How many of the last --of windows must exceed the threshold for an alarm. Without this
    /// option, the run's.
    #[arg(long, value_name = "K", requires = "of")]
    hits: Option<u8>,
    /// How many of the last windows count for --hits, from 1 to 32.
    #[arg(long, value_name = "N", requires = "hits")]
    of: Option<u8>,
    /// Files of normal recordings that the detector was not trained on, with the columns that the
    /// run's own files have. Without this option, the run's own calibration windows.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    data: Vec<PathBuf>,
    /// Print one JSON object: the report, or the threshold where no report can be made.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let given = args.hits.zip(args.of).map(|(hits, of)| Debounce { hits, of });
    let debounce = given.map(debounce).transpose().map_err(anyhow::Error::msg)?;
    let config = read_config(&args.run).map_err(runs::of_run)?;
    let Some(detect) = &config.detect else {
        bail!("{} is a run without a detector; `ae-train detect` makes one", args.run.display());
    };
    let settings = CalibrateSettings {
        folder: args.run.clone(),
        alarm_ppm: args.alpha,
        debounce,
        files: args.data.clone(),
        own: files::recordings_of(detect).unwrap_or_default(),
    };
    let network = files::read_network(&args.run, &config)?;
    let mut show = ShowDetector::new(false);
    let stop = stop_on_ctrl_c()?;
    let made = pipeline::calibrate(&settings, network, &mut show, &stop);
    show.finish();
    let Recalibrated { folder, threshold, report } =
        made.map_err(|error| runs::of_pipeline(error, GoOn::SameCommand))?;
    match (&report, args.json) {
        (Some(report), true) => print_json(report)?,
        (None, true) => print_json(&threshold)?,
        (Some(report), false) => print_each(summary(report))?,
        (None, false) => print(threshold_line(&threshold))?,
    }
    if !args.json {
        print(folder.join(file::REPORT_HTML).display())?;
    }
    Ok(Outcome::Success)
}
