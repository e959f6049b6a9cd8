//! `ae-train make-watch`, behind `cargo xtask watch`.

use std::path::PathBuf;

use super::{Outcome, print};
use crate::data::make_watch_sample::make_watch_sample;
use crate::data::watch;

/// Keep the smartwatch recordings in the cache, or remake the sample that is built in.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The CSV file of the full set.
    #[arg(long)]
    csv: PathBuf,
    /// Folder to write the sample to, instead of keeping the full set.
    #[arg(long)]
    sample: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if let Some(out) = &args.sample {
        make_watch_sample(&args.csv, out)?;
        print(out.display())?;
    } else {
        print(watch::keep(&args.csv)?.display())?;
    }
    Ok(Outcome::Success)
}
