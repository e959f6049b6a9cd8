//! Every kernel equals the portable one, on every emulated core. So does the one that the compiler's
//! flags choose, on cores that lack what the flags say they lack.

use std::process::ExitStatus;

use ae_boards::{Board, Emulator};
use anyhow::{Context, Result, bail};

use super::flags::{self, Flags};
use crate::abreast::abreast;
use crate::firmware;

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
    for flags in flags::RUN {
        match compare_with(flags) {
            Ok(line) => println!("{} ({}): {line}", flags.machine, flags.flags),
            Err(error) => faults.push(format!("{}, {}: {error:#}", flags.machine, flags.flags)),
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
    run_on(board, emulator, &firmware::rustflags(&board.target, &board.kernel))
}

/// The same on a machine whose kernel these flags choose.
fn compare_with(flags: &Flags) -> Result<String> {
    let board = Board::find(flags.like)?;
    let board = Board { target: flags.target.to_owned(), ..board.clone() };
    let emulator = board.emulator.as_ref().context("an emulated board")?;
    let emulator = Emulator { machine: flags.machine.to_owned(), ..emulator.clone() };
    let words: Vec<String> = flags.flags.split(' ').map(|flag| format!("'{flag}'")).collect();
    let config = format!("target.{}.rustflags=[{}]", flags.target, words.join(", "));
    run_on(&board, &emulator, &config)
}

fn run_on(board: &Board, emulator: &Emulator, rustflags: &str) -> Result<String> {
    // The program lets words off their boundary trap.
    let aligned = format!("target.{}.rustflags=['-Ctarget-feature=+strict-align']", board.target);
    let configs = if board.target.starts_with("thumb") { &[&*aligned][..] } else { &[] };
    let elf = firmware::build_by_feature(board, PROGRAM, rustflags, configs)?;
    let mut emulated = emulator.command(elf.path(), false);
    let output = emulated.output().with_context(|| {
        format!("cannot start {}; `cargo xtask setup` installs it", emulator.program)
    })?;
    passed(&String::from_utf8_lossy(&output.stdout), output.status)
}

/// What a program says behind `ok: `, which ended with success.
///
/// # Errors
/// It says something else, or fails.
pub(super) fn passed(said: &str, status: ExitStatus) -> Result<String> {
    match said.trim().strip_prefix("ok: ") {
        Some(passed) if status.success() => Ok(passed.to_owned()),
        _ => bail!("{} ({status})", said.trim()),
    }
}
