//! Firmware is not built with an invalid public key, nor with a key but without the check.

use std::fs;
use std::path::Path;
use std::process::Command;

use ae_boards::Board;
use ae_signature::Purpose;
use anyhow::{Context, Result, bail};

use crate::firmware;
use crate::gate::{self, Gate};

/// The package whose build script reads the key.
const PACKAGE: &str = "ae-firmware";
/// Any board will do.
const BOARD: &str = "mps2-an386";

/// A file that is given as public key, its text, and words of the message that it must give.
fn wrong_files() -> Vec<(&'static str, String, [&'static str; 2])> {
    let secret = gate::trial_key().write().to_string();
    let x25519 = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";
    // The point of order 4, y = 0.
    let weak = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\
        -----END PUBLIC KEY-----\n";
    vec![
        ("secret.key", secret, ["secret.key", "secret key"]),
        ("x25519.pub", x25519.to_owned(), ["x25519.pub", "expected Ed25519"]),
        ("weak.pub", weak.to_owned(), ["weak.pub", "is weak"]),
        ("noise.pub", "noise".to_owned(), ["noise.pub", "not a key file"]),
    ]
}

/// Tries to build with every wrong key.
///
/// # Errors
/// One is taken, or its message says something else.
pub(super) fn run() -> Result<()> {
    let board = Board::find(BOARD)?;
    let folder = tempfile::tempdir()?;
    for (name, text, words) in wrong_files() {
        let key = folder.path().join(name);
        fs::write(&key, text)?;
        must_fail(&mut with_key(board, &key)?, &words)?;
    }
    let missing = folder.path().join("missing.pub");
    must_fail(&mut with_key(board, &missing)?, &["missing.pub", "cannot read it"])?;

    let mut no_key = with_key(board, &missing)?;
    must_fail(no_key.env_remove(gate::KEY), &["needs AE_PUBLIC_KEY", "ae-train keygen"])?;
    let mut no_number = Gate::trial()?.cargo_for(board, "check")?;
    must_fail(no_number.env(gate::LEAST, "-1"), &["AE_LEAST_MODEL_VERSION=-1", "4294967295"])?;
    let mut no_purpose = Gate::trial()?.cargo_for(board, "check")?;
    must_fail(
        no_purpose.env(gate::PURPOSE, "two words"),
        &["AE_PURPOSE=two words", "without spaces"],
    )?;
    let mut long = Gate::trial()?.cargo_for(board, "check")?;
    must_fail(long.env(gate::PURPOSE, "seventeen-letters"), &["1 to 16 letters", "has 17"])?;

    // The second key is looked at as the first is, and is another one.
    let trial = Gate::trial()?;
    let weak = Some(folder.path().join("weak.pub"));
    let mut weak = Gate { next_key: weak, ..trial.clone() }.cargo_for(board, "check")?;
    must_fail(&mut weak, &["AE_NEXT_PUBLIC_KEY=", "weak.pub", "is weak"])?;
    let same = Some(trial.key.clone());
    let mut same = Gate { next_key: same, ..trial }.cargo_for(board, "check")?;
    must_fail(&mut same, &["AE_NEXT_PUBLIC_KEY=", "expected another one"])?;
    // A key without the feature would be firmware that takes every model.
    for name in gate::VARIABLES {
        let mut no_feature = firmware::cargo_for(board, "check")?;
        must_fail(no_feature.env(name, "1"), &[name, "without the feature `signed`"])?;
    }
    Ok(())
}

fn with_key(board: &Board, key: &Path) -> Result<Command> {
    let (key, next_key) = (key.to_owned(), None);
    Gate { key, next_key, purpose: Purpose::NONE, least: 0 }.cargo_for(board, "check")
}

fn must_fail(cargo: &mut Command, words: &[&str]) -> Result<()> {
    // The programs' package has the features, and the build script is another one's: with `--package`
    // for it alone, cargo would not know them.
    let output = cargo.args(["--quiet", "--package", "ae-emulated", "--lib"]).output();
    let output = output.with_context(|| format!("cannot build {PACKAGE}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        bail!("{PACKAGE} is built where it should say {words:?}");
    }
    match words.iter().find(|word| !said.contains(**word)) {
        Some(word) => bail!("{PACKAGE} does not say `{word}`, but: {}", said.trim()),
        None => Ok(()),
    }
}
