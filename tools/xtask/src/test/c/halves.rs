//! A detector in two halves in C: an interrupt pushes samples while the program decides.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use ae_export::{Name, c_project};
use anyhow::{Context, Result, bail};

use crate::c::compile::MACHINES;
use crate::workspace;

/// The board whose timer it is.
const BOARD: &str = "mps2-an386";
/// The program, and what it needs without an operating system.
const SOURCES: [&str; 3] = ["bare/halves.c", "bare/semihosting.c", "bare/start.c"];
/// A detector that is given windows, and one that is given frames. The second's features take the longest,
/// so that samples come while it decides.
const MODELS: [&str; 2] = ["tiny.counts.int8.aeb", "tiny.features.int8.aeb"];

/// Runs the program for both, and sees that it finds a sample that is left out.
///
/// # Errors
/// A decision is another than in one, or the planted fault is not found.
pub(super) fn run(folder: &Path) -> Result<String> {
    let mut told = Vec::new();
    for model in MODELS {
        let path = workspace::root().join("tests/golden").join(model);
        let blob = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let own = folder.join(model);
        fs::create_dir_all(&own)?;
        for file in c_project(&blob, &"model".parse::<Name>()?)? {
            // The model alone: the rest is the example's.
            if ["model.c", "model.h"].contains(&&*file.path) {
                fs::write(own.join(file.path), file.bytes)?;
            }
        }
        let printed = play(&own, &[]).with_context(|| model.to_owned())?;
        let printed = printed.strip_prefix("halves: ").map(str::to_owned).unwrap_or(printed);
        if let Ok(found) = play(&own, &["-DPLANTED"]) {
            bail!("{model}: a sample is left out, and that is not found: {found}");
        }
        told.push(printed);
    }
    Ok(told.join("; "))
}

fn play(folder: &Path, defined: &[&str]) -> Result<String> {
    let machine = MACHINES.iter().find(|it| it.board == BOARD).context("the board")?;
    let (elf, model) = (folder.join("halves.elf"), folder.join("model.c"));
    let include = [OsStr::new("-I"), folder.as_os_str(), model.as_os_str()];
    let more: Vec<&OsStr> = defined.iter().map(OsStr::new).chain(include).collect();
    machine.link(&SOURCES, &more, &elf)?;
    // Instructions are the timer's ticks, so that every run is the same.
    match machine.run_counting(&elf, folder, true)? {
        (printed, true) => Ok(printed),
        (printed, false) => bail!("{printed}"),
    }
}
