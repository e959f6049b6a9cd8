//! What `--data` names: signals in files or by name, or labelled images.

use std::path::{Path, PathBuf};

use ae_data as data;
use ae_data::signal::{self, Signals, Source};
use ae_data::{Split as Half, known, labels, sample, watch};
use ae_detect::windows::Spacing;
use ae_train::pipeline::detect::{DetectInput, DividedSignals};
use anyhow::{Context, bail};

use super::super::signal_args::SignalArgs;

/// Reads what `args` name; `values` that whole numbers are not counts.
pub(super) fn read(args: &SignalArgs, values: bool, seed: u64) -> anyhow::Result<DetectInput> {
    let source = args.source.source();
    let Some(first) = source.files.first() else {
        bail!("--data is missing: signals in CSV, NPY or NPZ files, such as --data normal.csv");
    };
    let first = first.to_string_lossy().into_owned();
    if source.files.len() == 1 && is_images(&first) {
        let beyond = args.beyond_images().or(values.then_some("--values"));
        if let Some(option) = beyond {
            bail!(
                "{option} is for signals; an image is one window of pixels, and its label is known"
            );
        }
        return images(&first);
    }
    let signals = signals(source, args.source.counts_per_unit())?;
    // A window that is missing is asked for later, with what there is to say of it.
    let gap = args.window().unwrap_or_default();
    let split = signal::split(&signals, &args.roles(seed, gap))?;
    let counts = !values && signals.are_counts();
    Ok(DetectInput::Signals(Box::new(DividedSignals { signals, split, counts })))
}

/// Reads signals, and makes counts of them where it is said how.
pub(crate) fn signals(source: Source, per_unit: &[f64]) -> anyhow::Result<Signals> {
    let name = source.files.first().map(|path| path.to_string_lossy().into_owned());
    if let Some(name) = name.as_deref().filter(|name| is_images(name) && !Path::new(name).exists())
    {
        bail!("{name} are images, not signals, so they are neither joined to others nor played");
    }
    let csv = match name.as_deref() {
        Some(watch::NAME) => Some(watch::full()?),
        Some(watch::SAMPLE_NAME) => Some(watch::sample()),
        _ => None,
    };
    let mut signals = match csv {
        None => signal::read(&source)?,
        Some(csv) => {
            let source = with_columns_of_watch(source);
            signal::read_bytes(Path::new(csv.name), &csv.text, &source)?
        }
    };
    if !per_unit.is_empty() {
        count(&mut signals, per_unit)?;
    }
    Ok(signals)
}

/// The files as they are found from any working directory; names of datasets stay.
pub(super) fn places(files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let names = [watch::NAME, watch::SAMPLE_NAME, known::NAME, sample::NAME];
    let is_file = |path: &PathBuf| !names.iter().any(|name| path.as_os_str() == *name);
    let place = |path: &PathBuf| match is_file(path) && path.exists() {
        true => Ok(path.canonicalize()?.display().to_string()),
        false => Ok(path.display().to_string()),
    };
    files.iter().map(place).collect()
}

/// A folder is one of IDX files.
pub(crate) fn is_images(name: &str) -> bool {
    name == known::NAME || name == sample::NAME || Path::new(name).is_dir()
}

fn images(name: &str) -> anyhow::Result<DetectInput> {
    let dataset = data::load(Some(name))?;
    let labels_of = |half, count| labels(&dataset.origin, half, count);
    let train = labels_of(Half::Train, dataset.train.len())?;
    let test = labels_of(Half::Test, dataset.test.len())?;
    Ok(DetectInput::Images { labels: [train, test], dataset })
}

/// The columns' meanings are known; what a user says counts more.
fn with_columns_of_watch(source: Source) -> Source {
    let name = |given: Option<String>, usual: &str| given.or_else(|| Some(usual.to_owned()));
    let channels = ["ax", "ay", "az", "wx", "wy", "wz"].map(str::to_owned);
    Source {
        columns: source.columns.or_else(|| Some(channels.to_vec())),
        label: name(source.label, "exercise"),
        group: name(source.group, "subject"),
        recording: name(source.recording, "recording"),
        ..source
    }
}

/// Replaces values by a sensor's counts.
fn count(signals: &mut Signals, per_unit: &[f64]) -> anyhow::Result<()> {
    let channels = signals.channels.len();
    if per_unit.len() != 1 && per_unit.len() != channels {
        bail!(
            "--counts-per-unit has {} numbers; expected one for all channels, or one for each of \
             the {channels}: {}",
            per_unit.len(),
            signals.channels.join(", ")
        );
    }
    for recording in &mut signals.recordings {
        for (index, value) in recording.samples.iter_mut().enumerate() {
            let channel = index % channels;
            let count = (f64::from(*value) * per_unit[channel % per_unit.len()]).round();
            if !(f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&count) {
                bail!(
                    "{}: sample {} of channel `{}` is {value}, which are {count} counts, and an i16 \
                     holds -32768 to 32767; give fewer --counts-per-unit",
                    recording.origin,
                    index / channels,
                    signals.channels[channel]
                );
            }
            *value = count as f32;
        }
    }
    Ok(())
}

/// How far windows are apart.
pub(super) fn spacing(input: &DetectInput, args: &SignalArgs) -> anyhow::Result<Spacing> {
    match input {
        DetectInput::Images { dataset, .. } => {
            let rows = dataset.train.height();
            Ok(Spacing { window: rows, stride: rows, train_stride: rows })
        }
        DetectInput::Signals(_) => {
            let window = args.window().context(
                "--window is missing: how many samples a window has, such as --window 64; long \
                 enough for what is normal to show its shape",
            )?;
            let (stride, train_stride) = (args.stride(window), args.train_stride(window));
            Ok(Spacing { window, stride, train_stride })
        }
    }
}
