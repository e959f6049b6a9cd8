//! Firmware that runs signed models only.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use ae_boards::Board;
use ae_signature::Purpose;
use ae_signature::host::{SecretKey, write_public};
use anyhow::{Context, Result, bail};

use crate::{command, firmware, workspace};

/// Names the public key's file.
pub(crate) const KEY: &str = "AE_PUBLIC_KEY";
/// Names the file of a second public key.
pub(crate) const NEXT_KEY: &str = "AE_NEXT_PUBLIC_KEY";
/// What the firmware's models are for.
pub(crate) const PURPOSE: &str = "AE_PURPOSE";
/// The least model version that the firmware takes.
pub(crate) const LEAST: &str = "AE_LEAST_MODEL_VERSION";

/// All of them.
pub(crate) const VARIABLES: [&str; 4] = [KEY, NEXT_KEY, PURPOSE, LEAST];

/// The feature of the firmware's packages.
const FEATURE: &str = "signed";

/// Which models the firmware is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gate {
    /// The public key's file.
    pub(crate) key: PathBuf,
    /// The second public key's file, if it has one.
    pub(crate) next_key: Option<PathBuf>,
    /// What models are for.
    pub(crate) purpose: Purpose,
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
            if let Some(name) = [NEXT_KEY, PURPOSE, LEAST].into_iter().find(|name| is_set(name)) {
                bail!("{name} is set without {KEY}: it says which signed models the firmware runs");
            }
            return Ok(None);
        };
        let key = path(KEY, &key)?;
        let next_key = env::var_os(NEXT_KEY).map(|next| path(NEXT_KEY, &next)).transpose()?;
        let purpose = match env::var_os(PURPOSE) {
            None => Purpose::NONE,
            Some(name) => {
                let name = name.to_string_lossy();
                Purpose::new(&name).with_context(|| format!("{PURPOSE}={name}"))?
            }
        };
        let least = least.as_deref().unwrap_or("0");
        let least =
            least.parse().with_context(|| format!("{LEAST}={least} is not a model version"))?;
        Ok(Some(Self { key, next_key, purpose, least }))
    }

    /// What tests and measurements build for: the keys whose secret halves are [`trial_key`] and
    /// [`trial_next_key`], the purpose [`trial_purpose`], and models from version [`TRIAL_LEAST`] on.
    ///
    /// # Errors
    /// A key's file cannot be written.
    pub(crate) fn trial() -> Result<Self> {
        let key = trial_file("trial.pub", &trial_key())?;
        let next_key = Some(trial_file("trial-next.pub", &trial_next_key())?);
        Ok(Self { key, next_key, purpose: trial_purpose()?, least: TRIAL_LEAST })
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
        if let Some(next) = &self.next_key {
            cargo.env(NEXT_KEY, next);
        }
        if self.purpose != Purpose::NONE {
            cargo.env(PURPOSE, self.purpose.name());
        }
        Ok(cargo)
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.key.display())?;
        if let Some(next) = &self.next_key {
            write!(f, " or {}", next.display())?;
        }
        write!(f, " opens, for {}, of version {} or later", self.purpose, self.least)
    }
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some()
}

/// The full path of the key's file that the variable `name` names: cargo builds in another folder.
fn path(name: &str, file: &OsStr) -> Result<PathBuf> {
    let file = Path::new(file);
    file.canonicalize().with_context(|| format!("cannot read {name}={}", file.display()))
}

/// The file of a key for tests.
fn trial_file(name: &str, key: &SecretKey) -> Result<PathBuf> {
    let folder = trial_folder()?;
    fs::create_dir_all(&folder)?;
    let file = folder.join(name);
    let text = write_public(&key.public());
    // Cargo builds again when the file is younger than what it has built.
    if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(file)
}

/// The least model version of firmware for tests and measurements; `tests/tests/emulated/signed_boards.rs`
/// knows it too.
pub(crate) const TRIAL_LEAST: u32 = 3;

/// A secret key that everybody knows.
pub(crate) fn trial_key() -> SecretKey {
    SecretKey::from_bytes(b"a trial key, known to everybody!")
}

/// A second one, of the key that comes next.
pub(crate) fn trial_next_key() -> SecretKey {
    SecretKey::from_bytes(b"the next trial key, known to all")
}

/// What models for tests and measurements are for.
///
/// # Errors
/// Never: it is a name.
pub(crate) fn trial_purpose() -> Result<Purpose> {
    Ok(Purpose::new("trial")?)
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
