//! rustfmt leaves every file as it is.

use anyhow::Result;

use crate::{command, firmware, workspace};

pub(super) fn run() -> Result<String> {
    let check = || command::cargo("fmt --all -- --check");
    let firmware = firmware::workspaces().into_iter().map(|folder| {
        let mut check = check();
        check.current_dir(folder);
        check
    });
    let mut fuzz = check();
    fuzz.current_dir(workspace::root().join("tools").join("fuzz"));
    command::run_all([check(), fuzz].into_iter().chain(firmware))?;
    Ok(String::new())
}
