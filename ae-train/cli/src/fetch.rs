//! `ae-train fetch`.

use ae_data::fetch::{OFFICIAL_URL, Timeouts, fetch_fashion_mnist};
use ae_data::locate::cache_folder;
use anyhow::Context;
use clap::ValueEnum;

use super::{Outcome, print};
use crate::fetch_progress::FetchProgress;

/// Download a dataset into the cache, where the other commands find it by its name.
///
/// If a download was cut off, the same command continues it. Every file is checked against its
/// known SHA-256.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which dataset.
    dataset: Name,
    /// Where the files are: the dataset's own address, or a mirror of it.
    #[arg(long, value_name = "URL", default_value = OFFICIAL_URL)]
    from: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    FashionMnist,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Name::FashionMnist = args.dataset;
    let folder = cache_folder()
        .context("there is no home folder to keep a cache in; set AE_TRAIN_CACHE to a folder")?;
    let mut progress = FetchProgress::stderr();
    let mut shown = Ok(());
    fetch_fashion_mnist(&args.from, &folder, Timeouts::default(), &mut |event| {
        if shown.is_ok() {
            shown = progress.show(event);
        }
    })?;
    shown?;
    print(folder.display())?;
    Ok(Outcome::Success)
}
