//! `detect --model`: a threshold for a model that is given.

use std::path::{Path, PathBuf};

use ae_core::ValueMap;
use ae_data::signal::{Piece, Signals};
use ae_detect::given::{Given, GivenMaps, calibrate_given};
use ae_detect::report::ThresholdReport;
use ae_engine as engine;
use ae_features::Features;
use ae_files::make_folder;
use ae_import::{Origin, PixelMap};
use anyhow::{Context, bail};
use serde::Serialize;

use super::{Args, levels, threshold_line};
use crate::model_windows;
use crate::{Outcome, files, print, print_json};

/// Options that say how a model is trained, or how its windows are divided.
pub(super) const WITHOUT: [&str; 33] = [
    "resume",
    "name",
    "core",
    "counts_per_unit",
    "train_groups",
    "calibrate_groups",
    "test_groups",
    "window",
    "train_stride",
    "unweighted",
    "no_pca",
    "values",
    "no_trim",
    "linear",
    "drop_constant",
    "ModelArgs",
    "epochs",
    "loss",
    "batch_size",
    "learning_rate",
    "warmup_steps",
    "schedule",
    "weight_average",
    "keep_best",
    "noise",
    "latent_l1",
    "tied",
    "batch_norm",
    "variational",
    "seed",
    "start",
    "threads",
    "group",
];

#[derive(Serialize)]
struct Report {
    path: PathBuf,
    bytes: usize,
    window: usize,
    channels: Vec<String>,
    threshold: ThresholdReport,
}

pub(super) fn run(args: &Args, model: &Path) -> anyhow::Result<Outcome> {
    let debounce = args.detector.debounce().map_err(anyhow::Error::msg)?;
    let blob = files::read_blob(model)?;
    let name = model.display();
    let features = engine::check(&blob)?.features as usize;
    let source = args.signal.source.source();
    if source.files.is_empty() {
        bail!(
            "--model {name} needs --data: signals of what is normal, to choose the threshold from"
        );
    }
    let (signals, pieces) =
        model_windows::normal(source, args.signal.normal(), args.signal.missing())?;
    let Taken { features, maps, window, stride } =
        taken(args, &blob, features, &signals, &pieces).with_context(|| format!("{name}"))?;
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let given = Given {
        maps: &maps,
        features: features.as_ref(),
        window: narrow(window),
        stride: narrow(stride),
        alarm_ppm: args.detector.alpha,
        debounce,
        smoothing: args.detector.smoothing.unwrap_or(0),
    };
    let (detector, threshold) = calibrate_given(&blob, &given, &signals, &pieces)?;
    let out = match &args.out {
        Some(folder) => folder.join(model.file_name().unwrap_or_default()),
        None => model.with_file_name(detector_name(model)),
    };
    if let Some(folder) = &args.out {
        make_folder(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    files::write(&out, &detector)?;
    let threshold = ThresholdReport::new(&threshold, debounce.hits.into(), debounce.of.into());
    if args.json {
        let (bytes, channels) = (detector.len(), signals.channels);
        print_json(&Report { path: out, bytes, window, channels, threshold })?;
    } else {
        if let Some(features) = &features {
            print(format_args!("features: {}", features.config()))?;
        }
        let unit = if features.is_some() { "frames" } else { "samples" };
        print(format_args!("windows of {window} {unit} of {}", signals.channels.join(", ")))?;
        print(threshold_line(&threshold))?;
        print(format_args!("{}  {} bytes", out.display(), detector.len()))?;
    }
    Ok(Outcome::Success)
}

/// What the model takes, in samples, or in frames where features are computed.
struct Taken {
    features: Option<Features>,
    maps: GivenMaps,
    window: usize,
    stride: usize,
}

fn taken(
    args: &Args,
    blob: &[u8],
    values: usize,
    signals: &Signals,
    pieces: &[Piece],
) -> anyhow::Result<Taken> {
    let signal = &args.signal;
    if signal.features().is_some() {
        let (features, full_scale) = levels::features(signal, values, signals, pieces)?;
        let decibels = maps(blob, features.lend().values())?;
        let maps = levels::maps(signal, &features, full_scale, &decibels);
        let config = features.config();
        let (window, stride) = (config.frames.into(), config.stride() / usize::from(config.hop));
        return Ok(Taken { features: Some(features), maps, window, stride });
    }
    if signal.rate().is_some() {
        bail!("--rate says nothing to --model without --features; leave it out");
    }
    let channels = signals.channels.len();
    let window = model_windows::window(values, channels, "the model")?;
    let maps = GivenMaps::Values(maps(blob, channels)?);
    Ok(Taken { features: None, maps, window, stride: signal.stride(window) })
}

/// How the values of each channel become pixels.
fn maps(blob: &[u8], channels: usize) -> anyhow::Result<Vec<ValueMap>> {
    let origin = Origin::from_bytes(&engine::provenance(blob)?.config);
    let maps = origin.map_or_else(|| vec![PixelMap::PLAIN], |origin| origin.pixels);
    let count = maps.len().max(1);
    if let Some(at) = (0..count).find(|&at| maps[at] != maps[at % channels % count]) {
        bail!(
            "pixel {at} stands for other numbers than pixel {}, and both are of one channel; import \
             the model with --channels {channels}",
            at % channels
        );
    }
    let of_channel = |channel: usize| {
        let PixelMap { scale, offset } = maps[channel % count];
        ValueMap { offset: offset + 128.0 * scale, scale: 1.0 / scale }
    };
    Ok((0..channels).map(of_channel).collect())
}

/// Such as `pump.detector.int8.aeb` for `pump.int8.aeb`.
fn detector_name(model: &Path) -> String {
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    match name.split_once('.') {
        Some((stem, endings)) => format!("{stem}.detector.{endings}"),
        None => format!("{name}.detector"),
    }
}
