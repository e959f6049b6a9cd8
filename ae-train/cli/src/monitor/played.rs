//! The recordings that are played, as a board takes them.

use ae_boards::monitor::Recording;
use ae_core::SampleKind;
use ae_data::signal::{self, Groups, Piece, Roles, Signals, Source};
use ae_run::DetectConfig;
use anyhow::{Context, bail};

use super::super::detect::input::{is_images, signals};

/// Pieces of signals.
pub(super) struct Recordings {
    pub(super) signals: Signals,
    pub(super) pieces: Vec<Piece>,
}

/// All of some files. What is not said is as in the detector's run, if it lies in one.
pub(super) fn of_files(
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
    let signals = signals(source, per_unit).with_context(|| match config {
        Some(config) => format!(
            "the detector was trained on the channels {}; where these files call them otherwise, \
             name them in that order with --columns",
            config.channels.join(",")
        ),
        None => "cannot play these files".to_owned(),
    })?;
    let pieces = 0..signals.recordings.len();
    let pieces = pieces.map(|recording| Piece { recording, range: 0..signals.len_of(recording) });
    Ok(Recordings { pieces: pieces.collect(), signals })
}

/// What the run held out: its normal pieces, then the abnormal ones.
pub(super) fn of_run(config: &DetectConfig, seed: u64) -> anyhow::Result<Recordings> {
    if config.source.len() == 1 && is_images(&config.source[0]) {
        bail!(
            "the detector's run was made of images: `ae-train evaluate` and `verify` run them; give \
             --data FILE to play a signal, row after row"
        );
    }
    let source = Source {
        files: config.source.iter().map(Into::into).collect(),
        columns: Some(config.channels.clone()),
        time: config.time.clone(),
        label: config.label.clone(),
        group: config.group.clone(),
        recording: config.recording.clone(),
    };
    let signals = signals(source, &config.counts_per_unit)
        .context("cannot read the files that the run began with; give --data")?;
    if ae_files::hex(&signals.digest()) != config.source_digest {
        bail!("the files that the run began with have changed; give --data to play others");
    }
    let groups = match &config.groups {
        [train, ..] if train.is_empty() => Groups::Automatic { seed },
        [train, calibrate, test] => {
            Groups::Named { train: train.clone(), calibrate: calibrate.clone(), test: test.clone() }
        }
    };
    let roles = Roles { normal: config.normal.clone(), groups, gap: config.window };
    let split = signal::split(&signals, &roles)?;
    let pieces = split.test_normal.into_iter().chain(split.test_abnormal).collect();
    Ok(Recordings { signals, pieces })
}

/// A piece in the type that a detector takes.
pub(super) enum Samples {
    Pixels(Vec<u8>),
    Counts(Vec<i16>),
    Values(Vec<f32>),
}

impl Samples {
    pub(super) fn recording(&self) -> Recording<'_> {
        match self {
            Self::Pixels(values) => Recording::Pixels(values),
            Self::Counts(values) => Recording::Counts(values),
            Self::Values(values) => Recording::Values(values),
        }
    }
}

/// Refuses signals that the detector could say nothing of.
pub(super) fn check(recordings: &Recordings, channels: usize, window: usize) -> anyhow::Result<()> {
    let there = &recordings.signals.channels;
    if there.len() != channels {
        bail!(
            "the detector watches {channels} channels, and the files have {}: {}; name those that it \
             was trained on with --columns, in the same order",
            there.len(),
            there.join(", ")
        );
    }
    let longest = recordings.pieces.iter().map(|piece| piece.range.len()).max().unwrap_or(0);
    if longest < window {
        bail!(
            "the detector watches windows of {window} samples, and the longest recording has \
             {longest}; give longer ones"
        );
    }
    Ok(())
}

/// The pieces in the type that the detector takes, if they are in it.
pub(super) fn samples(
    signals: &Signals,
    pieces: &[Piece],
    kind: SampleKind,
) -> anyhow::Result<Vec<Samples>> {
    if kind == SampleKind::Pixels && !signals.are_pixels() {
        bail!("the detector takes pixels, and the files hold other numbers than 0 to 255");
    }
    if kind == SampleKind::Counts && !signals.are_counts() {
        bail!(
            "the detector takes i16 counts, and the files hold other numbers: say how many counts a \
             unit has with --counts-per-unit, or make a detector of f32 values, with `ae-train detect \
             --values`"
        );
    }
    let channels = signals.channels.len();
    let pieces = pieces.iter().map(|Piece { recording, range }| {
        let samples = &signals.recordings[*recording].samples;
        let samples = &samples[range.start * channels..range.end * channels];
        match kind {
            SampleKind::Pixels => Samples::Pixels(samples.iter().map(|&v| v as u8).collect()),
            SampleKind::Counts => Samples::Counts(samples.iter().map(|&v| v as i16).collect()),
            SampleKind::Values => Samples::Values(samples.to_vec()),
        }
    });
    Ok(pieces.collect())
}
