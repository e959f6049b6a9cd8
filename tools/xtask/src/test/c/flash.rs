//! A detector in C takes hardly more flash than the same program in Rust.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::c::compile::{self, MACHINES};
use crate::c::library::{self, Library};
use crate::{command, firmware, footprint};

/// The board whose core it is measured for.
const BOARD: &str = "mps2-an386";
/// The program in Rust, of the package with programs that are measured.
const PROGRAM: &str = "detector";
/// What a program in C may take more than that in Rust, in percent.
const LIMIT_PERCENT: u64 = 5;

/// Links both and compares.
///
/// # Errors
/// One cannot be linked, or that in C takes too much.
pub(super) fn run(folder: &Path) -> Result<String> {
    let machine = MACHINES.iter().find(|it| it.board == BOARD).context("the board")?;
    let library = library::find(machine.library)?;
    let rust = of_rust(&library)?;
    let elf = folder.join("footprint.elf");
    let mut gcc = machine.compiler();
    gcc.arg(compile::tests().join("bare/footprint.c"));
    gcc.args(["-nostdlib", "-nostartfiles", "-Wl,--gc-sections", "-Wl,--entry=inference"]);
    gcc.arg("-Wl,-z,noexecstack")
        .arg(compile::built(machine.library)?)
        .arg("-lgcc")
        .arg("-o")
        .arg(&elf);
    command::run(&mut gcc)?;
    let c = footprint::look_at(&fs::read(&elf)?)?;
    if let Some(name) = c.forbidden.first() {
        bail!("the program in C links {name}");
    }
    check(c.code_bytes, rust)
}

/// What the program in Rust takes that holds the same kinds of layers and features as the library.
fn of_rust(library: &Library) -> Result<u64> {
    let _lock = firmware::lock()?;
    let mut cargo = firmware::cargo_for(&library.board, "build")?;
    command::run(cargo.args(["--quiet", "--package", footprint::PACKAGE, "--bin", PROGRAM]))?;
    let target = &library.board.target;
    let elf = firmware::build_folder()?.join(target).join("release").join(PROGRAM);
    let elf = fs::read(&elf).with_context(|| format!("cannot read {}", elf.display()))?;
    Ok(footprint::look_at(&elf)?.code_bytes)
}

fn check(c: u64, rust: u64) -> Result<String> {
    let more = c.saturating_sub(rust);
    let told = format!(
        "a detector takes {c} bytes of flash in C and {rust} in Rust on {BOARD}, {}.{} % more",
        more * 100 / rust.max(1),
        more * 1000 / rust.max(1) % 10
    );
    if more * 100 > rust * LIMIT_PERCENT {
        bail!("{told}; at most {LIMIT_PERCENT} % are allowed");
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn more_than_the_limit_is_found() {
        assert!(check(10_500, 10_000).unwrap().contains("5.0 % more"));
        assert!(check(9_000, 10_000).unwrap().contains("0.0 % more"));
        assert!(check(10_501, 10_000).is_err());
    }
}
