//! `ae-train verify`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::{Outcome, files, print, print_json};
use crate::artifacts::{Contract, Recipe, make_blob};
use crate::compare::{Divergence, first_divergence};
use crate::data;
use crate::engine;
use crate::run::{RunError, read_config};

/// Compare a blob with the run that it should come from.
///
/// The blob is made again from the run's weights and data, and both are run on the run's test
/// images, layer by layer. Agreement means: the same output of every layer for every image, and the
/// digests in the blob are those of its own test vector. The first layer that differs is named,
/// and the exit code is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob.
    model: PathBuf,
    /// The run folder; without it, the folder that the blob is in.
    #[arg(long, value_name = "FOLDER")]
    run: Option<PathBuf>,
    /// Data whose test images to compare on; without it, the run's own.
    #[arg(long)]
    data: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    equal: bool,
    same_model_id: bool,
    samples: usize,
    first_divergence: Option<Divergence>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let blob = files::read_blob(&args.model)?;
    let beside = match args.model.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = args.run.as_deref().unwrap_or(beside);
    let config = read_config(folder)
        .context("verify compares a blob with its run; name the run's folder with --run")?;
    let network = files::read_network(folder, &config)?;
    let dataset = data::load(Some(&config.data.source))?;
    let (expected, found) = (config.data.digest.clone(), dataset.digest());
    if expected != found {
        return Err(RunError::DataChanged { expected, found }.into());
    }
    let images = match args.data.as_deref() {
        Some(spec) => files::test_images(Some(spec))?,
        None => dataset.test,
    };
    let contract = match engine::contract_of(&blob)? {
        ae_core::Contract::Int8 => Contract::Int8,
        ae_core::Contract::F32 => Contract::F32,
    };
    let again = make_blob(&network, contract, &Recipe::of_run(&config, &dataset.train))?;
    let first = first_divergence(&again, &blob, &images)?;
    let report = Report {
        equal: first.is_none(),
        same_model_id: engine::check(&again)?.model_id == engine::check(&blob)?.model_id,
        samples: images.len(),
        first_divergence: first,
    };
    if args.json {
        print_json(&report)?;
    } else {
        print(line(&report, folder))?;
    }
    Ok(if report.equal { Outcome::Success } else { Outcome::Mismatch })
}

fn line(report: &Report, folder: &Path) -> String {
    let (samples, folder) = (report.samples, folder.display());
    match &report.first_divergence {
        None => format!(
            "equal: every layer gives the same output as that made from {folder}, for all {samples} test images"
        ),
        Some(divergence) => format!("DIFFERENT from what is made from {folder}: {divergence}"),
    }
}
