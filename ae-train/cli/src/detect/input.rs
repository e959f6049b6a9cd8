//! What `--data` names: signals in files or by name, or labelled images.

use std::path::PathBuf;

use ae_core::SampleKind;
use ae_data as data;
use ae_data::is_dataset;
use ae_data::signal::{self, Constant, Folds, Signals, is_images, load};
use ae_detect::windows::{Spacing, WindowsError};
use ae_train::pipeline::detect::{DetectInput, DividedSignals};
use anyhow::{Context, bail};

use super::super::signal_args::SignalArgs;
use super::options::DetectorArgs;

/// What was read.
pub(super) struct Read {
    pub(super) input: DetectInput,
    /// Counts of one unit, of the channels that are left.
    pub(super) counts_per_unit: Vec<f64>,
}

/// Reads what `args` name, as the detector takes it.
pub(super) fn read(args: &SignalArgs, detector: &DetectorArgs, seed: u64) -> anyhow::Result<Read> {
    let values = detector.values;
    let source = args.source.source();
    let Some(first) = source.files.first() else {
        bail!("--data is missing: signals in CSV, NPY or NPZ files, such as --data normal.csv");
    };
    let first = first.to_string_lossy().into_owned();
    if source.files.len() == 1 && is_images(&first) {
        let of_detector = [
            ("--values", values),
            ("--drop-constant", detector.drop_constant),
            ("--no-trim", detector.no_trim),
        ]
        .into_iter();
        let given = of_detector.filter(|(_, given)| *given).map(|(option, _)| option).next();
        let beyond = args.beyond_images().or(given);
        if let Some(option) = beyond {
            bail!(
                "{option} is for signals; an image is one window of pixels, and its label is known"
            );
        }
        let input = DetectInput::of_images(&first)?;
        return Ok(Read { input, counts_per_unit: Vec::new() });
    }
    let mut counts_per_unit = args.source.counts_per_unit().to_vec();
    let mut signals = load(source, args.source.counts_per_unit())?;
    // A window that is missing is asked for later, with what there is to say of it.
    let gap = args.window().unwrap_or_default();
    let split = signal::split(&signals, &args.split_settings(seed, gap))?;
    if let Some(window) = args.window().filter(|_| detector.drop_constant) {
        let constants = constants(&signals, &split, [window, args.train_stride(window)])?;
        if constants.len() < signals.channels.len() {
            leave_out(&mut signals, &mut counts_per_unit, &constants);
        }
    }
    let misfit = if values { None } else { signals.misfit_of(SampleKind::Counts) };
    if let Some(misfit) = misfit.as_ref().filter(|misfit| misfit.found <= misfit.values / 100) {
        tell!(
            "note: nearly all numbers are i16 counts; {}; so they are taken as f32 values",
            misfit.told(&signals.channels)
        );
    }
    let counts = !values && misfit.is_none();
    let input = DetectInput::Signals(Box::new(DividedSignals { signals, split, counts }));
    Ok(Read { input, counts_per_unit })
}

/// The channels that stay the same in all windows to train on, with their positions.
fn constants(
    signals: &Signals,
    split: &Folds,
    [window, train_stride]: [usize; 2],
) -> anyhow::Result<Vec<(usize, Constant)>> {
    let windows = signal::windows(signals, &split.train, window, train_stride)
        .map_err(|source| WindowsError::Window { set: "training", source })?;
    Ok(signal::constants(signals, &windows, window))
}

/// Leaves out what is constant, and says so.
fn leave_out(
    signals: &mut Signals,
    counts_per_unit: &mut Vec<f64>,
    constants: &[(usize, Constant)],
) {
    let told: Vec<String> =
        constants.iter().map(|(_, it)| format!("{} ({})", it.channel, it.value)).collect();
    if told.is_empty() {
        return;
    }
    let places: Vec<usize> = constants.iter().map(|&(place, _)| place).collect();
    tell!(
        "note: {} of {} channels stay the same in training, and are left out: {}; the board gets \
         the others alone, and nothing watches these",
        told.len(),
        signals.channels.len(),
        told.join(", ")
    );
    if counts_per_unit.len() == signals.channels.len() {
        let kept = (0..counts_per_unit.len()).filter(|place| !places.contains(place));
        *counts_per_unit = kept.map(|place| counts_per_unit[place]).collect();
    }
    signals.leave_out(&places);
}

/// What the files are called; names of datasets stay.
pub(super) fn called(files: &[PathBuf]) -> Vec<String> {
    let name = |path: &PathBuf| path.to_str().filter(|name| is_dataset(name)).map(str::to_owned);
    files.iter().map(|path| name(path).unwrap_or_else(|| data::called(path))).collect()
}

/// Remembers where the files lie that were read.
pub(super) fn remember(files: &[PathBuf], input: &DetectInput) {
    let is_file = |path: &PathBuf| !path.to_str().is_some_and(is_dataset);
    if files.iter().all(is_file) {
        crate::files::remember(&input.digest(), files);
    }
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
