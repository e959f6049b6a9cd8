//! `ae-train evaluate`.

use std::path::PathBuf;

use ae_engine as engine;
use ae_engine::BlobQuality;
use anyhow::Context;
use serde::Serialize;

use super::{Outcome, files, print, print_json};

/// Measure how well a blob reconstructs test images.
///
/// The blob runs with the engine of the board. Figures are means over pixels, a pixel divided by
/// 255: cross-entropy (bce), squared error (mse), and the peak signal-to-noise ratio.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob with encoder and decoder.
    model: PathBuf,
    /// Folder of IDX files, or the name of a dataset; without it, the data of the run that the blob
    /// lies in, else Fashion-MNIST or its sample.
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
        print(format_args!(
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
