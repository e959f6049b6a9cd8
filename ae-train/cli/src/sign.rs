//! `ae-train sign`.

mod latest;

use std::path::{Path, PathBuf};

use ae_files::folder_of;
use ae_signature::{Purpose, PurposeError, Trust, open};
use anyhow::{Context, bail};

use super::model_file::ModelFile;
use super::{Outcome, files, keys, print};

/// Sign a blob, for boards that run signed models only.
///
/// The signed file holds the blob, its model version and its purpose, and a signature over all of it.
/// Every command takes it in place of the blob. A board whose firmware was built with the public key
/// runs no other model. It also refuses every other purpose than the one that it was built for, and
/// every version below the least one that it was built for, or that its counter holds. FORMAT.md
/// describes the file.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob.
    model: PathBuf,
    /// The file of the secret key, NAME.key from `ae-train keygen`.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The version of the model. It must be larger than that of every model that it replaces, and
    /// at most 1,000 above the latest one that the key has signed for this purpose in the folder of
    /// --out, or above that of --after.
    #[arg(long, value_name = "N")]
    model_version: u32,
    /// What the model is for: the name that firmware was built with as `AE_PURPOSE`, or a number, 1
    /// to 16 letters. Without this option the model is for firmware that was built without one; with
    /// --again the file keeps its purpose.
    #[arg(long, value_name = "NAME", value_parser = purpose)]
    purpose: Option<Purpose>,
    /// The signed file that this model replaces: the version must be above its version, and at most
    /// 1,000 above. Its key may be another one.
    #[arg(long, value_name = "FILE")]
    after: Option<PathBuf>,
    /// Take a version however far it is above the latest one. Boards that have run it take none
    /// below it again.
    #[arg(long)]
    allow_jump: bool,
    /// The file to write. Without this option it lies beside the blob, and is called
    /// model.int8.signed.aeb, for example.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sign again the blob of a file that is signed already.
    #[arg(long)]
    again: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Args { model, key: key_path, model_version, .. } = args;
    let (file, is_first) = ModelFile::read_to_sign(model)?;
    let signed = file.signature();
    if !args.again && (signed.is_some() || is_first) {
        let how = match signed {
            Some(signed) => format!("as model version {}", signed.version()),
            None => "with a trailer of the first version".to_owned(),
        };
        let model = model.display();
        bail!("{model} is signed already, {how}; --again signs the blob in it anew");
    }
    let kept = signed.map(|signed| signed.purpose());
    let purpose = args.purpose.or(kept).unwrap_or(Purpose::NONE);
    let key = keys::read_secret_key(key_path)?;
    let out = args.out.clone().unwrap_or_else(|| default_name(model));
    // A slip of the fingers must cost neither the key nor the model.
    let lost = if is_same(&out, key_path) { Some("the key") } else { None };
    let lost = lost.or((is_same(&out, model) && !args.again).then_some("the model"));
    if let Some(lost) = lost {
        bail!("{} is {lost}, which signing must not overwrite: give another --out", out.display());
    }
    match &args.after {
        Some(after) => latest::check_after(after, purpose, *model_version, args.allow_jump)?,
        None if args.allow_jump => (),
        None => latest::check_jump(folder_of(&out), &key, purpose, *model_version)?,
    }
    let signed = key.sign(file.blob(), *model_version, purpose);
    let public = key.public();
    let trust = Trust { keys: &[public.to_bytes()], purpose };
    open(&signed, &trust).context("the new signature is not right")?;
    match args.out {
        Some(_) => files::write(&out, &signed)?,
        None => files::write_beside(&out, &signed)?,
    }
    print(format_args!(
        "{}  {} bytes, model version {model_version}, {purpose}, public key {}",
        out.display(),
        signed.len(),
        keys::hex(&public)
    ))?;
    Ok(Outcome::Success)
}

fn purpose(name: &str) -> Result<Purpose, PurposeError> {
    Purpose::new(name)
}

/// Beside the blob, with a name that says that it is signed.
fn default_name(model: &Path) -> PathBuf {
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".aeb").unwrap_or(&name);
    let stem = stem.strip_suffix(".signed").unwrap_or(stem);
    model.with_file_name(format!("{stem}.signed.aeb"))
}

fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}
