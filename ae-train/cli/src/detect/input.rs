//! What `--data` names: signals in files or by name, or labelled images.

use std::path::PathBuf;

use ae_core::SampleKind;
use ae_data as data;
use ae_data::is_dataset;
use ae_data::signal::{self, is_images, load};
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
        return Ok(DetectInput::of_images(&first)?);
    }
    let signals = load(source, args.source.counts_per_unit())?;
    // A window that is missing is asked for later, with what there is to say of it.
    let gap = args.window().unwrap_or_default();
    let split = signal::split(&signals, &args.split_settings(seed, gap))?;
    let misfit = if values { None } else { signals.misfit_of(SampleKind::Counts) };
    if let Some(misfit) = misfit.as_ref().filter(|misfit| misfit.found <= misfit.values / 100) {
        tell!(
            "note: nearly all numbers are i16 counts; {}; so they are taken as f32 values",
            misfit.told(&signals.channels)
        );
    }
    let counts = !values && misfit.is_none();
    Ok(DetectInput::Signals(Box::new(DividedSignals { signals, split, counts })))
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
