//! The run of an autoencoder, before its training.

use std::path::Path;

use ae_data::{Dataset, Origin, called};
use ae_model::AutoencoderConfig;
use ae_run::blobs::TOOL;
use ae_run::{Baselines, Checkpoint, DataConfig, Recipe, Run, RunConfig, file};

use super::{TrainSettings, TrainStart, data_of_run};
use crate::pipeline::observer::PipelineObserver;
use crate::pipeline::{PipelineError, training};

/// A run that is ready to train.
pub(super) struct Started {
    pub(super) run: Run,
    /// What is trained now; the run's file has it when that is done.
    pub(super) config: RunConfig,
    pub(super) data: Dataset,
    /// Where it goes on from, with the recipe of `config`.
    pub(super) checkpoint: Option<Checkpoint>,
    /// It was begun before.
    pub(super) resumed: bool,
}

/// Makes the run's folder, or opens one to go on.
pub(super) fn start(
    settings: &TrainSettings,
    observer: &mut dyn PipelineObserver,
) -> Result<Started, PipelineError> {
    match &settings.start {
        TrainStart::New { data, folder, hidden, latent, activation, recipe, short_warmup } => {
            let data = ae_data::load(data.as_deref())?;
            observer.on_data(&data);
            let model = AutoencoderConfig {
                input: data.train.features(),
                hidden: hidden.clone(),
                latent: *latent,
                activation: *activation,
            };
            let baselines = settings.baselines.unwrap_or_default();
            let mut config = config(&data, model, recipe.clone(), baselines);
            let steps_per_epoch = training::check(&config, &data)?;
            if *short_warmup {
                config.recipe = config.recipe.with_short_warmup(steps_per_epoch);
            }
            let folder =
                folder.clone().unwrap_or_else(|| Path::new("runs").join(name(&data, &config)));
            let run = Run::create(&folder, &config)?;
            Ok(Started { run, config, data, checkpoint: None, resumed: false })
        }
        TrainStart::Resume { folder, data, epochs } => {
            let (run, mut config) = Run::open(folder)?;
            if config.detect.is_some() {
                return Err(PipelineError::IsDetector { run: folder.clone() });
            }
            let data = data_of_run(folder, &config, data.as_deref())?;
            observer.on_data(&data);
            let mut checkpoint = training::checkpoint(&run, &config)?;
            // Baselines decide nothing of the training, so that they are kept from now on.
            if let Some(baselines) = settings.baselines.filter(|&given| given != config.baselines) {
                config.baselines = baselines;
                run.write_config(&config)?;
            }
            let recipe = longer(&config.recipe, checkpoint.as_ref(), *epochs)?;
            let is_known = recipe == config.recipe || recipe.goes_on_from(&config.recipe);
            config.recipe = recipe;
            if !is_known {
                // No longer the run that the configuration states: the next checkpoint would not be
                // taken for one of it.
                replace_recipe(&run, &config)?;
            }
            if let Some(checkpoint) = &mut checkpoint {
                checkpoint.recipe = config.recipe.clone();
            }
            Ok(Started { run, config, data, checkpoint, resumed: true })
        }
    }
}

/// Makes the recipe of `config` the run's. The weights of the one before are none of its.
pub(super) fn replace_recipe(run: &Run, config: &RunConfig) -> Result<(), PipelineError> {
    run.remove(file::WEIGHTS)?;
    Ok(run.write_config(config)?)
}

/// The recipe to go on with: that of the checkpoint, which may be longer already than the
/// configuration says, to `epochs` if they are given.
fn longer(
    recipe: &Recipe,
    checkpoint: Option<&Checkpoint>,
    epochs: Option<u32>,
) -> Result<Recipe, PipelineError> {
    let (recipe, done) = match checkpoint {
        None => (recipe, 0),
        // Never more than the recipe's, which is a u32.
        Some(kept) => (&kept.recipe, kept.metrics.len() as u32),
    };
    match epochs {
        Some(found) if found <= done && found != recipe.epochs => {
            Err(PipelineError::NoLonger { done, found })
        }
        Some(epochs) => {
            let recipe = recipe.clone().with_epochs(epochs, done);
            recipe.validate().map_err(crate::train::TrainError::Recipe)?;
            Ok(recipe)
        }
        None => Ok(recipe.clone()),
    }
}

fn config(
    data: &Dataset,
    model: AutoencoderConfig,
    recipe: Recipe,
    baselines: Baselines,
) -> RunConfig {
    let source = match &data.origin {
        Origin::Folder(path) => called(path),
        _ => data.name.clone(),
    };
    let (tool, data) = (TOOL.to_owned(), DataConfig::of(data, source));
    RunConfig { tool, baselines, data, model, recipe, detect: None }
}

/// Such as `fashion-mnist-256-128-20-gelu`.
fn name(data: &Dataset, config: &RunConfig) -> String {
    let model = &config.model;
    let mut name = data.name.clone();
    for width in model.hidden.iter().chain([&model.latent]) {
        name += &format!("-{width}");
    }
    format!("{name}-{}", model.activation)
}
