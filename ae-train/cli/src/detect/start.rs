//! The run of a detector, before its training.

use std::path::{Path, PathBuf};

use ae_core::Debounce;
use ae_data::{Dataset, Origin};
use ae_detect::maps::Maps;
use ae_detect::windows::{Parts, Spacing};
use ae_files::make_folder;
use ae_model::AutoencoderConfig;
use ae_run::blobs::TOOL;
use ae_run::{DataConfig, DetectConfig, Loss, Recipe, Run, RunConfig, Schedule, file, read_config};
use ae_train::train::Trainer;
use anyhow::{Context, bail};

use super::input::{self, Input};
use super::{Args, idx_of};
use crate::train::start::check_format;

/// A run that is ready to train.
pub(super) struct Started {
    pub(super) run: Run,
    pub(super) config: RunConfig,
    pub(super) dataset: Dataset,
}

/// What trains detectors well. For signals it was chosen by validation among the training subjects
/// of `watch-imu`, for images on training images of Fashion-MNIST that were held back.
fn recipe(images: bool) -> Recipe {
    let base = Recipe {
        loss: Loss::Mse,
        schedule: Schedule::Cosine,
        warmup_steps: 0,
        ..Recipe::default()
    };
    match images {
        false => Recipe { epochs: 20, batch_size: 64, learning_rate: 3e-3, ..base },
        true => Recipe { epochs: 40, batch_size: 128, learning_rate: 1e-3, ..base },
    }
}

/// Makes the run's folder, or opens the one that the same command has begun.
pub(super) fn start(
    args: &Args,
    input: &Input,
    parts: &Parts,
    spacing: Spacing,
    debounce: Debounce,
) -> anyhow::Result<Started> {
    let images = matches!(input, Input::Images { .. });
    let model = AutoencoderConfig {
        input: parts.train.pixels.features(),
        hidden: match &args.model.hidden {
            Some(hidden) => hidden.0.clone(),
            None => vec![if images { 256 } else { 128 }],
        },
        latent: latent(args, images),
        activation: args.model.activation,
    };
    let path = path(args, &model);
    let source = args.signal.source.source();
    // Absolute, so that the windows are found again from any working directory.
    let windows = std::path::absolute(path.join(file::WINDOWS))?;
    let dataset = Dataset {
        name: file::WINDOWS.to_owned(),
        origin: Origin::Folder(windows.clone()),
        train: parts.train.pixels.clone(),
        test: parts.normal.pixels.clone(),
    };
    let config = RunConfig {
        tool: TOOL.to_owned(),
        data: DataConfig::of(&dataset, windows.display().to_string()),
        model,
        recipe: args.recipe.applied_to(recipe(images)),
        detect: Some(DetectConfig {
            source: input::places(&source.files)?,
            time: source.time,
            label: source.label,
            group: source.group,
            recording: source.recording,
            source_digest: input.digest(),
            channels: input.channels(),
            normal: args.signal.normal().to_vec(),
            groups: input.groups(),
            window: spacing.window,
            stride: spacing.stride,
            train_stride: spacing.train_stride,
            counts: input.counts(),
            counts_per_unit: args.signal.source.counts_per_unit().to_vec(),
            alarm_ppm: args.detector.alpha,
            hits: debounce.hits,
            of: debounce.of,
            weighted: !args.detector.unweighted,
        }),
    };
    // Everything that can be wrong is found before the folder is made.
    config.model.validate()?;
    check_format(&config.model)?;
    Trainer::new(config.model.clone(), config.recipe.clone(), &dataset)?;
    let run = open_or_create(&path, &config)?;
    make_folder(&windows).with_context(|| format!("cannot make {}", windows.display()))?;
    for (name, images) in [("train", &dataset.train), ("t10k", &dataset.test)] {
        let name = format!("{}/{name}-images-idx3-ubyte.gz", file::WINDOWS);
        run.write(&name, &idx_of(images)?)?;
    }
    Ok(Started { run, config, dataset })
}

/// PCA comes after the training, so what stands against it is said before.
pub(super) fn check_pca(args: &Args, parts: &Parts) -> anyhow::Result<()> {
    let images = matches!(parts.maps, Maps::Pixels);
    let latent = latent(args, images);
    let most = parts.train.len().min(parts.train.pixels.features());
    if !args.detector.no_pca && latent > most {
        bail!(
            "--latent {latent} is more than PCA can have: {most}, for {} training windows of {} \
             values; give a smaller --latent, more normal recordings, or --no-pca",
            parts.train.len(),
            parts.train.pixels.features()
        );
    }
    Ok(())
}

fn latent(args: &Args, images: bool) -> usize {
    args.model.latent.unwrap_or(if images { 10 } else { 4 })
}

fn open_or_create(path: &Path, config: &RunConfig) -> anyhow::Result<Run> {
    if !path.join(file::CONFIG).exists() {
        return Ok(Run::create(path, config)?);
    }
    let shown = path.display();
    let found = read_config(path)?;
    if found != *config {
        bail!(
            "{shown} holds another run: its {} differs from what this command asks for, in {}; give \
             another --name or --out",
            file::CONFIG,
            differing(&found, config)?
        );
    }
    if path.join(file::REPORT_HTML).exists() {
        bail!("{shown} holds this detector already, finished; give another --name or --out");
    }
    let (run, _) = Run::open(path)?;
    Ok(run)
}

/// Names of the settings that differ.
fn differing(found: &RunConfig, asked: &RunConfig) -> anyhow::Result<String> {
    let [found, asked] = [toml::Table::try_from(found)?, toml::Table::try_from(asked)?];
    let mut names = Vec::new();
    for (section, asked) in &asked {
        let (Some(asked), Some(found)) =
            (asked.as_table(), found.get(section).and_then(toml::Value::as_table))
        else {
            if found.get(section) != Some(asked) {
                names.push(section.clone());
            }
            continue;
        };
        let keys = asked.keys().chain(found.keys().filter(|key| !asked.contains_key(*key)));
        let differ = keys.filter(|key| asked.get(*key) != found.get(*key));
        names.extend(differ.map(|key| format!("{section}.{key}")));
    }
    Ok(names.join(", "))
}

fn path(args: &Args, model: &AutoencoderConfig) -> PathBuf {
    match (&args.out, &args.name) {
        (Some(out), _) => out.clone(),
        (None, Some(name)) => Path::new("runs").join(name),
        (None, None) => Path::new("runs").join(default_name(args, model)),
    }
}

/// Such as `watch-imu-sample-ABD-128-4`.
fn default_name(args: &Args, model: &AutoencoderConfig) -> String {
    let files = args.signal.source.source().files;
    let first = files.first();
    let stem = first.and_then(|path| path.file_name()).map_or("detector".into(), |name| {
        let name = name.to_string_lossy();
        name.split('.').next().unwrap_or("detector").to_owned()
    });
    let widths = model.hidden.iter().chain([&model.latent]).map(usize::to_string);
    let parts = [stem].into_iter().chain(args.signal.normal().iter().cloned()).chain(widths);
    // It becomes a folder, whatever the labels are.
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    parts.collect::<Vec<_>>().join("-").chars().map(plain).collect()
}
