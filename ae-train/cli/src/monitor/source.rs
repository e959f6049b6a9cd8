//! What is played: files, or what the detector's run held out.

use ae_core::SampleKind;
use ae_data::signal::{Source, is_images};
use ae_detect::monitor::{HeldOut, MonitorError, Recordings};
use ae_run::{DetectConfig, file, read_config};
use anyhow::{Context, bail};

use super::Args;
use crate::files;

/// The recordings that `args` name.
pub(super) fn recordings(args: &Args, kind: SampleKind) -> anyhow::Result<Recordings> {
    let run = files::run_folder(&args.model);
    let config: Option<DetectConfig> = match run.join(file::CONFIG).exists() {
        true => read_config(run)?.detect,
        false => None,
    };
    // That of a detector of images has no columns.
    let config = config.filter(|_| kind != SampleKind::Pixels);
    let source = args.source.source();
    if !source.files.is_empty() {
        return of_files(source, args.source.counts_per_unit(), config.as_ref());
    }
    match config {
        Some(config) => of_run(&config, read_config(run)?.recipe.seed),
        None if kind == SampleKind::Pixels => bail!(
            "--data is missing: the detector takes images, and those of its run are not played; its \
             {} says what it makes of those held out",
            file::REPORT_HTML
        ),
        None => bail!(
            "--data is missing: {} lies in no run of `ae-train detect` whose recordings could be \
             played",
            args.model.display()
        ),
    }
}

/// All of some files. What is not said is as in the detector's run, if it lies in one.
fn of_files(
    source: Source,
    per_unit: &[f64],
    config: Option<&DetectConfig>,
) -> anyhow::Result<Recordings> {
    let per_unit = match config {
        Some(config) if per_unit.is_empty() && !config.counts_per_unit.is_empty() => {
            tell!("note: values become counts as in the detector's run, by its counts_per_unit");
            &config.counts_per_unit
        }
        _ => per_unit,
    };
    let of_images = config.is_some_and(|config| config.source.iter().any(|name| is_images(name)));
    let source = match config {
        None => source,
        // The columns of images have no names in files.
        Some(_) if of_images => source,
        Some(config) => {
            Source { columns: source.columns.or_else(|| Some(config.channels.clone())), ..source }
        }
    };
    Recordings::of_files(source, per_unit).with_context(|| match config {
        Some(config) => format!(
            "the detector was trained on the channels {}; where these files call them otherwise, \
             name them in that order with --columns",
            config.channels.join(",")
        ),
        None => "cannot play these files".to_owned(),
    })
}

/// What the run held out.
fn of_run(config: &DetectConfig, seed: u64) -> anyhow::Result<Recordings> {
    if config.source.len() == 1 && is_images(&config.source[0]) {
        bail!(
            "the detector's run was made of images: `ae-train evaluate` and `verify` run them; give \
             --data FILE to play a signal, row after row"
        );
    }
    let held_out = HeldOut {
        source: config.source(),
        counts_per_unit: &config.counts_per_unit,
        split: config.split(seed),
        digest: &config.source_digest,
    };
    match Recordings::held_out(held_out) {
        Err(error @ MonitorError::Load(_)) => {
            Err(error).context("cannot read the files that the run began with; give --data")
        }
        recordings => Ok(recordings?),
    }
}
