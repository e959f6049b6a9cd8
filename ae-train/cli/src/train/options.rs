//! Options that decide the result of a training.

use ae_model::{Activation, ArchitectureChoice};
use ae_run::Recipe;
use anyhow::bail;
use clap::ValueEnum;

use crate::architecture::{self, ArchitectureArg};
use crate::values::{LossName, ScheduleName, StartName};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelArgs {
    /// What the layers are: dense; conv, convolutions over the image; conv1d, convolutions over its
    /// rows; separable, depthwise convolutions, pooling and upsampling; or a file with a table of
    /// layers, such as layers.toml. Without this option, dense.
    #[arg(long, value_name = "NAME|FILE", value_parser = architecture::parse)]
    pub(super) architecture: Option<ArchitectureArg>,
    /// The widths of the encoder's hidden layers, where all layers are dense. The decoder has them in
    /// reverse. `none` means no hidden layer. Without this option, 256,128.
    #[arg(long, value_name = "WIDTHS", value_parser = parse_hidden)]
    pub(super) hidden: Option<Hidden>,
    /// The number of latent values. Without this option, 20, or what the file of --architecture says.
    #[arg(long)]
    pub(super) latent: Option<usize>,
    /// The activation after each hidden layer: relu, gelu or silu. Without this option, that of the
    /// recipe where all layers are dense, and relu where --architecture says others: with it, int8
    /// loses least.
    #[arg(long)]
    activation: Option<Activation>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Training")]
pub(super) struct RecipeArgs {
    /// The recipe that the settings below change.
    #[arg(long, value_enum, default_value_t)]
    recipe: RecipeName,
    #[command(flatten)]
    changes: RecipeChanges,
}

/// Changes to a recipe.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct RecipeChanges {
    /// The loss: sigmoid cross-entropy, or the squared error of the sigmoid.
    #[arg(long, value_enum)]
    loss: Option<LossName>,
    /// How many times to train on all training images or windows.
    #[arg(long)]
    epochs: Option<u32>,
    /// The weights before the first step: random, or principal components of the training data as a
    /// path through all layers. Without this option, principal components for a detector of signals,
    /// and random ones else.
    #[arg(long, value_enum)]
    start: Option<StartName>,
    /// The number of images or windows in a training step.
    #[arg(long)]
    batch_size: Option<usize>,
    /// Adam's step size.
    #[arg(long, allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    /// Steps over which the learning rate rises from zero. Without this option, the recipe's 500 or
    /// none, and at most a tenth of the run.
    #[arg(long)]
    warmup_steps: Option<u64>,
    /// The learning rate over all steps, before the warm-up lowers it.
    #[arg(long, value_enum)]
    schedule: Option<ScheduleName>,
    /// Use a moving average of the weights as the result, with this decay, such as 0.999.
    #[arg(long, value_name = "DECAY")]
    weight_average: Option<f64>,
    /// Hold out this share of the training images or windows, such as 0.1, and keep the epoch that
    /// reconstructs them best. The test data is not used for this.
    #[arg(long, value_name = "SHARE")]
    keep_best: Option<f64>,
    /// Train to take noise away: what is added to each pixel that the network sees, as a standard
    /// deviation where black is 0 and white is 1, such as 0.1. It is compared with the image without
    /// noise.
    #[arg(long, value_name = "DEVIATION", allow_negative_numbers = true)]
    noise: Option<f64>,
    /// Keep latent values small, so that those which help little become 0: how much their mean size
    /// counts beside the loss, such as 0.001.
    #[arg(long, value_name = "WEIGHT", allow_negative_numbers = true)]
    latent_l1: Option<f64>,
    /// Give the decoder's dense layers the encoder's weights, transposed, where their sizes allow it.
    #[arg(long)]
    tied: bool,
    /// Normalise what hidden layers sum up, channel by channel over each batch, before the activation.
    /// The network that comes out has it in its weights, so the board has no more to do.
    #[arg(long, conflicts_with = "tied")]
    batch_norm: bool,
    /// Train a variational autoencoder: the decoder gets latents drawn from a normal distribution of
    /// each image, and the distribution's divergence from N(0, 1) in nats, summed over the latent
    /// values, counts so much beside the loss, summed over the pixels. With 1 and bce this is the
    /// evidence lower bound. The network that comes out has the mean.
    #[arg(long, value_name = "BETA", allow_negative_numbers = true)]
    variational: Option<f64>,
    /// The seed of the initial weights and of the order of images or windows. The same seed gives
    /// the same weights.
    #[arg(long)]
    seed: Option<u64>,
}

