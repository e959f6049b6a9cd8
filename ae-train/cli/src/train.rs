//! `ae-train train`.

pub(super) mod options;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ae_run::{Baselines, read_config};
use ae_train::pipeline::{self, TrainSettings, TrainStart};
use anyhow::Context;

use super::trouble::runs::{self, GoOn};
use super::{Outcome, files, print, print_json, print_lines, run_name};
use options::{ModelArgs, RecipeArgs};
use show::ShowTraining;

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
    /// Name of the run folder under `runs/`. Without this option, it is made of data and shape.
    #[arg(long, value_name = "NAME", conflicts_with = "out", value_parser = run_name::parse)]
    name: Option<String>,
    /// The run folder itself, anywhere.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Continue the run in this folder, with its own model, recipe and baselines. If its data has
    /// moved, say with --data where it is now. With --epochs the run ends after so many epochs, also
    /// if it was finished: the learning rate of the further epochs is that of a run of so many.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = [
        "name", "out", "architecture", "hidden", "latent", "activation", "recipe", "loss",
        "batch_size", "learning_rate", "warmup_steps", "schedule", "weight_average", "keep_best",
        "noise", "latent_l1", "tied", "batch_norm", "variational", "seed"
    ])]
    resume: Option<PathBuf>,

    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    recipe: RecipeArgs,

    /// Fit PCA and logistic PCA with as many latent values, for comparison, however long it takes.
    /// Without this option it is done for images of up to 2,500 pixels. --resume keeps it.
    #[arg(long, conflicts_with = "no_baseline")]
    baseline: bool,
    /// Fit no PCA and no logistic PCA. --resume keeps it.
    #[arg(long)]
    no_baseline: bool,
    /// Threads to train on. The result does not depend on it. Without this option, all that there
    /// are.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print the summary as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    let mut show = ShowTraining::new(args.data.is_none() && args.resume.is_none());
    let settings = args.settings()?;
    let stop = stop_on_ctrl_c()?;
    let finished = pipeline::train(&settings, &mut show, &stop);
    show.finish();
    let finished = finished.map_err(|error| runs::of_pipeline(error, GoOn::Train))?;
    let summary = &finished.summary;
    if args.json {
        print_json(summary)?;
    } else {
        print_lines(summary)?;
        print(format_args!("Everything is in {}.", finished.folder.display()))?;
    }
    if let Some(shortfall) = &summary.shortfall {
        tell!("warning: {shortfall} {}", show::way_out(shortfall, &finished.folder));
    }
    if let Some(warning) = &summary.int8_warning {
        tell!("warning: {warning}");
    }
    Ok(if summary.agreement.holds { Outcome::Success } else { Outcome::Mismatch })
}

impl Args {
    fn settings(&self) -> anyhow::Result<TrainSettings> {
        let architecture = self.model.architecture()?;
        let start = match &self.resume {
            Some(folder) => TrainStart::Resume {
                // What is wrong with the run is told when it is opened.
                data: match read_config(folder) {
                    Ok(config) => files::named(&config, self.data.as_deref()),
                    Err(_) => self.data.clone(),
                },
                folder: folder.clone(),
                epochs: self.recipe.epochs(),
            },
            None => TrainStart::New {
                data: self.data.clone(),
                folder: self.out.clone().or_else(|| self.name.as_ref().map(in_runs)),
                hidden: self.model.hidden(),
                activation: self.model.activation(architecture.as_ref(), &self.recipe),
                architecture: architecture.map(Box::new),
                latent: self.model.latent,
                recipe: Box::new(self.recipe.resolve()),
                short_warmup: !self.recipe.says_warmup(),
            },
        };
        let baselines = match (self.baseline, self.no_baseline) {
            (true, _) => Some(Baselines::Fit),
            (_, true) => Some(Baselines::Skip),
            _ => None,
        };
        Ok(TrainSettings { start, baselines, threads: self.threads.map(usize::from) })
    }
}

/// The run folder of this name.
pub(super) fn in_runs(name: impl AsRef<Path>) -> PathBuf {
    Path::new("runs").join(name)
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
