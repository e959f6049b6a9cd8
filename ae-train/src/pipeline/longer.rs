//! A run that goes on, perhaps to more epochs than it was to have.
//!
//! Until the longer training has ended, the run's configuration, weights and blobs stay those of the
//! shorter one, and only the checkpoint is ahead.

use ae_run::{Checkpoint, Recipe, Run, RunConfig, file};

use super::{PipelineError, training};
use crate::train::TrainError;

/// Where a run goes on from.
pub(super) struct GoesOn {
    /// With the recipe that is trained now.
    pub(super) checkpoint: Option<Checkpoint>,
    /// That recipe is not the one of the run's configuration yet.
    pub(super) is_longer: bool,
}

/// Finds where `run` goes on from, and puts the recipe that is trained now into `config`: to `epochs`,
/// if they are given.
pub(super) fn go_on(
    run: &Run,
    config: &mut RunConfig,
    epochs: Option<u32>,
) -> Result<GoesOn, PipelineError> {
    let mut checkpoint = training::checkpoint(run, config)?;
    let recipe = recipe(&config.recipe, checkpoint.as_ref(), epochs)?;
    let is_longer = recipe.goes_on_from(&config.recipe);
    let is_stated = recipe == config.recipe;
    config.recipe = recipe;
    if !is_longer && !is_stated {
        // No longer the run that the configuration states: the next checkpoint would not be taken for
        // one of it.
        replace_recipe(run, config)?;
    }
    if let Some(checkpoint) = &mut checkpoint {
        checkpoint.recipe = config.recipe.clone();
    }
    Ok(GoesOn { checkpoint, is_longer })
}

/// Makes the recipe of `config` the run's. The weights of the one before are none of its.
pub(super) fn replace_recipe(run: &Run, config: &RunConfig) -> Result<(), PipelineError> {
    run.remove(file::WEIGHTS)?;
    Ok(run.write_config(config)?)
}

/// The recipe to go on with: that of the checkpoint, which may be longer already than the
/// configuration says, to `epochs` if they are given.
fn recipe(
    stated: &Recipe,
    checkpoint: Option<&Checkpoint>,
    epochs: Option<u32>,
) -> Result<Recipe, PipelineError> {
    let (recipe, done) = match checkpoint {
        None => (stated, 0),
        // Never more than the recipe's, which is a u32.
        Some(kept) => (&kept.recipe, kept.metrics.len() as u32),
    };
    match epochs {
        Some(found) if found <= done && found != recipe.epochs => {
            Err(PipelineError::NoLonger { done, found })
        }
        Some(epochs) => {
            let recipe = recipe.clone().with_epochs(epochs, done);
            recipe.validate().map_err(TrainError::Recipe)?;
            Ok(recipe)
        }
        None => Ok(recipe.clone()),
    }
}
