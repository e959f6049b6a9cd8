//! What runs on boards compiles for them.

use anyhow::Result;

use crate::command;
use crate::setup::{BOARD_TARGETS, has_target};

pub(super) fn run() -> Result<String> {
    let (there, missing): (Vec<_>, Vec<_>) =
        BOARD_TARGETS.into_iter().partition(|target| has_target(target));
    let build = |target| {
        let packages = "--package ae-core --package ae-infer";
        command::cargo(&format!("build --release {packages} --target {target}"))
    };
    command::run_all(there.iter().map(build))?;
    Ok(match (there.join(", "), missing.join(", ")) {
        (there, missing) if missing.is_empty() => there,
        (there, missing) if there.is_empty() => format!("skipped, not installed: {missing}"),
        (there, missing) => format!("{there}; skipped, not installed: {missing}"),
    })
}
