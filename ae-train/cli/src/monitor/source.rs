//! What is played: files, or what the detector's run held out.

use std::path::PathBuf;

use ae_core::SampleKind;
use ae_data::signal::{ColumnUse, FileError, LoadSignalsError, SignalError, Source};
use ae_detect::monitor::{HeldOut, MonitorError, Recordings};
use ae_files::folder_of;
use ae_run::{DetectConfig, RunConfig, file, is_run, read_config};
use anyhow::{Context, anyhow, bail};

use super::Args;
use crate::files;
use crate::reading_args::tell_understood;

/// What is to be played, of which nothing has been read yet.
pub(super) struct Chosen<'a> {
    args: &'a Args,
    /// With the files, by whomever they are named.
    source: Source,
    /// Of the detector's run, if it lies in one.
    config: Option<RunConfig>,
}

impl<'a> Chosen<'a> {
    /// What `args` name, or else what the detector's run began with.
    pub(super) fn of(args: &'a Args, kind: SampleKind) -> anyhow::Result<Self> {
        let run = folder_of(&args.model);
        let config = if is_run(run) { Some(read_config(run)?) } else { None };
        // That of a detector of images has no columns.
        let config = config.filter(|config| config.detect.is_some() && kind != SampleKind::Pixels);
        let mut source = args.source.source();
        if source.files.is_empty() {
            source.files = match config.as_ref().and_then(|config| config.detect.as_ref()) {
                Some(config) => files::named_recordings(config, "what is to be played")?,
                None if kind == SampleKind::Pixels => bail!(
                    "--data is missing: the detector takes images, and those of its run are not \
                     played; its {} says what it makes of those held out",
                    file::REPORT_HTML
                ),
                None => bail!(
                    "--data is missing: {} lies in no run of `ae-train detect` whose recordings could \
                     be played",
                    args.model.display()
                ),
            };
        }
        Ok(Self { args, source, config })
    }

    /// The files that will be read.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.source.files
    }

    /// Samples a second that the run's features were laid by, if they were.
    pub(super) fn rate(&self) -> Option<f64> {
        self.config.as_ref()?.detect.as_ref()?.features.as_ref()?.rate()
    }

    /// Reads the recordings.
    pub(super) fn read(self) -> anyhow::Result<Recordings> {
        let Self { args, source, config } = self;
        let detect = config.as_ref().and_then(|config| config.detect.as_ref());
        let recordings = match (detect, &config) {
            (Some(detect), Some(config)) if args.source.source().files.is_empty() => {
                of_run(detect, config.recipe.seed, source)
            }
            _ => {
                of_files(source, args.source.says_reading(), args.source.counts_per_unit(), detect)
            }
        }?;
        tell_understood(&recordings.signals);
        recordings.signals.told().for_each(|note| tell!("note: {note}"));
        Ok(recordings)
    }
}

/// All of some files. What is not said is as in the detector's run, if it lies in one.
fn of_files(
    source: Source,
    says_reading: bool,
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
            let reading = match says_reading || config.reading.is_default() {
                true => source.reading,
                false => {
                    tell!(
                        "note: the files are read as the detector's run read its own, by its reading"
                    );
                    config.reading.clone()
                }
            };
            let columns = source.columns.or_else(|| Some(config.channels.clone()));
            Source { columns, reading, ..source }
        }
    };
    let recordings = read(source, per_unit, config.and_then(|config| config.time.as_ref()));
    match (recordings, config) {
        (Err(error), Some(config)) if is_of_names(&error) => {
            let channels = config.channels.join(",");
            Err(anyhow!(
                "{error}; the detector was trained on the channels {channels}: where these files \
                 call them otherwise, name them in that order with --columns"
            ))
        }
        (recordings, _) => Ok(recordings?),
    }
}

/// Whether channels are not called as they were in the detector's run.
fn is_of_names(error: &MonitorError) -> bool {
    let MonitorError::Load(LoadSignalsError::Signal(error)) = error else { return false };
    matches!(
        error,
        SignalError::File {
            source: FileError::UnknownColumn { column_use: ColumnUse::Channel, .. },
            ..
        }
    )
}

/// Reads the files, with the column of times that the run had, if they have it too.
fn read(
    source: Source,
    per_unit: &[f64],
    time: Option<&String>,
) -> Result<Recordings, MonitorError> {
    let mut said = source.clone();
    let source = Source { time: source.time.or_else(|| time.cloned()), ..source };
    let is_said = source.time == said.time;
    if said.time.is_none() {
        // Without times there are no gaps in them.
        said.reading.gap = None;
    }
    match Recordings::of_files(source, per_unit) {
        Err(error) if !is_said && error.is_without_time() => Recordings::of_files(said, per_unit),
        read => read,
    }
}

/// What the run held out.
fn of_run(config: &DetectConfig, seed: u64, source: Source) -> anyhow::Result<Recordings> {
    let Source { files, memory, .. } = source;
    let held_out = HeldOut {
        source: config.source(files, memory),
        counts_per_unit: &config.counts_per_unit,
        split: config.split(seed),
        spacing: [config.window, config.stride],
        frames: config.frames(),
        digest: &config.source_digest,
    };
    match Recordings::held_out(held_out) {
        Err(error @ MonitorError::Load(_)) => {
            Err(error).context("cannot read the files that the run began with; give --data")
        }
        recordings => Ok(recordings?),
    }
}
