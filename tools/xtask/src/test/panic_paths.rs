//! From no entry point of inference does a way lead to a panic, in any program of any board.

use ae_boards::{Board, Firmware, PROGRAMS};
use anyhow::{Context, Result, bail};

use crate::firmware::WITH_FLASH;
use crate::panic_paths::{self, Reach};
use crate::{firmware, footprint};

/// The entry points that each of the [`PROGRAMS`] calls.
const ENTRIES: [&[&str]; 4] = [
    &["inference4load", "inference9self_test"],
    &["inference4load", "inference6encode", "inference6decode", "inference5score"],
    &["inference4load", "inference8detector", "inference9push_with"],
    &["inference4load", "inference6encode", "inference6decode", "inference11reconstruct"],
];

/// The same of [`WITH_FLASH`].
const ENTRIES_WITH_FLASH: [&[&str]; 2] = [
    &[
        "ae_store5store18Store$LT$S$C$_$GT$4boot",
        "ae_store5store18Store$LT$S$C$_$GT$7confirm",
        "ae_store5store18Store$LT$S$C$_$GT$9open_with",
        "$GT$5begin",
        "$GT$5write",
        "$GT$6finish",
    ],
    &["inference9push_with", "$GT$9open_with", "$GT$8remember"],
];

pub(super) fn run() -> Result<String> {
    let mut faults = Vec::new();
    let mut targets: Vec<&str> = Board::all().iter().map(|board| &*board.target).collect();
    targets.sort_unstable();
    targets.dedup();
    for core in footprint::cores() {
        if let Err(error) = check_planted(core) {
            faults.push(format!("{}, {}: {error:#}", core.target, core.kernel));
        }
    }
    let (mut programs, mut functions) = (0, Vec::new());
    for board in Board::all() {
        firmware::build(board)?;
        let with_flash = board.flash().map(|_| WITH_FLASH.iter().zip(ENTRIES_WITH_FLASH));
        let all = PROGRAMS.iter().zip(ENTRIES).chain(with_flash.into_iter().flatten());
        for (program, entries) in all {
            match check(board, program, entries) {
                Ok(Reach { roots, functions: reached }) => {
                    println!(
                        "{} {program}: {reached} functions from {roots} roots, 0 panics",
                        board.name
                    );
                    programs += 1;
                    functions.push(reached);
                }
                Err(error) => faults.push(format!("{} {program}: {error:#}", board.name)),
            }
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    let (fewest, most) = (functions.iter().min(), functions.iter().max());
    let (fewest, most) = fewest.zip(most).context("there are no boards")?;
    Ok(format!(
        "{programs} programs, {} targets: {fewest} to {most} functions reached, 0 panic paths; \
         {} planted ones found on {} cores",
        targets.len(),
        PLANTED.len() * footprint::cores().len(),
        footprint::cores().len()
    ))
}

/// The functions of the program `planted` that reach a panic, by a call, a jump, a table of functions
/// and that of a trait object.
const PLANTED: [&str; 4] = ["planted_call", "planted_tail", "planted_table", "planted_object"];
/// The function among them that reaches none.
const CLEAN: &str = "planted_none";
/// What they call.
const MAY_PANIC: &str = "may_panic";

/// Whether each planted panic is found, and no panic where none was planted.
fn check_planted(core: &Board) -> Result<()> {
    let elf = footprint::read_program(core, "planted")?;
    let maps = panic_paths::maps(&core.target, footprint::PACKAGE, "planted")?;
    let check = |root: &str| panic_paths::check_from(&elf, &maps, &[root], |it| it.contains(root));
    check(CLEAN).context("where nothing panics")?;
    for root in PLANTED {
        let Err(error) = check(root) else { bail!("no panic is found from {root}") };
        let error = format!("{error:#}");
        if !(error.contains("ways to a panic") && error.contains(MAY_PANIC)) {
            bail!("another error from {root}: {error}");
        }
    }
    Ok(())
}

fn check(board: &Board, program: &str, entries: &[&str]) -> Result<Reach> {
    let path = Firmware::path_in(&firmware::folder()?, board, program);
    let elf = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let maps = panic_paths::maps(&board.target, &board.package, program)?;
    panic_paths::check(&elf, &maps, entries)
}
