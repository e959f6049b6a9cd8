//! `ae-train train`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::progress::TrainProgress;
use super::{Outcome, board_bytes, print, print_json};
use crate::artifacts::TOOL;
use crate::data::{self, Dataset, Origin};
use crate::finish::{Baselines, finish};
use crate::model::{Activation, AutoencoderConfig};
use crate::picture::{CurvePoint, TrainLoss, loss_curve, reconstruction_grid};
use crate::run::{DataConfig, Run, RunConfig, RunError, file};
use crate::train::{Checkpoint, EpochOutcome, Loss, Recipe, Schedule, Trainer, metrics_csv};

/// Train an autoencoder, quantise it, and prove that the blobs agree with the training.
///
/// Without options: Fashion-MNIST if it is found (else the sample built into this program),
/// 784-256-128-20, 100 epochs. Ctrl-C stops and keeps everything up to the last whole epoch;
/// `--resume` goes on and ends with the same weights as if it had not stopped.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of IDX files (MNIST's names), or `fashion-mnist`, or `fashion-mnist-sample`.
    #[arg(long)]
    data: Option<String>,
    /// Name of the run folder under `runs/`; without it, made of data and shape.
    #[arg(long, conflicts_with = "out")]
    name: Option<String>,
    /// The run folder itself, anywhere.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Go on with the run in this folder, with the options that it was started with.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = [
        "data", "name", "out", "hidden", "latent", "activation", "recipe", "loss", "epochs",
        "batch_size", "learning_rate", "warmup_steps", "schedule", "weight_average", "keep_best",
        "seed"
    ])]
    resume: Option<PathBuf>,

    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    recipe: RecipeArgs,

    /// Fit PCA and logistic PCA of the same latent size for comparison, however long it takes.
    /// Up to 2,500 pixels an image this is done anyway.
    #[arg(long, conflicts_with = "no_baseline")]
    baseline: bool,
    /// Fit no PCA and no logistic PCA.
    #[arg(long)]
    no_baseline: bool,
    /// Threads to train on; the result does not depend on it. Without it, all that there are.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print the summary as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
struct ModelArgs {
    /// Widths of the encoder's hidden layers; the decoder has them reversed. `none` for no hidden
    /// layer.
    #[arg(long, value_name = "WIDTHS", default_value = "256,128", value_parser = parse_hidden)]
    hidden: Hidden,
    /// Latent values.
    #[arg(long, default_value_t = 20)]
    latent: usize,
    /// Function behind the hidden layers: relu, gelu or silu; without it, the recipe's.
    #[arg(long)]
    activation: Option<Activation>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Training")]
struct RecipeArgs {
    /// Where the settings below start from.
    #[arg(long, value_enum, default_value_t)]
    recipe: RecipeName,
    /// Sigmoid cross-entropy, or squared error of the sigmoid.
    #[arg(long, value_enum)]
    loss: Option<Loss>,
    /// Times through the training images.
    #[arg(long)]
    epochs: Option<u32>,
    /// Images in a step.
    #[arg(long)]
    batch_size: Option<usize>,
    /// Adam's step size.
    #[arg(long)]
    learning_rate: Option<f64>,
    /// Steps over which the learning rate rises from zero.
    #[arg(long)]
    warmup_steps: Option<u64>,
    /// The learning rate after that.
    #[arg(long, value_enum)]
    schedule: Option<Schedule>,
    /// Take as result a moving average of the weights, of this decay, such as 0.999.
    #[arg(long, value_name = "DECAY")]
    weight_average: Option<f64>,
    /// Hold out this share of the training images, such as 0.1, and keep the epoch that
    /// reconstructs them best. The test images have no say.
    #[arg(long, value_name = "SHARE")]
    keep_best: Option<f64>,
    /// Decides initial weights and the order of images; the same seed gives the same weights.
    #[arg(long)]
    seed: Option<u64>,
}

/// Settings to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum RecipeName {
    /// The one that reconstructs best in 100 epochs.
    #[default]
    Best,
    /// The source article's: ReLU, Adam at 1e-3, batches of 512.
    Article,
}

/// `--hidden`, which may be empty.
#[derive(Debug, Clone)]
struct Hidden(Vec<usize>);

