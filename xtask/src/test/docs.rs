//! Rustdoc has nothing to say.

use anyhow::Result;

use super::ALL_BUT_BENCH;
use crate::command;

pub(super) fn run() -> Result<String> {
    let mut doc = command::cargo(&format!("doc --release --no-deps --keep-going {ALL_BUT_BENCH}"));
    command::run(doc.env("RUSTDOCFLAGS", "--deny warnings"))?;
    Ok(String::new())
}
