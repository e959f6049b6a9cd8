//! `ae-train reconstruct`.

use std::path::PathBuf;

use ae_data::npy;
use ae_engine as engine;
use ae_report::picture::reconstruction_grid;
use anyhow::{Context, bail};

use super::{Outcome, files, print};

/// Reconstruct test images with a blob.
///
/// The ending of --out decides what is written. A .png is a picture of 10 × 10 images: originals in
/// the left five columns, their reconstructions in the right five. A .npy holds all
/// reconstructions, as uint8 of shape (images, pixels).
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob with encoder and decoder.
    model: PathBuf,
    /// A folder of IDX files, or the name of a dataset. Without this option, the data of the run
    /// that the blob lies in, or else Fashion-MNIST or its sample.
    #[arg(long)]
    data: Option<String>,
    /// The file to write, ending in .png or .npy.
    #[arg(long, value_name = "FILE", default_value = "reconstruction.png")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let ending = args.out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if !["png", "npy"].contains(&ending) {
        bail!("--out {} must end in .png or .npy", args.out.display());
    }
    let blob = files::read_blob(&args.model)?;
    let images = files::test_images(args.data.as_deref(), &args.model)?;
    let pixels = engine::reconstruct(&blob, &images)
        .with_context(|| format!("cannot run {} on these images", args.model.display()))?;
    let bytes = match ending {
        "npy" => npy::write(&pixels, images.len())?,
        _ => reconstruction_grid(&images, &pixels)?,
    };
    files::write(&args.out, &bytes)?;
    print(args.out.display())?;
    Ok(Outcome::Success)
}
