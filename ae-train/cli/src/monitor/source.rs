//! What is played: files, or what the detector's run held out.

use std::path::PathBuf;

use ae_core::SampleKind;
use ae_data::signal::{Groups, Source, SplitSettings};
use ae_data::{is_dataset, remembered};
use ae_detect::monitor::{HeldOut, MonitorError, Recordings};
use ae_files::text;
use ae_run::{DetectConfig, file, is_run, read_config};
use anyhow::{Context, bail};

use super::Args;
use crate::files;

/// The recordings that `args` name.
pub(super) fn recordings(args: &Args, kind: SampleKind) -> anyhow::Result<Recordings> {
    let run = files::run_folder(&args.model);
    let config: Option<DetectConfig> = match is_run(run) {
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
    let source = match config {
        None => source,
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

/// The files that the run began with: a dataset by its name, or what the user has named on this
/// machine. No path of the configuration is opened.
fn files_of(config: &DetectConfig) -> anyhow::Result<Vec<PathBuf>> {
    match &*config.source {
        [name] if is_dataset(name) => Ok(vec![name.into()]),
        called => remembered::recall(&config.source_digest).with_context(|| {
            format!(
                "the files of the detector's run have not been named on this machine; its maker called \
                 them {}: give --data with what is to be played",
                text::line(called.join(", "))
            )
        }),
    }
}

/// What the run held out.
fn of_run(config: &DetectConfig, seed: u64) -> anyhow::Result<Recordings> {
    let groups = match &config.groups {
        [train, ..] if train.is_empty() => Groups::Automatic { seed },
        [train, calibrate, test] => {
            Groups::Named { train: train.clone(), calibrate: calibrate.clone(), test: test.clone() }
        }
    };
    let held_out = HeldOut {
        source: Source {
            files: files_of(config)?,
            columns: Some(config.channels.clone()),
            time: config.time.clone(),
            label: config.label.clone(),
            group: config.group.clone(),
            recording: config.recording.clone(),
        },
        counts_per_unit: &config.counts_per_unit,
        split: SplitSettings { normal: config.normal.clone(), groups, gap: config.window },
        digest: &config.source_digest,
    };
    match Recordings::held_out(held_out) {
        Err(error @ MonitorError::Load(_)) => {
            Err(error).context("cannot read the files that the run began with; give --data")
        }
        recordings => Ok(recordings?),
    }
}
