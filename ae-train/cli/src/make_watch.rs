//! `ae-train make-watch`, behind `cargo xtask watch`.

use std::path::PathBuf;

use ae_data::make_watch_sample::make_watch_sample;
use ae_data::watch;

use super::{Outcome, print};

/// Keep the smartwatch recordings in the cache, or remake the sample that is built in.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The CSV file of the full set. Without it, the set that is in the cache is looked at.
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Folder to write the sample to, instead of keeping the full set.
    #[arg(long, requires = "csv")]
    sample: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    match (&args.csv, &args.sample) {
        (None, _) => print(watch::full()?.name)?,
        (Some(csv), Some(out)) => {
            make_watch_sample(csv, out)?;
            print(out.display())?;
        }
        (Some(csv), None) => print(watch::keep(csv)?.display())?,
    }
    Ok(Outcome::Success)
}
