//! Options that decide the result of a training.

use ae_model::Activation;
use ae_run::Recipe;
use clap::ValueEnum;

use crate::values::{LossName, ScheduleName};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelArgs {
    /// The widths of the encoder's hidden layers. The decoder has them in reverse. `none` means no
    /// hidden layer.
    #[arg(long, value_name = "WIDTHS", default_value = "256,128", value_parser = parse_hidden)]
    pub(super) hidden: Hidden,
    /// The number of latent values.
    #[arg(long, default_value_t = 20)]
    pub(super) latent: usize,
    /// The activation after each hidden layer: relu, gelu or silu. Without this option, the
    /// recipe's.
    #[arg(long)]
    pub(super) activation: Option<Activation>,
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

impl RecipeChanges {
    /// The recipe with these changes.
    pub(crate) fn applied_to(&self, mut recipe: Recipe) -> Recipe {
        fn set<T: Copy>(field: &mut T, given: Option<T>) {
            *field = given.unwrap_or(*field);
        }
        set(&mut recipe.loss, self.loss.map(Into::into));
        set(&mut recipe.epochs, self.epochs);
        set(&mut recipe.batch_size, self.batch_size);
        set(&mut recipe.learning_rate, self.learning_rate);
        set(&mut recipe.warmup_steps, self.warmup_steps);
        set(&mut recipe.schedule, self.schedule.map(Into::into));
        set(&mut recipe.seed, self.seed);
        recipe.weight_average = self.weight_average.or(recipe.weight_average);
        recipe.keep_best = self.keep_best.or(recipe.keep_best);
        recipe
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
        self.changes.epochs
    }

    /// Whether `--warmup-steps` was given.
    pub(super) fn says_warmup(&self) -> bool {
        self.changes.warmup_steps.is_some()
    }

    pub(super) fn activation(&self) -> Activation {
        match self.recipe {
            RecipeName::Best => Activation::Gelu,
            RecipeName::Article => Activation::Relu,
        }
    }
}
