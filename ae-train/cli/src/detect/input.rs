//! What `--data` names: signals in files or by name, or labelled images.

use std::path::PathBuf;

use ae_core::SampleKind;
use ae_data as data;
use ae_data::is_dataset;
use ae_data::signal::{self, Constant, Folds, ReadNote, Signals, Source, is_images, load};
use ae_detect::suggest::suggest;
use ae_detect::windows::{Spacing, WindowsError};
use ae_features::FeaturesConfig;
use ae_train::pipeline::detect::{DetectInput, DividedSignals};
use anyhow::bail;

use super::super::signal_args::SignalArgs;
use super::features;
use super::options::DetectorArgs;
use crate::reading_args::tell_understood;
use crate::trouble::data::option_of;

/// What was read.
pub(super) struct Read {
    pub(super) input: DetectInput,
    /// Counts of one unit, of the channels that are left.
    pub(super) counts_per_unit: Vec<f64>,
    /// How far windows are apart.
    pub(super) spacing: Spacing,
    /// What is computed of the signals first, if anything is.
    pub(super) features: Option<FeaturesConfig>,
    /// Samples a second, if known.
    pub(super) rate: Option<f64>,
}

/// Reads what `args` name, as the detector takes it.
pub(super) fn read(args: &SignalArgs, detector: &DetectorArgs, seed: u64) -> anyhow::Result<Read> {
    let values = detector.values;
    let source = args.source.source();
    let Some(first) = source.files.first() else {
        bail!(
            "--data is missing: signals in CSV, WAV, Parquet or other files, such as --data normal.csv"
        );
    };
    let first = first.to_string_lossy().into_owned();
    if source.files.len() == 1 && is_images(&first) {
        let of_detector = [
            ("--values", values),
            ("--drop-constant", detector.drop_constant),
            ("--no-trim", detector.no_trim),
            ("--linear", detector.linear),
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
        let spacing = of_images(&input);
        return Ok(Read {
            input,
            counts_per_unit: Vec::new(),
            spacing,
            features: None,
            rate: args.rate(),
        });
    }
    let mut counts_per_unit = args.source.counts_per_unit().to_vec();
    let mut signals = load(source, args.source.counts_per_unit())?;
    tell_understood(&signals);
    tell_unused(&signals);
    let rate = features::rate(args, &signals)?;
    let features = features::of(args, rate)?;
    let (window, split) = divided(&signals, args, features.as_ref(), detector, seed)?;
    let (stride, train_stride) = match &features {
        Some(features) => (features.stride(), features.train_stride()),
        None => (args.stride(window), args.train_stride(window)),
    };
    if detector.drop_constant {
        let constants = constants(&signals, &split, [window, train_stride])?;
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
    let divided = DividedSignals::new(signals, split, counts, features.as_ref())?;
    let (input, spacing) =
        (DetectInput::Signals(Box::new(divided)), Spacing { window, stride, train_stride });
    Ok(Read { input, counts_per_unit, spacing, features, rate })
}

/// Says which options use the arrays that nobody has named. The arrays are told with all other notes.
fn tell_unused(signals: &Signals) {
    for note in &signals.notes {
        let ReadNote::Unused { file, arrays } = note else { continue };
        let options: Vec<String> = arrays.iter().filter_map(option_of).collect();
        if !options.is_empty() {
            tell!("note: {file}: its other arrays may be for {}", options.join(", "));
        }
    }
}

/// Samples of a window, and how the recordings are divided for it.
fn divided(
    signals: &Signals,
    args: &SignalArgs,
    features: Option<&FeaturesConfig>,
    detector: &DetectorArgs,
    seed: u64,
) -> anyhow::Result<(usize, Folds)> {
    if let Some(window) = features.map(FeaturesConfig::window).or(args.window()) {
        return Ok((window, signal::split(signals, &args.split_settings(seed, window))?));
    }
    let (suggested, folds) = suggest(signals, &args.split_settings(seed, 0), detector.alpha)?;
    let window = suggested.window;
    tell!(
        "note: window {window}: {suggested}; stride {}; --window and --stride say others",
        args.stride(window)
    );
    Ok((window, folds))
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

/// Leaves out what is constant.
fn leave_out(
    signals: &mut Signals,
    counts_per_unit: &mut Vec<f64>,
    constants: &[(usize, Constant)],
) {
    if counts_per_unit.len() == signals.channels.len() {
        let mut at = 0;
        counts_per_unit.retain(|_| {
            at += 1;
            constants.iter().all(|&(place, _)| place + 1 != at)
        });
    }
    signals.leave_out_constant(constants);
}

/// What the files are called; names of datasets stay.
pub(super) fn called(files: &[PathBuf]) -> Vec<String> {
    let name = |path: &PathBuf| path.to_str().filter(|name| is_dataset(name)).map(str::to_owned);
    files.iter().map(|path| name(path).unwrap_or_else(|| data::called(path))).collect()
}

/// Remembers where the files lie that were read.
pub(super) fn remember(source: &Source, input: &DetectInput) {
    let is_file = |path: &PathBuf| !path.to_str().is_some_and(is_dataset);
    if source.files.iter().all(is_file) {
        crate::files::remember(&source.remembered_as(&input.digest()), &source.files);
    }
}

/// An image is a window.
fn of_images(input: &DetectInput) -> Spacing {
    let rows = match input {
        DetectInput::Images { dataset, .. } => dataset.train.height(),
        DetectInput::Signals(_) => 0,
    };
    Spacing { window: rows, stride: rows, train_stride: rows }
}
