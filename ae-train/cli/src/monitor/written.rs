//! The files that `monitor` writes.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::Args;
use crate::files;

/// Refuses, before anything is `played`, to write into a file that is read or written otherwise, or
/// where there is no folder.
pub(super) fn check(args: &Args, played: &[PathBuf]) -> anyhow::Result<()> {
    let written = [("--out", &args.out), ("--scores", &args.scores)];
    for (option, path) in written.iter().filter_map(|(option, path)| Some((option, path.as_ref()?)))
    {
        files::check_folder(path)?;
        let read = played.iter().chain([&args.model]);
        if let Some(read) = read.into_iter().find(|read| are_same(read, path)) {
            bail!("{option} {} would overwrite {}, which is read", path.display(), read.display());
        }
    }
    if let (Some(out), Some(scores)) = (&args.out, &args.scores)
        && are_same(out, scores)
    {
        bail!("--out and --scores are both {}; give two files", out.display());
    }
    Ok(())
}

/// Whether both are one file, or will be.
fn are_same(a: &Path, b: &Path) -> bool {
    let [a, b] = [a, b].map(|path| {
        let folder = files::run_folder(path).canonicalize().unwrap_or_default();
        path.canonicalize().unwrap_or_else(|_| folder.join(path.file_name().unwrap_or_default()))
    });
    a == b
}
