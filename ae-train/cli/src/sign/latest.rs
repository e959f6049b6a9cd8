//! The versions that a key has signed so far, as far as a folder tells.

use std::path::Path;

use ae_files::Folder;
use ae_run::MOST_BLOB_BYTES;
use ae_signature::host::SecretKey;
use ae_signature::{Purpose, Trust, open};
use anyhow::bail;

use crate::model_file::ModelFile;

/// Most versions that are left out without `--allow-jump`.
const MOST_LEFT_OUT: u32 = 1000;

/// Refuses a version that is far above the latest one that `key` has signed for `purpose` among the
/// files in `folder`, or above 0 where there is none. A board that has run a model takes no earlier
/// version again, so that a slip such as a version of ten digits could not be taken back.
pub(super) fn check_jump(
    folder: &Path,
    key: &SecretKey,
    purpose: Purpose,
    version: u32,
) -> anyhow::Result<()> {
    let latest = latest(folder, key, purpose);
    let folder = folder.display();
    match latest {
        Some(latest) => near(
            latest,
            version,
            format_args!("the latest version that this key has signed in {folder} is {latest}"),
        ),
        None => near(
            0,
            version,
            format_args!(
                "this key has signed no file in {folder} for {purpose}, so versions are counted \
                 from 0"
            ),
        ),
    }
}

/// Refuses a version that is not above that of the signed file `after`, or, unless `may_jump`, far
/// above it.
pub(super) fn check_after(
    after: &Path,
    purpose: Purpose,
    version: u32,
    may_jump: bool,
) -> anyhow::Result<()> {
    let file = ModelFile::read(after)?;
    let name = after.display();
    let Some(replaced) = file.signature() else {
        bail!("{name} is not signed, so it has no version to compare with");
    };
    if replaced.purpose() != purpose {
        bail!(
            "{name} is signed for {}, and this model is to be signed for {purpose}: it cannot replace \
             it; name the purpose with --purpose",
            replaced.purpose()
        );
    }
    let known = replaced.version();
    if version <= known {
        bail!(
            "model version {version} is not above {known}, the version of {name}: no board that has \
             run that takes an earlier one; expected {} or more",
            known.saturating_add(1)
        );
    }
    if may_jump {
        return Ok(());
    }
    near(known, version, format_args!("the version of {name} is {known}"))
}

/// Whether a version leaves out no more than a slip of the fingers would not; `found` says what `known`
/// is.
fn near(known: u32, version: u32, found: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    let above = version.saturating_sub(known);
    if above <= MOST_LEFT_OUT {
        return Ok(());
    }
    bail!(
        "model version {version} is {above} above {known}: {found}; no board that has run it takes an \
         earlier version again, so at most {MOST_LEFT_OUT} are left out by chance; --allow-jump \
         signs it all the same"
    )
}

/// The latest version of a signed file in the folder whose signature is the key's. Somebody else's
/// file says nothing, nor does one for another purpose, or one that cannot be read.
fn latest(folder: &Path, key: &SecretKey, purpose: Purpose) -> Option<u32> {
    let trust = Trust { keys: &[key.public().to_bytes()], purpose };
    let folder = Folder::open(folder).ok()?;
    let names = folder.entries().ok()?.into_iter().map(|(name, _)| name);
    let names = names.filter(|name| Path::new(name).extension().is_some_and(|it| it == "aeb"));
    // What is no plain file, such as a link or a pipe, is not opened.
    let files = names.filter_map(|name| folder.read(name, MOST_BLOB_BYTES).ok());
    files.filter_map(|file| open(&file, &trust).ok().map(|signed| signed.version())).max()
}
