//! `ae-train evaluate`.

use std::path::PathBuf;

use ae_engine as engine;
use ae_engine::BlobQuality;
use anyhow::Context;
use serde::Serialize;

use super::{Outcome, files, print_json, print_lines};

/// Measure how well a blob reconstructs test images.
///
/// The engine of the board runs the blob. The figures are means over all pixels, which are divided
/// by 255: cross-entropy (bce), squared error (mse), and from it the peak signal-to-noise ratio
/// (psnr).
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob with encoder and decoder.
    model: PathBuf,
    /// A folder of IDX files, or the name of a dataset. Without this option, the data of the run
    /// that the blob lies in, or else Fashion-MNIST or its sample.
    #[arg(long)]
    data: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    contract: &'static str,
    #[serde(flatten)]
    quality: BlobQuality,
    bytes: usize,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let blob = files::read_blob(&args.model)?;
    let images = files::test_images(args.data.as_deref(), &args.model)?;
    let quality = engine::evaluate(&blob, &images)
        .with_context(|| format!("cannot run {} on these images", args.model.display()))?;
    let contract = engine::contract_of(&blob)?.name();
    if args.json {
        print_json(&Report { contract, quality, bytes: blob.len() })?;
    } else {
        let BlobQuality { samples, bce, mse, psnr_db } = quality;
        print_lines(format_args!(
            "contract  {contract}\n\
             samples   {samples}\n\
             bce       {bce:.5}\n\
             mse       {mse:.6}\n\
             psnr      {psnr_db:.2} dB\n\
             bytes     {}",
            blob.len()
        ))?;
    }
    Ok(Outcome::Success)
}
