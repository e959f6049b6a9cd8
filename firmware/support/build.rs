//! Puts the model that is linked into the firmware where the crate finds it: the file that the
//! environment variable `AE_MODEL` names, or else the smallest model of the repository. With the
//! feature `signed`, the public key that `AE_PUBLIC_KEY` names as well, the one that
//! `AE_NEXT_PUBLIC_KEY` names, and the purpose `AE_PURPOSE`.

use std::path::{Path, PathBuf};
use std::{env, fs};

#[cfg(feature = "signed")]
use ae_signature::{KeyId, Purpose};

/// Names the public key's file, with its full path.
const KEY: &str = "AE_PUBLIC_KEY";
/// Names the file of a second public key, with its full path: of the key that models will be signed
/// with.
const NEXT_KEY: &str = "AE_NEXT_PUBLIC_KEY";
/// What the firmware's models are for; without it, for nothing in particular.
const PURPOSE: &str = "AE_PURPOSE";
/// The least model version that the firmware takes; 0 without it.
const LEAST: &str = "AE_LEAST_MODEL_VERSION";

fn main() {
    println!("cargo::rerun-if-env-changed=AE_MODEL");
    for name in [KEY, NEXT_KEY, PURPOSE, LEAST] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    if let Err(error) = model(&out).and_then(|()| signed(&out)) {
        println!("cargo::error={error}");
    }
}

fn model(out: &Path) -> Result<(), String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let smallest = folder.join("../../tests/golden/tiny.int8.aeb");
    let model = env::var_os("AE_MODEL").map_or(smallest, PathBuf::from);
    println!("cargo::rerun-if-changed={}", model.display());
    let cannot =
        |error| format!("cannot read {}: {error}; AE_MODEL takes a full path", model.display());
    let bytes = fs::read(&model).map_err(cannot)?;
    fs::write(out.join("model.aeb"), bytes).expect("cargo's folder for output can be written");
    Ok(())
}

#[cfg(not(feature = "signed"))]
fn signed(_: &Path) -> Result<(), String> {
    // A firmware that was meant to check signatures must not be one that takes every model.
    match [KEY, NEXT_KEY, PURPOSE, LEAST].into_iter().find(|name| env::var_os(name).is_some()) {
        Some(name) => Err(format!(
            "{name} is set, but the firmware is built without the feature `signed` and would take \
             every model; `{name}=… cargo xtask firmware BOARD` builds it with the feature, and \
             `--features signed` does for cargo"
        )),
        None => Ok(()),
    }
}

#[cfg(feature = "signed")]
fn signed(out: &Path) -> Result<(), String> {
    let path = env::var_os(KEY).map(PathBuf::from).ok_or(format!(
        "the feature `signed` needs {KEY}=/path/to/NAME.pub, which `ae-train keygen --out NAME` writes"
    ))?;
    let key = public_key(KEY, &path)?;
    let mut keys = key.to_vec();
    if let Some(path) = env::var_os(NEXT_KEY).map(PathBuf::from) {
        let next = public_key(NEXT_KEY, &path)?;
        if KeyId::of(&next) == KeyId::of(&key) {
            let path = path.display();
            return Err(format!(
                "{NEXT_KEY}={path} holds the key that {KEY} holds, expected another one; without \
                 {NEXT_KEY} the firmware has one key"
            ));
        }
        keys.extend(next);
    }
    let written = "cargo's folder for output can be written";
    fs::write(out.join("keys.bin"), keys).expect(written);

    let purpose = match env::var_os(PURPOSE) {
        None => Purpose::NONE,
        Some(name) => {
            let name = name.to_string_lossy();
            Purpose::new(&name).map_err(|error| format!("{PURPOSE}={name}: {error}"))?
        }
    };
    fs::write(out.join("purpose.bin"), purpose.to_bytes()).expect(written);

    let least = env::var(LEAST).unwrap_or_else(|_| "0".to_owned());
    let least: u32 = least
        .parse()
        .map_err(|_| format!("{LEAST}={least} is no number from 0 to {}", u32::MAX))?;
    println!("cargo::rustc-env={LEAST}={least}");
    Ok(())
}

/// The bytes of the public key in the file that the variable `name` names.
#[cfg(feature = "signed")]
fn public_key(name: &str, path: &Path) -> Result<[u8; ae_signature::PublicKey::LEN], String> {
    println!("cargo::rerun-if-changed={}", path.display());
    let at = |error: String| format!("{name}={}: {error}", path.display());
    let cannot = |error| at(format!("cannot read it: {error}; {name} takes a full path"));
    // Not every file of keys is text.
    let text = String::from_utf8_lossy(&fs::read(path).map_err(cannot)?).into_owned();
    let key = ae_signature::host::read_public(&text).map_err(|error| {
        at(format!("{error}; `ae-train keygen --out NAME` makes a pair of keys"))
    })?;
    Ok(key.to_bytes())
}
