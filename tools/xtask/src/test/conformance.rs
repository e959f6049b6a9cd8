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
/// The feature that has it leave nothing out.
const WHOLE: &str = "conformance-whole";
/// Too small for its layers; its kernel is that of another board.
const TOO_SMALL: &str = "microbit";

/// A core, and what chooses its kernel.
struct Case {
    name: String,
    board: Board,
    emulator: Emulator,
    /// Of rustc, as cargo's `--config` takes them.
    rustflags: String,
}

pub(super) fn run(all: bool) -> Result<String> {
    let (mut faults, mut said) = (Vec::new(), Vec::new());
    let boards: Vec<Case> = boards().collect();
    let count = boards.len();
    let flags = flags::RUN.iter().map(with_flags).collect::<Result<Vec<Case>>>()?;
    let cases: Vec<Case> = boards.into_iter().chain(flags).collect();
    let results = abreast(&cases, |case| compare(case, all));
    for (Case { name, .. }, result) in cases.iter().zip(results) {
        match result {
            Ok(line) => {
                println!("{name}: {line}");
                said.push(line);
            }
            Err(error) => faults.push(format!("{name}: {error:#}")),
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    said.dedup();
    let part = if all { "" } else { "; a quarter of the int8 layers: --all takes all" };
    Ok(format!("{count} boards, {}{part}", said.join("; ")))
}

fn boards() -> impl Iterator<Item = Case> {
    let boards = Board::all().iter();
    let boards = boards.filter(|board| board.package == PACKAGE && board.name != TOO_SMALL);
    boards.filter_map(|board| {
        Some(Case {
            name: format!("{} ({})", board.name, board.kernel),
            board: board.clone(),
            emulator: board.emulator.clone()?,
            rustflags: firmware::rustflags(&board.target, &board.kernel),
        })
    })
}

/// A machine whose kernel these flags choose.
fn with_flags(flags: &Flags) -> Result<Case> {
    let board = Board::find(flags.like)?;
    let emulator = board.emulator.clone().context("an emulated board")?;
    let words: Vec<String> = flags.flags.split(' ').map(|flag| format!("'{flag}'")).collect();
    Ok(Case {
        name: format!("{} ({})", flags.machine, flags.flags),
        board: Board { target: flags.target.to_owned(), ..board.clone() },
        emulator: Emulator { machine: flags.machine.to_owned(), ..emulator },
        rustflags: format!("target.{}.rustflags=[{}]", flags.target, words.join(", ")),
    })
}

/// What the core says that has compared the layers.
fn compare(Case { board, emulator, rustflags, .. }: &Case, all: bool) -> Result<String> {
    let whole = all.then(|| WHOLE.to_owned());
    let features = board.features.iter().cloned().chain(whole).collect();
    let board = &Board { features, ..board.clone() };
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
