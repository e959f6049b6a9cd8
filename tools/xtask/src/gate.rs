//! Firmware that runs signed models only.

use std::path::PathBuf;
use std::{env, fs};

use ae_boards::Board;
use ae_signature::host::{SecretKey, write_public};
use anyhow::{Context, Result, bail};

use crate::{command, firmware, workspace};

/// Names the public key's file.
pub(crate) const KEY: &str = "AE_PUBLIC_KEY";
/// The least model version that the firmware takes.
pub(crate) const LEAST: &str = "AE_LEAST_MODEL_VERSION";

/// The feature of the firmware's packages.
const FEATURE: &str = "signed";

/// Which models the firmware is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gate {
    /// The public key's file.
    pub(crate) key: PathBuf,
    /// The least version of a model.
    pub(crate) least: u32,
}

impl Gate {
    /// What the environment asks for; `None` where it names no key, which is firmware for every model.
    ///
    /// # Errors
    /// The key's file is not there, or there is a version without a key, or one that is no number.
    pub(crate) fn of_environment() -> Result<Option<Self>> {
        let (key, least) = (env::var_os(KEY), env::var(LEAST).ok());
        let Some(key) = key else {
            if least.is_some() {
                bail!(
                    "{LEAST} is set without {KEY}: versions are signed, so it takes a key to read them"
                );
            }
            return Ok(None);
        };
        let key = PathBuf::from(key);
        // Cargo builds in another folder than this one.
        let key =
            key.canonicalize().with_context(|| format!("cannot read {KEY}={}", key.display()))?;
        let least = least.as_deref().unwrap_or("0");
        let least =
            least.parse().with_context(|| format!("{LEAST}={least} is not a model version"))?;
        Ok(Some(Self { key, least }))
    }

    /// What tests and measurements build for: the key whose secret half is [`trial_key`], and models
    /// from version [`TRIAL_LEAST`] on.
    ///
    /// # Errors
    /// The key's file cannot be written.
    pub(crate) fn trial() -> Result<Self> {
        let folder = trial_folder()?;
        fs::create_dir_all(&folder)?;
        let key = folder.join("trial.pub");
        let text = write_public(&trial_key().public());
        // Cargo builds again when the file is younger than what it has built.
        if fs::read_to_string(&key).ok().as_ref() != Some(&text) {
            fs::write(&key, text).with_context(|| format!("cannot write {}", key.display()))?;
        }
        Ok(Self { key, least: TRIAL_LEAST })
    }

    /// As [`firmware::cargo_for`], for firmware that runs such models alone.
    ///
    /// # Errors
    /// `cargo metadata` cannot be run or read.
    pub(crate) fn cargo_for(&self, board: &Board, verb: &str) -> Result<std::process::Command> {
        let features = [&board.features[..], &[FEATURE.to_owned()]].concat();
        let gated = Board { features, ..board.clone() };
        let mut cargo = firmware::cargo_for(&gated, verb)?;
        cargo.env(KEY, &self.key).env(LEAST, self.least.to_string());
        Ok(cargo)
    }
}

/// The least model version of firmware for tests and measurements; `tests/tests/emulated/signed_boards.rs`
/// knows it too.
pub(crate) const TRIAL_LEAST: u32 = 3;

/// A secret key that everybody knows.
pub(crate) fn trial_key() -> SecretKey {
    SecretKey::from_bytes(b"a trial key, known to everybody!")
}

/// Where the firmware for tests and measurements lies.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn trial_folder() -> Result<PathBuf> {
    Ok(workspace::target_folder()?.join("firmware-signed"))
}

/// The boards on which tests show that signatures are checked: the smallest, the one whose program
/// is that of a real board, and one of either kind of core.
const TESTED: [&str; 4] = ["microbit", "netduinoplus2", "mps2-an386", "rv32"];
/// Beside them, a board for each other architecture.
const LINKED: [&str; 2] = ["mps2-an385", "mps2-an505"];

/// Links a board's firmware for tests where it is tested or the only one of its architecture; that
/// of any other board, which differs in what has nothing to do with signatures, is compiled alone.
///
/// # Errors
/// It does not build.
pub(crate) fn build_or_check_trial(board: &Board) -> Result<()> {
    let trial = Gate::trial()?;
    if TESTED.into_iter().chain(LINKED).any(|name| name == board.name) {
        return firmware::build_into(&trial_folder()?, board, Some(&trial));
    }
    let mut check = trial.cargo_for(board, "check")?;
    command::run(check.args(["--quiet", "--package", &board.package, "--lib", "--bins"]))
}

/// Builds the firmware that tests use.
///
/// # Errors
/// It does not build.
pub(crate) fn build_trial_for_tests() -> Result<()> {
    let trial = Gate::trial()?;
    TESTED.iter().try_for_each(|board| {
        firmware::build_into(&trial_folder()?, Board::find(board)?, Some(&trial))
    })
}
