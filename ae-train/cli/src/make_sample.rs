//! `ae-train make-sample`, behind `cargo xtask sample`.

use std::path::PathBuf;

use ae_data::make_sample::make_sample;

use super::Outcome;

/// Remake the sample that is built into this program, from the whole of Fashion-MNIST.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder with the four files of Fashion-MNIST.
    #[arg(long)]
    full: PathBuf,
    /// Folder to write to.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    make_sample(&args.full, &args.out)?;
    Ok(Outcome::Success)
}