fn parse_hidden(text: &str) -> Result<Hidden, String> {
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

impl RecipeArgs {
    fn resolve(&self) -> Recipe {
        let mut recipe = match self.recipe {
            RecipeName::Best => Recipe::default(),
            RecipeName::Article => Recipe::article(),
        };
        fn set<T: Copy>(field: &mut T, given: Option<T>) {
            *field = given.unwrap_or(*field);
        }
        set(&mut recipe.loss, self.loss);
        set(&mut recipe.epochs, self.epochs);
        set(&mut recipe.batch_size, self.batch_size);
        set(&mut recipe.learning_rate, self.learning_rate);
        set(&mut recipe.warmup_steps, self.warmup_steps);
        set(&mut recipe.schedule, self.schedule);
        set(&mut recipe.seed, self.seed);
        recipe.weight_average = self.weight_average.or(recipe.weight_average);
        recipe.keep_best = self.keep_best.or(recipe.keep_best);
        recipe
    }

    fn activation(&self) -> Activation {
        match self.recipe {
            RecipeName::Best => Activation::Gelu,
            RecipeName::Article => Activation::Relu,
        }
    }
}

/// Test images in the picture of an epoch.
const PICTURED: usize = 50;

/// Above this many pixels an image, baselines are fitted only when asked for: exact PCA takes time
/// with their third power.
const BASELINE_PIXELS: usize = 2_500;

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    let (run, config, dataset) = match &args.resume {
        Some(path) => resume(path)?,
        None => start(&args)?,
    };
    eprintln!("run folder: {}", run.path().display());
    let mut trainer = match run.read(file::CHECKPOINT)? {
        Some(bytes) => {
            let checkpoint = Checkpoint::from_bytes(&bytes)
                .with_context(|| format!("{}", run.path().join(file::CHECKPOINT).display()))?;
            if (checkpoint.config(), checkpoint.recipe()) != (&config.model, &config.recipe) {
                bail!(
                    "{} was changed since the checkpoint beside it was made; take the change back, \
                     or start a new run",
                    run.path().join(file::CONFIG).display()
                );
            }
            Trainer::resume(checkpoint, &dataset)?
        }
        None => Trainer::new(config.model.clone(), config.recipe.clone(), &dataset)?,
    };
    if let Some(threads) = args.threads {
        trainer = trainer.with_threads(threads.into());
    }
    eprintln!("\n{}", board_bytes::summary(&config.model));

    let mut progress = TrainProgress::new(config.recipe.epochs);
    let stop = stop_on_ctrl_c()?;
    while !trainer.is_finished() {
        match trainer.run_epoch(&mut progress, &stop)? {
            EpochOutcome::Finished(_) => save(&run, &config, &trainer, &dataset)?,
            EpochOutcome::Stopped => {
                progress.finish();
                bail!(
                    "stopped after {} of {} epochs, all kept; go on with: ae-train train --resume {}",
                    trainer.epochs_done(),
                    config.recipe.epochs,
                    run.path().display()
                );
            }
        }
    }
    progress.finish();
    let wanted = args.baseline || !args.no_baseline && config.model.input <= BASELINE_PIXELS;
    let baselines = if wanted { Baselines::Fit } else { Baselines::Skip };
    let summary =
        finish(&run, &config, &trainer, &dataset, baselines, &|line| eprintln!("{line}"))?;
    if args.json {
        print_json(&summary)?;
    } else {
        print(format_args!("{summary}\nEverything is in {}.", run.path().display()))?;
    }
    Ok(if summary.agreement.holds { Outcome::Success } else { Outcome::Mismatch })
}

/// A new run, its folder made and its configuration written.
fn start(args: &Args) -> anyhow::Result<(Run, RunConfig, Dataset)> {
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
fn check_format(model: &AutoencoderConfig) -> anyhow::Result<()> {
    // The quantiser runs encoder and decoder as one part of a blob.
    let most = ae_core::MAX_LAYERS / 2 - 1;
    let found = model.hidden.len();
    if found > most {
        bail!("--hidden has {found} widths, expected at most {most}: a blob is not deeper");
    }
    let widths = [model.input, model.latent].into_iter().chain(model.hidden.iter().copied());
    match widths.max() {
        Some(width) if width > ae_core::MAX_WIDTH => {
            bail!("a width of {width} is too large, a blob holds at most {}", ae_core::MAX_WIDTH)
        }
        _ => Ok(()),
    }
}

/// Such as `fashion-mnist-gelu-20`.
fn default_name(dataset: &str, config: &RunConfig) -> String {
    format!("{dataset}-{}-{}", config.model.activation, config.model.latent)
}

fn resume(path: &Path) -> anyhow::Result<(Run, RunConfig, Dataset)> {
    let (run, config) = Run::open(path)?;
    let dataset = load(Some(&config.data.source))?;
    let (expected, found) = (config.data.digest.clone(), dataset.digest());
    if expected != found {
        return Err(RunError::DataChanged { expected, found }.into());
    }
    Ok((run, config, dataset))
}

fn load(spec: Option<&str>) -> anyhow::Result<Dataset> {
    let dataset = data::load(spec)?;
    let (train, test) = (dataset.train.len(), dataset.test.len());
    eprintln!("{train} training and {test} test images from {}", dataset.origin);
    if dataset.origin.is_sample() && spec.is_none() {
        eprintln!("the whole of Fashion-MNIST was not found: get it with ae-train fetch fashion-mnist");
    }
    Ok(dataset)
}

/// Writes what an epoch leaves, the checkpoint last: what it says is done is on disk.
fn save(
    run: &Run,
    config: &RunConfig,
    trainer: &Trainer<'_>,
    dataset: &Dataset,
) -> anyhow::Result<()> {
    let metrics = trainer.metrics();
    let shown = dataset.test.first(PICTURED);
    let picture = reconstruction_grid(&shown, &trainer.last_model()?.reconstruct_pixels(&shown))?;
    run.write(&file::epoch_picture(trainer.epochs_done()), &picture)?;
    run.write(file::METRICS_CSV, &metrics_csv(metrics))?;
    run.write(file::METRICS_JSON, &serde_json::to_vec_pretty(metrics)?)?;
    let points: Vec<_> = metrics
        .iter()
        .map(|m| CurvePoint {
            epoch: m.epoch,
            train_loss: m.train_loss,
            test_bce: m.test_bce,
            test_mse: m.test_mse,
        })
        .collect();
    let loss = match config.recipe.loss {
        Loss::Bce => TrainLoss::CrossEntropy,
        Loss::Mse => TrainLoss::SquaredError,
    };
    run.write(file::LOSS, loss_curve(&config.data.source, loss, &points).as_bytes())?;
    run.write(file::CHECKPOINT, &trainer.checkpoint().to_bytes()?)?;
    Ok(())
}

/// A flag that the first Ctrl-C raises; the second one ends the process.
fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
        eprintln!("stopping after this step; Ctrl-C again to end at once");
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(stop)
}
