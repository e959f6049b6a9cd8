//! Programs in C, as GNU's linker makes them, hold no panic, and no way leads to one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use object::{Object, ObjectSymbol};

use crate::c::compile::Machine;
use crate::footprint::is_forbidden;
use crate::panic_paths;

/// The functions that must be there, or nothing is said of what they reach.
const ENTRIES: [&str; 8] = [
    "ae_sizes_of",
    "ae_int8_load",
    "ae_f32_score",
    "ae_int8_detector_push_i16_with",
    "ae_f32_judge_decide_with",
    "ae_sampler_push_f32",
    "ae_companions_take",
    "ae_error_text",
];
/// A program with a panic that a function for C reaches.
const PLANTED: [&str; 3] = ["bare/planted.c", "bare/semihosting.c", "bare/start.c"];

/// Looks through a program of a machine. Gives how many functions those for C reach.
///
/// # Errors
/// It holds a panic or a heap; a way leads to one; or one that is planted is not found.
pub(super) fn check(machine: &Machine, program: &Path) -> Result<usize> {
    let planted = program.with_extension("planted.elf");
    machine.link(&PLANTED, &[], &planted)?;
    for (what, found) in [
        ("a symbol", holds_none(&planted)),
        ("a way", reaches_none(&planted, &["ae_planted"]).map(drop)),
    ] {
        let Err(error) = found else { bail!("{what} of a planted panic is not found") };
        if !format!("{error:#}").contains("planted_panic") {
            bail!("{what} of a planted panic is another error: {error:#}");
        }
    }
    holds_none(program)?;
    reaches_none(program, &ENTRIES)
}

fn holds_none(program: &Path) -> Result<()> {
    let elf = fs::read(program)?;
    let file = object::File::parse(&*elf)?;
    let mut names = file.symbols().filter_map(|symbol| symbol.name().ok());
    match names.find(|name| is_forbidden(name)) {
        Some(name) => bail!("it links {name}"),
        None => Ok(()),
    }
}

fn reaches_none(program: &Path, entries: &[&str]) -> Result<usize> {
    let elf = fs::read(program)?;
    let map = program.with_extension("map");
    let map = fs::read_to_string(&map).with_context(|| format!("{}", map.display()))?;
    let is_ours = |name: &str| name.starts_with("ae_");
    Ok(panic_paths::check_from(&elf, &[map], entries, is_ours)?.functions)
}
