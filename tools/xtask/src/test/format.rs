//! rustfmt leaves every file as it is.

use anyhow::Result;

use crate::{command, firmware, fleet, workspace};

pub(super) fn run() -> Result<String> {
    let check = || command::cargo("fmt --all -- --check");
    let firmware = firmware::workspaces().into_iter().map(|folder| {
        let mut check = check();
        check.current_dir(folder);
        check
    });
    let others = [workspace::root().join("tools").join("fuzz"), fleet::folder()].map(|folder| {
        let mut check = check();
        check.current_dir(folder);
        check
    });
    command::run_all([check()].into_iter().chain(others).chain(firmware))?;
    Ok(String::new())
}
