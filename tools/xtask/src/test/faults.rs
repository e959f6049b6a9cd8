//! What becomes of a panic, a fault, a stack that overflows and a program that hangs: the program
//! `planted` ends by each of them.
//!
//! A board that no debugger watches starts anew and says why. In an emulator that answers a program's
//! calls, the program ends with failure.

use std::fs;
use std::path::PathBuf;

use ae_boards::{Board, Talk};
use anyhow::{Context, Result, ensure};

use crate::{command, firmware};

/// The program, and the feature that it is built with.
const PROGRAM: &str = "planted";
/// The firmware of a real board, whose machine does not answer semihosting here.
const ALONE: &str = "netduinoplus2";
/// Its watchdog is emulated.
const WATCHED: &str = "mps2-an386";
/// One for each way in which the stack is guarded: by its place, on cores of the three architectures,
/// and by the limit of Armv8-M.
const GUARDED: [&str; 4] = ["mps2-an385", WATCHED, "mps2-an500", "mps2-an505"];

pub(super) fn run() -> Result<String> {
    restarts().with_context(|| ALONE.to_owned())?;
    for name in GUARDED {
        overflows(name).with_context(|| name.to_owned())?;
    }
    Ok(format!(
        "{ALONE} starts anew after a panic, a fault and a stack overflow, and {WATCHED} after a hang; \
         each says why. A stack that overflows ends the program on {}",
        GUARDED.join(", ")
    ))
}

/// After each end the next start says why, and only once.
fn restarts() -> Result<()> {
    let elf = build(Board::find(ALONE)?)?;
    let mut board = Talk::alone(Board::find(ALONE)?, &elf)?;
    let ends =
        [("p", "panic at "), ("f", "fault at 08"), ("o", "stack overflow, "), ("p", "panic at ")];
    ready(&mut board)?;
    for (number, (order, cause)) in ends.into_iter().enumerate() {
        board.send(order)?;
        let said = board.line()?;
        ensure!(said.starts_with(&format!("started again after a {cause}")), "it says {said:?}");
        let count = format!("the end number {} since power came", number + 1);
        ensure!(said.ends_with(&count), "it says {said:?}, expected {count:?}");
        ready(&mut board)?;
    }
    Ok(())
}

fn ready(board: &mut Talk) -> Result<()> {
    let said = board.line()?;
    ensure!(said == "ready", "it says {said:?}, expected \"ready\"");
    Ok(())
}

/// A stack that grows too deep is found out, and ends the program. So does a hang, where the emulator
/// has a watchdog.
fn overflows(name: &str) -> Result<()> {
    let board = Board::find(name)?;
    let elf = build(board)?;
    let mut talk = Talk::new(board, &elf)?;
    ready(&mut talk)?;
    if name == WATCHED {
        talk.send("h")?;
        let said = talk.line()?;
        let expected =
            "started again after a hang that the watchdog ended, the end number 1 since power came";
        ensure!(said == expected, "it says {said:?}, expected {expected:?}");
        ready(&mut talk)?;
    }
    talk.send("o")?;
    let (said, status) = talk.end()?;
    ensure!(said.contains("the stack overflowed"), "it says {said:?}");
    ensure!(!status.success(), "an overflow of the stack ends with {status}");
    Ok(())
}

/// The program, in a file of its own: boards with one target would overwrite each other's.
fn build(board: &Board) -> Result<PathBuf> {
    let features = [&board.features[..], &[PROGRAM.to_owned()]].concat();
    let with_program = Board { features, ..board.clone() };
    let _lock = firmware::lock()?;
    let mut build = firmware::cargo_for(&with_program, "build")?;
    command::run(build.args(["--quiet", "--package", &board.package, "--bin", PROGRAM]))?;
    let built = firmware::build_folder()?.join(&board.target).join("release").join(PROGRAM);
    let place = firmware::build_folder()?.join(PROGRAM).join(&board.name).with_extension("elf");
    fs::create_dir_all(place.parent().context("a file in a folder")?)?;
    fs::copy(&built, &place)?;
    Ok(place)
}
