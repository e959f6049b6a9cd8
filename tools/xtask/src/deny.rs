//! `cargo xtask deny`.

use anyhow::{Result, bail};

use crate::{Outcome, command, fleet};

/// Check licences, advisories, duplicates and sources of all dependencies with cargo-deny.
///
/// Needs the network, for the database of advisories; so it is no step of `test`. The rules are in
/// `deny.toml`, and those of the programs for archives in `fleet/deny.toml`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<Outcome> {
    if command::read_quietly(&mut command::cargo("deny --version")).is_none() {
        bail!("cargo-deny is not installed; `cargo install --locked cargo-deny` installs it");
    }
    let mut of_fleet = command::cargo("deny check");
    of_fleet.current_dir(fleet::folder());
    command::run_all([command::cargo("deny check"), of_fleet])?;
    Ok(Outcome::Success)
}
