//! `ae-train decode`.

use std::path::PathBuf;

use ae_data::npy;
use ae_engine as engine;
use ae_engine::Latents;
use ae_files::read_file;
use anyhow::{Context, bail};

use super::{Outcome, files};

/// Most bytes of a file of latents.
const MOST_BYTES: u64 = 1 << 30;

/// Decode latents with a blob, as the board does.
///
/// The latents are read from an NPY file of shape (images, latent), as `encode` writes it. The
/// images are written as an NPY file of uint8 of shape (images, pixels).
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob with a decoder.
    model: PathBuf,
    /// The NPY file of latents: int8 for an int8 model, float32 for an f32 model.
    #[arg(long = "in", value_name = "FILE")]
    input: PathBuf,
    /// The NPY file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let blob = files::read_blob(&args.model)?;
    let header = engine::check(&blob)?;
    let name = args.input.display();
    let bytes =
        read_file(&args.input, MOST_BYTES).with_context(|| format!("cannot read {name}"))?;
    let (latents, columns) = match header.contract {
        ae_core::Contract::Int8 => {
            let (values, columns) = npy::read(&bytes).with_context(|| format!("{name}"))?;
            (Latents::Int8(values), columns)
        }
        ae_core::Contract::F32 => {
            let (values, columns) = npy::read(&bytes).with_context(|| format!("{name}"))?;
            (Latents::F32(values), columns)
        }
    };
    if columns != header.latent as usize {
        bail!("{name} has {columns} values in a row, but the model has {} latents", header.latent);
    }
    let pixels = engine::decode(&blob, &latents)
        .with_context(|| format!("cannot run {} on {name}", args.model.display()))?;
    files::write(&args.out, &npy::write(&pixels, pixels.len() / header.features as usize)?)?;
    // Standard output may be the file itself.
    tell!("wrote {}", args.out.display());
    Ok(Outcome::Success)
}
