//! `cargo xtask sample`.

use std::path::PathBuf;

use anyhow::Result;

use crate::{Outcome, command, fashion_mnist, workspace};

/// Remake the sample in `crates/ae-data/sample` from the whole of Fashion-MNIST.
///
/// It gives the same bytes each time, so git shows no change unless the sample's rule was changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder with the four files of Fashion-MNIST. Without this option, the system's package
    /// or the cache.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let ae_train = workspace::build_ae_train()?;
    let full = fashion_mnist::folder(args.data.as_deref(), &ae_train)?;
    let out = workspace::root().join("crates").join("ae-data").join("sample");
    let mut make = command::program(ae_train);
    command::run(make.arg("make-sample").arg("--full").arg(full).arg("--out").arg(&out))?;
    println!("{}", out.display());
    Ok(Outcome::Success)
}
