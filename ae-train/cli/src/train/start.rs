//! A run's folder, configuration and data, before the training.

use std::path::Path;

use ae_data as data;
use ae_data::{Dataset, Origin};
use ae_model::AutoencoderConfig;
use ae_quantize::MAX_WIDTH;
use ae_run::blobs::TOOL;
use ae_run::{DataConfig, Run, RunConfig};
use ae_train::train::Trainer;
use anyhow::bail;

use super::Args;
use crate::files;

/// A new run, its folder made and its configuration written.
pub(super) fn start(args: &Args) -> anyhow::Result<(Run, RunConfig, Dataset)> {
    let dataset = load(args.data.as_deref())?;
    let model = AutoencoderConfig {
        input: dataset.train.features(),
        hidden: args.model.hidden.0.clone(),
        latent: args.model.latent,
        activation: args.model.activation.unwrap_or(args.recipe.activation()),
    };
    let source = match &dataset.origin {
        // Found again from any working directory.
        Origin::Folder(path) => path.canonicalize()?.display().to_string(),
        _ => dataset.name.clone(),
    };
    let config = RunConfig {
        tool: TOOL.to_owned(),
        data: DataConfig::of(&dataset, source),
        model,
        recipe: args.recipe.resolve(),
        detect: None,
    };
    // Everything that can be wrong is found before the folder is made.
    config.model.validate()?;
    check_format(&config.model)?;
    Trainer::new(config.model.clone(), config.recipe.clone(), &dataset)?;
    let path = match (&args.out, &args.name) {
        (Some(out), _) => out.clone(),
        (None, Some(name)) => Path::new("runs").join(name),
        (None, None) => Path::new("runs").join(default_name(&dataset.name, &config)),
    };
    Ok((Run::create(&path, &config)?, config, dataset))
}

/// What the blob's format allows, so that no training ends in a model that cannot be written.
pub(crate) fn check_format(model: &AutoencoderConfig) -> anyhow::Result<()> {
    // The quantiser runs encoder and decoder as one part of a blob.
    let most = ae_core::MAX_LAYERS / 2 - 1;
    let found = model.hidden.len();
    if found > most {
        bail!("--hidden has {found} widths, expected at most {most}: a blob is not deeper");
    }
    if model.input > MAX_WIDTH {
        bail!(
            "images of {} pixels are too large to be quantised, expected at most {MAX_WIDTH} pixels",
            model.input
        );
    }
    let widths = model.hidden.iter().copied().chain([model.latent]);
    match widths.max() {
        Some(width) if width > MAX_WIDTH => {
            bail!("a width of {width} is too large to be quantised, expected at most {MAX_WIDTH}")
        }
        _ => Ok(()),
    }
}

/// Such as `fashion-mnist-256-128-20-gelu`.
fn default_name(dataset: &str, config: &RunConfig) -> String {
    let model = &config.model;
    let mut name = dataset.to_owned();
    for width in model.hidden.iter().chain([&model.latent]) {
        name += &format!("-{width}");
    }
    format!("{name}-{}", model.activation)
}

/// A run that is there already.
pub(super) fn resume(path: &Path, data: Option<&str>) -> anyhow::Result<(Run, RunConfig, Dataset)> {
    let (run, config) = Run::open(path)?;
    if config.detect.is_some() {
        bail!("{} is a run of `ae-train detect`; its own command goes on with it", path.display());
    }
    let dataset = files::run_data(&config, data)?;
    tell(&dataset);
    Ok((run, config, dataset))
}

fn load(spec: Option<&str>) -> anyhow::Result<Dataset> {
    let dataset = data::load(spec)?;
    tell(&dataset);
    if dataset.origin.is_sample() && spec.is_none() {
        tell!("the whole of Fashion-MNIST was not found: get it with ae-train fetch fashion-mnist");
    }
    Ok(dataset)
}

fn tell(dataset: &Dataset) {
    let (train, test) = (dataset.train.len(), dataset.test.len());
    tell!("{train} training and {test} test images from {}", dataset.origin);
}
