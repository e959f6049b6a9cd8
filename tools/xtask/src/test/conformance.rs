//! Every kernel equals the portable one, on every emulated core.

use std::fs;

use ae_boards::{Board, Emulator};
use anyhow::{Context, Result, bail};

use crate::abreast::abreast;
use crate::{command, firmware};

/// The program, and the feature that it is built with.
const PROGRAM: &str = "conformance";
/// The package that has it.
const PACKAGE: &str = "ae-emulated";
/// Too small for its layers; its kernel is that of another board.
const TOO_SMALL: &str = "microbit";

pub(super) fn run() -> Result<String> {
    let (mut faults, mut said) = (Vec::new(), Vec::new());
    let boards: Vec<_> = boards().collect();
    let results = abreast(&boards, |(board, emulator)| compare(board, emulator));
    for ((board, _), result) in boards.iter().zip(results) {
        match result {
            Ok(line) => {
                println!("{} ({}): {line}", board.name, board.kernel);
                said.push(line);
            }
            Err(error) => faults.push(format!("{}: {error:#}", board.name)),
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    said.dedup();
    Ok(format!("{} boards, {}", boards.len(), said.join("; ")))
}

fn boards() -> impl Iterator<Item = (&'static Board, &'static Emulator)> {
    let boards = Board::all().iter();
    let boards = boards.filter(|board| board.package == PACKAGE && board.name != TOO_SMALL);
    boards.filter_map(|board| Some((board, board.emulator.as_ref()?)))
}

/// What the board says that has compared all layers.
fn compare(board: &Board, emulator: &Emulator) -> Result<String> {
    let features = [&board.features[..], &[PROGRAM.to_owned()]].concat();
    let with_program = Board { features, ..board.clone() };
    let elf = tempfile::Builder::new().suffix(".elf").tempfile()?;
    {
        // Boards with one target share the folder, and the program's name.
        let _lock = firmware::lock()?;
        let mut build = firmware::cargo_for(&with_program, "build")?;
        if board.target.starts_with("thumb") {
            // The program lets words off their boundary trap.
            let flags =
                format!("target.{}.rustflags=['-Ctarget-feature=+strict-align']", board.target);
            build.arg("--config").arg(flags);
        }
        command::run(build.args(["--quiet", "--package", PACKAGE, "--bin", PROGRAM]))?;
        let built = firmware::build_folder()?.join(&board.target).join("release").join(PROGRAM);
        fs::copy(&built, elf.path()).with_context(|| format!("cannot copy {}", built.display()))?;
    }
    let mut emulated = emulator.command(elf.path(), false);
    let output = emulated.output().with_context(|| {
        format!("cannot start {}; `cargo xtask setup` installs it", emulator.program)
    })?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match said.strip_prefix("ok: ") {
        Some(passed) if output.status.success() => Ok(passed.to_owned()),
        _ => bail!("{} ({})", said, output.status),
    }
}
