//! The inference path linked by itself: how large it is, and what it must not contain.

use std::process::Command;

use ae_boards::Board;
use anyhow::{Context, Result, bail};
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};

use crate::{command, firmware};

/// What is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Encoder, decoder and score of a model that was loaded elsewhere.
    Forward,
    /// The same, the loader with all its checks, and the self-test.
    Loader,
    /// All of that for f32 models.
    Float,
}

impl Probe {
    fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Loader => "loader",
            Self::Float => "float",
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// Code and constants.
    pub(crate) code_bytes: u64,
    /// Symbols of panics and of a heap.
    pub(crate) forbidden: Vec<String>,
}

/// Parts of names that a panic or a heap brings in.
const FORBIDDEN: [&str; 9] = [
    "panic",
    "unwrap_failed",
    "expect_failed",
    "slice_index_fail",
    "bounds_check",
    "__rust_alloc",
    "__rust_dealloc",
    "5alloc",
    "rust_begin_unwind",
];

/// A board for every target and kernel.
pub(crate) fn cores() -> Vec<&'static Board> {
    let mut cores: Vec<&Board> = Board::all().iter().collect();
    let key = |board: &&'static Board| (&*board.target, &*board.kernel);
    cores.sort_by_key(key);
    cores.dedup_by_key(|board| key(board));
    cores
}

/// Links the probe for a core and looks at it.
///
/// # Errors
/// It does not build.
pub(crate) fn build(core: &Board, probe: Probe) -> Result<Footprint> {
    let elf = read_program(core, probe.name())?;
    look_at(&elf).with_context(|| format!("the program {}", probe.name()))
}

/// The function that a probe is linked from.
const ENTRY: &str = "inference";

/// The package with the probes.
pub(crate) const PACKAGE: &str = "ae-footprint";

/// `cargo <verb>` in the firmware's workspace, for a core.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn cargo_for(core: &Board, verb: &str) -> Result<Command> {
    let plain = Board { features: Vec::new(), workspace: None, ..core.clone() };
    firmware::cargo_for(&plain, verb)
}

/// Links a program of the package for a core and reads it.
///
/// # Errors
/// It does not build.
pub(crate) fn read_program(core: &Board, program: &str) -> Result<Vec<u8>> {
    let mut cargo = cargo_for(core, "build")?;
    command::run(cargo.args(["--quiet", "--package", PACKAGE, "--bin", program]))?;
    let path = firmware::build_folder()?.join(&core.target).join("release").join(program);
    std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

fn look_at(elf: &[u8]) -> Result<Footprint> {
    let file = object::File::parse(elf)?;
    let linked = |kind| matches!(kind, SectionKind::Text | SectionKind::ReadOnlyData);
    let sections = file.sections().filter(|section| linked(section.kind()));
    let code_bytes = sections.map(|section| section.size()).sum();
    if code_bytes == 0 {
        bail!("nothing is linked");
    }
    let names = file.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_owned));
    let names: Vec<String> = names.collect();
    if !names.iter().any(|name| name == ENTRY) {
        bail!("there is no symbol {ENTRY}: it was stripped, and says nothing of panics");
    }
    let forbidden = names.into_iter().filter(|name| is_forbidden(name)).collect();
    Ok(Footprint { code_bytes, forbidden })
}

/// Whether a symbol belongs to a panic or to a heap.
pub(crate) fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::is_forbidden;

    #[test]
    fn symbols_of_panics_and_of_a_heap_are_known() {
        for name in [
            "_RNvNtCs_4core9panicking5panic",
            "_ZN4core9panicking18panic_bounds_check17h0E",
            "_RNvNtCs_4core6result13unwrap_failed",
            "__rust_alloc",
            "_RNvCs_5alloc5alloc",
        ] {
            assert!(is_forbidden(name), "{name}");
        }
        for name in ["_RNvCs_8ae_infer5score", "memcpy", "__aeabi_lmul"] {
            assert!(!is_forbidden(name), "{name}");
        }
    }
}
