//! The run of an autoencoder, before its training.

use std::path::Path;

use ae_data::{Dataset, Origin, called};
use ae_model::{ArchitectureChoice, AutoencoderConfig, Code, Map};
use ae_run::blobs::TOOL;
use ae_run::{Baselines, DataConfig, Recipe, Run, RunConfig};

use super::{LATENT, TrainSettings, TrainStart, data_of_run};
use crate::pipeline::PipelineError;
use crate::pipeline::longer::{self, GoesOn};
use crate::pipeline::observer::PipelineObserver;
use crate::pipeline::training::{self, Started};
use crate::train::steps_per_epoch;

/// Makes the run's folder, or opens one to go on.
pub(super) fn start(
    settings: &TrainSettings,
    observer: &mut dyn PipelineObserver,
) -> Result<Started, PipelineError> {
    match &settings.start {
        TrainStart::New {
            data,
            folder,
            hidden,
            architecture,
            latent,
            activation,
            recipe,
            short_warmup,
        } => {
            let data = ae_data::load(data.as_deref())?;
            observer.on_data(&data);
            let map = Map::image(data.train.height(), data.train.width());
            let layers = architecture.as_deref();
            let layers = layers.map(|it| it.resolve(map, *latent, LATENT)).transpose()?;
            let model = AutoencoderConfig {
                input: data.train.features(),
                hidden: if layers.is_some() { Vec::new() } else { hidden.clone() },
                latent: match &layers {
                    Some(layers) => layers.latent()?,
                    None => latent.unwrap_or(LATENT),
                },
                activation: *activation,
                code: Code::Linear,
                architecture: layers,
            };
            let baselines = settings.baselines.unwrap_or_default();
            let mut config = config(&data, model, Recipe::clone(recipe), baselines);
            training::check(&config, &data)?;
            if *short_warmup {
                let steps = steps_per_epoch(&config.recipe, data.train.len());
                config.recipe = config.recipe.with_short_warmup(steps);
            }
            let folder = folder.clone().unwrap_or_else(|| {
                let called = architecture.as_deref().map(ArchitectureChoice::name);
                Path::new("runs").join(name(&data, called, &config))
            });
            let run = Run::create(&folder, &config)?;
            Ok(Started { run, config, data, checkpoint: None, resumed: false, is_ahead: false })
        }
        TrainStart::Resume { folder, data, epochs } => {
            let (run, mut config) = Run::open(folder)?;
            if config.detect.is_some() {
                return Err(PipelineError::IsDetector { run: folder.clone() });
            }
            let data = data_of_run(folder, &config, data.as_deref())?;
            observer.on_data(&data);
            // Baselines decide nothing of the training, so that they are kept from now on.
            if let Some(baselines) = settings.baselines.filter(|&given| given != config.baselines) {
                config.baselines = baselines;
                run.write_config(&config)?;
            }
            let GoesOn { checkpoint, is_longer } = longer::go_on(&run, &mut config, *epochs)?;
            Ok(Started { run, config, data, checkpoint, resumed: true, is_ahead: is_longer })
        }
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

/// Such as `fashion-mnist-256-128-20-gelu`, or `fashion-mnist-conv-20-gelu`.
fn name(data: &Dataset, architecture: Option<&str>, config: &RunConfig) -> String {
    let model = &config.model;
    let mut name = data.name.clone();
    if let Some(architecture) = architecture {
        name += &format!("-{architecture}");
    }
    for width in model.hidden.iter().chain([&model.latent]) {
        name += &format!("-{width}");
    }
    format!("{name}-{}", model.activation)
}
