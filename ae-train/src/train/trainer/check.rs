//! Whether model, recipe and images fit together.

use ae_data::{Dataset, Images};
use ae_model::AutoencoderConfig;
use ae_run::Recipe;

use crate::train::TrainError;
use crate::train::order::{Split, split};
use crate::train::tie::{self, Pair};

/// The layers that share their weights, if the recipe says so.
pub(super) fn tied(config: &AutoencoderConfig, recipe: &Recipe) -> Result<Vec<Pair>, TrainError> {
    if !recipe.tied {
        return Ok(Vec::new());
    }
    let pairs = tie::pairs(&config.encoder_shapes(), &config.decoder_shapes());
    if pairs.is_empty() { Err(TrainError::NothingToTie) } else { Ok(pairs) }
}

/// The images that are trained on and those that are held out, if they are what the network takes.
pub(super) fn divided(
    config: &AutoencoderConfig,
    recipe: &Recipe,
    data: &Dataset,
) -> Result<Split, TrainError> {
    for (part, images) in [("training", &data.train), ("test", &data.test)] {
        if images.is_empty() {
            return Err(TrainError::NoImages { part });
        }
        if images.features() != config.input {
            return Err(TrainError::Features {
                part,
                expected: config.input,
                found: images.features(),
            });
        }
    }
    let split = split(recipe.seed, count(&data.train), recipe.keep_best);
    if split.train.is_empty() {
        return Err(TrainError::NoImages { part: "training" });
    }
    if recipe.keep_best.is_some() && split.held_out.is_empty() {
        return Err(TrainError::NoImages { part: "held-out" });
    }
    Ok(split)
}

/// The number of images; four billion are enough.
pub(super) fn count(images: &Images) -> u32 {
    u32::try_from(images.len()).unwrap_or(u32::MAX)
}