/// A recipe to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum RecipeName {
    /// The one that reconstructs best in 100 epochs.
    #[default]
    Best,
    /// The source article's: ReLU, Adam at 1e-3, batches of 512.
    Article,
}

/// `--hidden`, which may be empty.
#[derive(Debug, Clone)]
pub(crate) struct Hidden(pub(crate) Vec<usize>);

pub(crate) fn parse_hidden(text: &str) -> Result<Hidden, String> {
    if text.is_empty() || text == "none" {
        return Ok(Hidden(Vec::new()));
    }
    let widths = text.split(',').map(|width| {
        width.trim().parse().map_err(|_| {
            format!("`{width}` is not a width; expected numbers such as 256,128, or none")
        })
    });
    widths.collect::<Result<_, _>>().map(Hidden)
}

impl ModelArgs {
    /// The layers that are not all dense, if that is what the user says.
    pub(super) fn architecture(&self) -> anyhow::Result<Option<ArchitectureChoice>> {
        let Some(given) = &self.architecture else { return Ok(None) };
        let choice = given.choice()?;
        if choice.is_some() && self.hidden.is_some() {
            bail!("--hidden is for dense layers; leave it out, or give --architecture dense");
        }
        Ok(choice)
    }

    /// The activation where a table of layers says none.
    pub(super) fn activation(
        &self,
        architecture: Option<&ArchitectureChoice>,
        recipe: &RecipeArgs,
    ) -> Activation {
        self.activation.unwrap_or_else(|| match architecture {
            // One scale for each channel, and a single rounding; see `docs/architectures.md`.
            Some(_) => Activation::Relu,
            None => recipe.activation(),
        })
    }

    /// Widths of dense hidden layers.
    pub(super) fn hidden(&self) -> Vec<usize> {
        self.hidden.as_ref().map_or_else(|| vec![256, 128], |given| given.0.clone())
    }
}

impl RecipeChanges {
    /// The recipe with these changes.
    pub(crate) fn applied_to(&self, mut recipe: Recipe) -> Recipe {
        fn set<T: Copy>(field: &mut T, given: Option<T>) {
            *field = given.unwrap_or(*field);
        }
        set(&mut recipe.loss, self.loss.map(Into::into));
        set(&mut recipe.epochs, self.epochs);
        set(&mut recipe.start, self.start.map(Into::into));
        set(&mut recipe.batch_size, self.batch_size);
        set(&mut recipe.learning_rate, self.learning_rate);
        set(&mut recipe.warmup_steps, self.warmup_steps);
        set(&mut recipe.schedule, self.schedule.map(Into::into));
        set(&mut recipe.seed, self.seed);
        set(&mut recipe.noise, self.noise);
        set(&mut recipe.latent_l1, self.latent_l1);
        recipe.tied |= self.tied;
        recipe.batch_norm |= self.batch_norm;
        set(&mut recipe.variational, self.variational);
        recipe.weight_average = self.weight_average.or(recipe.weight_average);
        recipe.keep_best = self.keep_best.or(recipe.keep_best);
        recipe
    }

    /// Whether `--start pca` was given.
    pub(crate) fn starts_with_components(&self) -> bool {
        matches!(self.start, Some(StartName::Pca))
    }

    /// Whether `--batch-norm` was given.
    pub(crate) fn normalises(&self) -> bool {
        self.batch_norm
    }

    /// `--epochs`, if it was given.
    pub(crate) fn epochs(&self) -> Option<u32> {
        self.epochs
    }
}

impl RecipeArgs {
    pub(super) fn resolve(&self) -> Recipe {
        self.changes.applied_to(match self.recipe {
            RecipeName::Best => Recipe::default(),
            RecipeName::Article => Recipe::article(),
        })
    }

    /// `--epochs`, if it was given.
    pub(super) fn epochs(&self) -> Option<u32> {
        self.changes.epochs()
    }

    /// Whether `--warmup-steps` was given.
    pub(super) fn says_warmup(&self) -> bool {
        self.changes.warmup_steps.is_some()
    }

    fn activation(&self) -> Activation {
        match self.recipe {
            RecipeName::Best => Activation::Gelu,
            RecipeName::Article => Activation::Relu,
        }
    }
}
