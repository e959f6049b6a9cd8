//! `ae-train verify`.

use std::path::{Path, PathBuf};

use ae_data::{Dataset, Images};
use ae_engine as engine;
use ae_engine::compare::{Divergence, first_divergence};
use ae_files::folder_of;
use ae_pca::Pca;
use ae_run::blobs::{BlobRecipe, CALIBRATION_IMAGES, TOOL_PCA};
use ae_run::{Run, RunConfig, is_run, read_config};
use anyhow::{Context, anyhow};
use serde::Serialize;

use super::model_file::ModelFile;
use super::quantising::quantising;
use super::trouble::shell;
use super::{Outcome, files, print_each, print_json, verify_against, verify_board};

/// Compare a blob with the run that it should come from, or with itself on a board.
///
/// Without --board, the blob is made again from the run's weights and data. Both blobs then run on
/// the run's test images, layer by layer. They agree if every layer gives the same output for every
/// image, and if the digests in the blob are those of its own test vector. If they differ, the
/// first layer that does is named, and the exit code is 1. Quantising gives the same blob with any
/// number of threads; its exponential comes from the system's library, so verify on the type of
/// machine that made the blob.
///
/// With --against, the blob's outputs are compared with those that the model's own runtime wrote for
/// the same inputs, which --data names. Of an int8 model of integers every byte is compared. Of an f32
/// model no output may be further away than a hundred-thousandth of the outputs' standard deviation,
/// or a millionth of the largest output. Of an int8 model that was quantised here the mean squared
/// error may be 1 % higher. With an NPZ file or a folder of arrays, called by the layers' names in the
/// model's file, each layer is compared, and the first that differs is named.
///
/// With --board, the blob runs on this machine and on the board, which may be emulated or real.
/// Every byte of latents, pixels, scores and digests is compared. This needs no run folder.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob.
    model: PathBuf,
    /// The run folder. Without this option, the folder that the blob is in.
    #[arg(long, value_name = "FOLDER", conflicts_with = "board")]
    run: Option<PathBuf>,
    /// Compare on the test images of this data. Without this option, on the run's own. With --against,
    /// the NPY file of the inputs.
    #[arg(long)]
    data: Option<String>,
    /// Compare with the outputs in this NPY file, which the model's own runtime wrote; or with those of
    /// the layers in this NPZ file or folder of NPY files, each called as `import` calls the layer.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["board", "run"], requires = "data")]
    against: Option<PathBuf>,
    /// Training images that the blob was calibrated on.
    #[arg(long, value_name = "IMAGES", default_value_t = CALIBRATION_IMAGES, conflicts_with = "board")]
    calibration: usize,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    on_board: verify_board::Args,
}

#[derive(Serialize)]
struct Report {
    equal: bool,
    same_settings: bool,
    samples: usize,
    first_divergence: Option<Divergence>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let file = ModelFile::read(&args.model).map_err(|error| unfinished(&args.model, error))?;
    if let Some(board) = &args.on_board.board {
        let Args { model, data, json, .. } = args;
        return verify_board::run(board, &args.on_board, model, &file, data.as_deref(), *json);
    }
    if let (Some(against), Some(data)) = (&args.against, &args.data) {
        return verify_against::run(file.blob(), Path::new(data), against, args.json);
    }
    let blob = file.into_blob();
    let folder = args.run.as_deref().unwrap_or(folder_of(&args.model));
    let config = read_config(folder)
        .context("verify compares a blob with its run; name the run's folder with --run")?;
    let (dataset, images) = data(args, folder, &config)?;
    let provenance = engine::provenance(&blob)?;
    let network = match provenance.tool.as_str() {
        TOOL_PCA => Pca::fit(&dataset.train, config.model.latent)?.network(),
        _ => files::read_network(folder, &config)?,
    };
    let recipe =
        BlobRecipe { calibration: args.calibration, ..BlobRecipe::of_run(&config, &dataset.train) };
    let again = quantising(&network, engine::contract_of(&blob)?, &recipe)?.bytes;
    let first = first_divergence(&again, &blob, &images)?;
    let report = Report {
        equal: first.is_none(),
        same_settings: provenance == engine::provenance(&again)?,
        samples: images.len(),
        first_divergence: first,
    };
    if args.json {
        print_json(&report)?;
    } else {
        print_each(lines(&report, folder))?;
    }
    Ok(if report.equal { Outcome::Success } else { Outcome::Mismatch })
}

/// Says so where a blob is missing because the run in its folder has not finished.
fn unfinished(model: &Path, error: anyhow::Error) -> anyhow::Error {
    let folder = folder_of(model);
    if model.exists() || !is_run(folder) {
        return error;
    }
    match Run::holder(folder) {
        Some(holder) => anyhow!("{error:#}; {holder} is at work in {}", folder.display()),
        None => match read_config(folder) {
            Ok(config) => anyhow!(
                "{error:#}; if its training has not finished: {}",
                shell::resume(folder, &config)
            ),
            Err(_) => error,
        },
    }
}

/// The run's data, and the test images to compare on.
fn data(args: &Args, folder: &Path, config: &RunConfig) -> anyhow::Result<(Dataset, Images)> {
    let Some(spec) = args.data.as_deref() else {
        let dataset = files::run_data(folder, config, None)?;
        let images = dataset.test.clone();
        return Ok((dataset, images));
    };
    let images = files::test_images(Some(spec), &args.model)?;
    // `--data` may be other images to compare on, or the run's own in another place.
    let moved = files::run_data(folder, config, Some(spec)).ok();
    Ok((moved.map_or_else(|| files::run_data(folder, config, None), Ok)?, images))
}

fn lines(report: &Report, folder: &Path) -> Vec<String> {
    let (samples, folder) = (report.samples, folder.display());
    let Some(divergence) = &report.first_divergence else {
        return vec![format!(
            "equal: every layer gives the same output as that made from {folder}, for all {samples} test images"
        )];
    };
    let mut lines = vec![format!("DIFFERENT from what is made from {folder}: {divergence}")];
    if !report.same_settings {
        lines.push(
            "the blob says that it was made with another configuration, calibration or data: give its own --run and --calibration"
                .to_owned(),
        );
    }
    lines
}
