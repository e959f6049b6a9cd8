//! `ae-train train`.

pub(super) mod options;
pub(super) mod start;
mod trouble;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ae_data::{Dataset, Images};
use ae_report::picture::{
    ComparisonRow, CurvePoint, TrainLoss, comparison, loss_curve, reconstruction_grid,
};
use ae_run::{Checkpoint, Loss, Run, RunConfig, file, metrics_csv};
use ae_train::finish::{Baselines, Reconstruction, finish};
use ae_train::train::{EpochOutcome, Trainer};
use anyhow::{Context, bail};

use super::progress::TrainProgress;
use super::{Outcome, board_bytes, print, print_json};
use options::{ModelArgs, RecipeArgs};
use start::{resume, start};

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
    /// Go on with the run in this folder, with the model and recipe that it was started with. If its
    /// data has moved, --data says where to.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = [
        "name", "out", "hidden", "latent", "activation", "recipe", "loss", "epochs",
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

/// Test images in the picture of an epoch.
const PICTURED: usize = 50;

/// Above this many pixels an image, baselines are fitted only when asked for: exact PCA takes time
/// with their third power.
pub(super) const BASELINE_PIXELS: usize = 2_500;

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    let (run, config, dataset) = match &args.resume {
        Some(path) => resume(path, args.data.as_deref()),
        None => start(&args),
    }
    .map_err(trouble::at_the_start)?;
    tell!("run folder: {}", run.path().display());
    if !run.is_locked() {
        tell!("note: no lock can be had there: start no second training in this folder");
    }
    let mut trainer = match read_checkpoint(&run, &config)? {
        Some(checkpoint) => Trainer::resume(checkpoint, &dataset)?,
        None => Trainer::new(config.model.clone(), config.recipe.clone(), &dataset)?,
    };
    if let Some(threads) = args.threads {
        trainer = trainer.with_threads(threads.into());
    }
    tell!("\n{}", board_bytes::summary(&config.model));

    let mut progress = TrainProgress::new(config.recipe.epochs);
    let stop = stop_on_ctrl_c()?;
    while !trainer.is_finished() {
        let kept = trainer.epochs_done();
        match trainer.run_epoch(&mut progress, &stop)? {
            EpochOutcome::Finished(_) => save(&run, &config, &trainer, &dataset)
                .map_err(|error| trouble::in_run(error, &run, &trainer, kept))?,
            EpochOutcome::Stopped => {
                progress.finish();
                return Err(trouble::stopped(&run, &trainer));
            }
        }
    }
    progress.finish();
    let small = config.model.input <= BASELINE_PIXELS;
    let wanted = args.baseline || !args.no_baseline && small;
    if !wanted && !small && !args.no_baseline {
        tell!("no PCA above {BASELINE_PIXELS} pixels an image: --baseline fits it");
    }
    let baselines = if wanted { Baselines::Fit } else { Baselines::Skip };
    let tell = |line: &str| tell!("{line}");
    let draw = |shown: &Images, reconstructions: &[Reconstruction<'_>]| -> anyhow::Result<()> {
        let mut rows = vec![ComparisonRow { label: "original", pixels: shown.pixels() }];
        rows.extend(
            reconstructions.iter().map(|it| ComparisonRow { label: it.by, pixels: it.pixels }),
        );
        run.write(file::COMPARISON, &comparison(&rows, shown.height(), shown.width())?)?;
        Ok(())
    };
    let summary = finish(&run, &config, &trainer, &dataset, baselines, &stop, &tell, &draw)
        .map_err(|error| trouble::in_run(error, &run, &trainer, trainer.epochs_done()))?;
    let Some(summary) = summary else {
        return Err(trouble::stopped(&run, &trainer));
    };
    if args.json {
        print_json(&summary)?;
    } else {
        print(format_args!("{summary}\nEverything is in {}.", run.path().display()))?;
    }
    Ok(if summary.agreement.holds { Outcome::Success } else { Outcome::Mismatch })
}

/// The checkpoint to go on from; a run that was stopped in its first epoch has none.
fn read_checkpoint(run: &Run, config: &RunConfig) -> anyhow::Result<Option<Checkpoint>> {
    let Some(bytes) = run.read(file::CHECKPOINT)? else { return Ok(None) };
    let checkpoint =
        Checkpoint::from_bytes(&bytes).map_err(|error| trouble::checkpoint(error, run))?;
    if (&checkpoint.config, &checkpoint.recipe) != (&config.model, &config.recipe) {
        bail!(
            "{} was changed since the checkpoint beside it was made; take the change back, or \
             start a new run",
            run.path().join(file::CONFIG).display()
        );
    }
    Ok(Some(checkpoint))
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
    let picture = reconstruction_grid(&shown, &trainer.reconstruct(&shown)?)?;
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
    run.write_checkpoint(&trainer.checkpoint().to_bytes()?)?;
    Ok(())
}

/// A flag that the first Ctrl-C raises; the second one ends the process.
pub(super) fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
        tell!("stopping after this step; Ctrl-C again to end at once");
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(stop)
}
