//! `ae-train keygen`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ae_files::write_new;
use ae_signature::host::{SecretKey, write_public};
use anyhow::{Context, bail};

use super::{Outcome, keys, print};

/// Make a pair of Ed25519 keys: one that signs models, one that checks them.
///
/// NAME.key is the secret key. Whoever has it can sign models for every board that was built with
/// the public key. Keep it where models are signed, and a copy of it in a safe place. NAME.pub is
/// the public key, for `AE_PUBLIC_KEY=NAME.pub cargo xtask firmware BOARD` and for `info --key`.
/// Both files are PEM (PKCS#8 and SubjectPublicKeyInfo), as openssl reads and writes them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write the keys to NAME.key and NAME.pub. Neither file may exist yet.
    #[arg(long, value_name = "NAME")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let [secret_path, public_path] = paths(&args.out)?;
    for path in [&secret_path, &public_path] {
        if fs::symlink_metadata(path).is_ok() {
            bail!(
                "{} exists already, and an overwritten key cannot be restored: give another --out",
                path.display()
            );
        }
    }
    let secret = SecretKey::generate(getrandom::fill)
        .context("the operating system gave no random bytes")?;
    let public = secret.public();
    create(&secret_path, secret.write().as_bytes(), 0o600)?;
    if let Err(error) = create(&public_path, write_public(&public).as_bytes(), 0o644) {
        // Both or none: this one was made a moment ago, and nothing is signed with it.
        fs::remove_file(&secret_path)
            .with_context(|| format!("cannot remove {}", secret_path.display()))?;
        return Err(error);
    }
    print(format_args!("{}  secret, keep it", secret_path.display()))?;
    print(format_args!("{}  public, {}", public_path.display(), keys::hex(&public)))?;
    Ok(Outcome::Success)
}

/// The files of a pair of keys with this name.
fn paths(name: &Path) -> anyhow::Result<[PathBuf; 2]> {
    let ending = name.extension().and_then(|ending| ending.to_str());
    let (Some(file), None | Some("")) =
        (name.file_name(), ending.filter(|it| ["key", "pub"].contains(it)))
    else {
        bail!("--out {} must be the name alone, without .key or .pub", name.display());
    };
    let with = |ending: &str| {
        let mut file = file.to_owned();
        file.push(ending);
        name.with_file_name(file)
    };
    Ok([with(".key"), with(".pub")])
}

/// Writes a key's file, which must not be there yet.
fn create(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    match write_new(path, bytes, mode) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{} was made by another process in the meantime: give another --out",
                path.display()
            )
        }
        written => written.with_context(|| format!("cannot write {}", path.display())),
    }
}
