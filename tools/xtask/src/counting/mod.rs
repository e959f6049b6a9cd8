//! Counts the instructions that an emulated program executes, with the plugin in `counter`.

mod cycles;
mod kind;
mod profile;

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ae_boards::{Board, EmulatorRun, icount_run};
use anyhow::{Context, Result, bail};

use crate::{command, workspace};

pub(crate) use cycles::Timing;
pub(crate) use kind::{Kind, Mix};
use profile::Code;

pub(crate) use profile::{Profile, Stretch};

/// The function of the firmware that is called at every mark.
const MARK: &str = "ae_mark";

/// Runs the program `elf` on the emulated `board` and counts.
///
/// # Errors
/// The plugin does not build, QEMU is missing or takes no plugins, or the program has no mark.
pub(crate) fn count(board: &'static Board, elf: &Path) -> Result<(EmulatorRun, Profile)> {
    let bytes = fs::read(elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let mark = mark(&bytes).with_context(|| format!("{} has no {MARK}", elf.display()))?;
    let plugin = plugin(board)?;
    let out = tempfile::Builder::new().suffix(".counts").tempfile()?;
    let escaped = |path: &Path| path.display().to_string().replace(',', ",,");
    let option = format!("{},mark={mark},out={}", escaped(&plugin), escaped(out.path()));
    let run = icount_run(board, elf, &["-plugin", &option])?;
    let text = fs::read_to_string(out.path())?;
    if text.is_empty() {
        bail!("QEMU wrote no counts; {}", run.errors.trim());
    }
    Ok((run, Profile::parse(&text, &Code::of(&bytes)?, board)?))
}

fn mark(elf: &[u8]) -> Option<u64> {
    use object::{Object, ObjectSymbol};

    let file = object::File::parse(elf).ok()?;
    // The lowest bit says Thumb.
    file.symbol_by_name(MARK).map(|symbol| symbol.address() & !1)
}

/// The plugin for the board's emulator, which is built once in a run of this program. All of QEMU's
/// programs are of one version.
fn plugin(board: &Board) -> Result<PathBuf> {
    static BUILT: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(built) = &*built {
        return Ok(built.clone());
    }
    let emulator = board.emulator.as_ref().context("an emulated board")?;
    let version = command::read(command::program(&emulator.program).arg("--version"))
        .context("`cargo xtask setup` installs QEMU where there is apt")?;
    let mut cargo = command::cargo("build --release --quiet --package ae-counter");
    command::run(cargo.env("AE_PLUGIN_API", plugin_api(&version)))?;
    let name = format!("{DLL_PREFIX}ae_counter{DLL_SUFFIX}");
    let path = workspace::target_folder()?.join("release").join(name);
    Ok(built.insert(path).clone())
}

/// The version of the plugin API that QEMU is told, after `QEMU emulator version 7.2.22 …`: QEMU 9
/// refuses plugins for version 1, and QEMU 8 those for a later one.
fn plugin_api(version: &str) -> &'static str {
    let number = version.split_whitespace().find_map(|word| word.split_once('.'));
    let major = number.and_then(|(major, _)| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= 9) { "2" } else { "1" }
}

#[cfg(test)]
mod tests {
    use super::plugin_api;

    #[test]
    fn the_api_goes_by_the_version_of_qemu() {
        assert_eq!(plugin_api("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\n"), "1");
        assert_eq!(plugin_api("QEMU emulator version 10.0.2\n"), "2");
        assert_eq!(plugin_api(""), "1");
    }
}
