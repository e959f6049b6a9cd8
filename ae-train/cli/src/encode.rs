//! `ae-train encode`.

use std::path::PathBuf;

use ae_data::npy;
use ae_engine as engine;
use ae_engine::Latents;
use anyhow::Context;

use super::{Outcome, files};

/// Encode test images with a blob, as the board does.
///
/// The latents are written as an NPY file of shape (images, latent), int8 for an int8 model and
/// float32 for an f32 model.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob with an encoder.
    model: PathBuf,
    /// A folder of IDX files, or the name of a dataset. Without this option, the data of the run
    /// that the blob lies in, or else Fashion-MNIST or its sample.
    #[arg(long)]
    data: Option<String>,
    /// The NPY file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let blob = files::read_blob(&args.model)?;
    let images = files::test_images(args.data.as_deref(), &args.model)?;
    let latents = engine::encode(&blob, &images)
        .with_context(|| format!("cannot run {} on these images", args.model.display()))?;
    let bytes = match &latents {
        Latents::Int8(values) => npy::write(values, images.len())?,
        Latents::F32(values) => npy::write(values, images.len())?,
    };
    files::write(&args.out, &bytes)?;
    // Standard output may be the file itself.
    tell!("wrote {}", args.out.display());
    Ok(Outcome::Success)
}
