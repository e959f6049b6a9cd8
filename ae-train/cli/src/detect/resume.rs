//! `ae-train detect --resume`.

use std::path::Path;

use ae_run::read_config;
use ae_train::pipeline::detect::MadeDetector;
use ae_train::pipeline::{self, PipelineError, ResumeSettings};
use anyhow::{Context, bail};

use super::show::ShowDetector;
use super::{Args, arranged};
use crate::train::stop_on_ctrl_c;
use crate::trouble::runs::{self, GoOn};
use crate::trouble::shell;
use crate::{files, quantize};

/// Options that the run has its own of.
pub(super) const WITHOUT: [&str; 51] = [
    "name",
    "out",
    "core",
    "columns",
    "time",
    "label",
    "group",
    "recording",
    "files",
    "counts_per_unit",
    "normal",
    "train_groups",
    "calibrate_groups",
    "test_groups",
    "rate",
    "features",
    "window",
    "stride",
    "train_stride",
    "alpha",
    "hits",
    "of",
    "unweighted",
    "smoothing",
    "no_pca",
    "values",
    "missing",
    "delimiter",
    "decimal",
    "no_header",
    "skip_lines",
    "time_unit",
    "gap",
    "no_trim",
    "linear",
    "drop_constant",
    "ModelArgs",
    "loss",
    "batch_size",
    "learning_rate",
    "warmup_steps",
    "schedule",
    "weight_average",
    "keep_best",
    "noise",
    "latent_l1",
    "tied",
    "batch_norm",
    "variational",
    "seed",
    "start",
];

pub(super) fn run(args: &Args, folder: &Path) -> anyhow::Result<MadeDetector> {
    let config = read_config(folder).map_err(runs::of_run)?;
    let Some(detect) = &config.detect else {
        bail!(
            "{} is a run of `ae-train train`: {} goes on with it",
            folder.display(),
            shell::resume(folder, &config)
        );
    };
    let source = args.signal.source.source();
    let is_named = !source.files.is_empty();
    let files = match is_named {
        true => source.files,
        false => files::named_recordings(detect, "where they are now")?,
    };
    let core = detect.core.as_deref().map(quantize::core).transpose()?;
    let settings = ResumeSettings {
        folder: folder.to_owned(),
        files: files.clone(),
        memory: source.memory,
        epochs: args.recipe.epochs(),
        arranged: core.as_ref().map(arranged),
        threads: args.threads.map(usize::from),
    };
    let mut show = ShowDetector::new(false);
    let stop = stop_on_ctrl_c()?;
    let made = pipeline::resume(&settings, &mut show, &stop);
    show.finish();
    // They are the run's own, or nothing would have begun.
    if is_named && matches!(made, Ok(_) | Err(PipelineError::Stopped { .. })) {
        files::remember_recordings(detect, &files);
    }
    match made {
        Err(error @ PipelineError::Signals(_)) if !is_named => {
            Err(error).context("cannot read the files that the run began with; give --data")
        }
        made => made.map_err(|error| runs::of_pipeline(error, GoOn::SameCommand)),
    }
}
