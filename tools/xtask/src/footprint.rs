//! The inference path linked by itself: how large it is, and what it must not contain.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

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
    /// As `Loader`, and a detector that is given i16 counts.
    Detector,
    /// The same for f32 values.
    DetectorValues,
    /// As `Detector`, with a threshold that is found in place and a look for a drift.
    Companions,
    /// As `Loader`, and the check of a signature before it.
    Signed,
    /// As `Loader`, in one of two slots, with a state that survives and the taking of a new model.
    Store,
    /// As `Store`, and the answers to a host that brings the new model.
    Update,
}

impl Probe {
    fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Loader => "loader",
            Self::Float => "float",
            Self::Detector => "detector",
            Self::DetectorValues => "detector-values",
            Self::Companions => "companions",
            Self::Signed => "signed",
            Self::Store => "store",
            Self::Update => "update",
        }
    }
}

/// The kinds of layers that programs hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kinds {
    Dense,
    /// Dense layers and convolutions.
    Convolutions,
    All,
}

impl Kinds {
    /// The feature of the package, and the end of the folder's name where it is linked.
    fn feature(self) -> Option<&'static str> {
        match self {
            Self::Dense => None,
            Self::Convolutions => Some("convolutions"),
            Self::All => Some("maps"),
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
    /// Symbols of float arithmetic in software.
    pub(crate) float: Vec<String>,
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
    build_with(core, Kinds::Dense, probe)
}

/// The same with other kinds of layers.
///
/// # Errors
/// As [`build`].
pub(crate) fn build_with(core: &Board, kinds: Kinds, probe: Probe) -> Result<Footprint> {
    let elf = read_program_with(core, kinds, probe.name())?;
    look_at(&elf).with_context(|| format!("the program {}", probe.name()))
}

/// The function that a probe is linked from.
const ENTRY: &str = "inference";

/// The package with the probes.
pub(crate) const PACKAGE: &str = "ae-footprint";

/// Its programs: those of [`Probe`], and the one with planted panics.
const PROGRAMS: [&str; 10] = [
    "forward",
    "loader",
    "float",
    "detector",
    "detector-values",
    "companions",
    "signed",
    "store",
    "update",
    "planted",
];

/// `cargo <verb>` in the firmware's workspace, for a core.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn cargo_for(core: &Board, verb: &str) -> Result<Command> {
    firmware::cargo_for(&plain(core, Kinds::Dense), verb)
}

/// The core without what is particular to a board, for programs with these kinds of layers.
fn plain(core: &Board, kinds: Kinds) -> Board {
    let features = kinds.feature().into_iter().map(str::to_owned).collect();
    Board { features, workspace: None, ..core.clone() }
}

/// Links a program of the package for a core and reads it. All programs are linked together, which
/// uses all cores of this machine, and once in a run of this program.
///
/// # Errors
/// One does not build.
pub(crate) fn read_program(core: &Board, program: &str) -> Result<Vec<u8>> {
    read_program_with(core, Kinds::Dense, program)
}

fn read_program_with(core: &Board, kinds: Kinds, program: &str) -> Result<Vec<u8>> {
    static LINKED: Mutex<BTreeMap<(String, String, Kinds), PathBuf>> = Mutex::new(BTreeMap::new());
    let mut linked = LINKED.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = match linked.entry((core.target.clone(), core.kernel.clone(), kinds)) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(link(core, kinds)?),
    };
    let path = folder.join(program);
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Links all programs for a core and gives their folder. Kernels of one target take each other's
/// place where cargo builds.
fn link(core: &Board, kinds: Kinds) -> Result<PathBuf> {
    let builds = firmware::build_folder()?;
    let names = [Some(&*core.target), Some(&*core.kernel), kinds.feature()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join("-");
    let folder = builds.join("footprint").join(name);
    fs::create_dir_all(&folder)?;
    let _lock = firmware::lock()?;
    let mut cargo = firmware::cargo_for(&plain(core, kinds), "build")?;
    command::run(cargo.args(["--quiet", "--package", PACKAGE, "--bins"]))?;
    for program in PROGRAMS {
        let built = builds.join(&core.target).join("release").join(program);
        fs::copy(&built, folder.join(program))
            .with_context(|| format!("cannot copy {}", built.display()))?;
    }
    Ok(folder)
}

/// What a program holds that was linked from the function `inference` on.
///
/// # Errors
/// It is no ELF file, or holds no such function.
pub(crate) fn look_at(elf: &[u8]) -> Result<Footprint> {
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
    let those = |of: fn(&str) -> bool| names.iter().filter(|name| of(name)).cloned().collect();
    Ok(Footprint { code_bytes, forbidden: those(is_forbidden), float: those(is_float) })
}

/// Whether a symbol belongs to a panic or to a heap.
pub(crate) fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.iter().any(|part| name.contains(part))
}

/// Whether a symbol belongs to float arithmetic in software, by the names that compilers give its
/// functions: `__addsf3`, `__gtdf2`, `__aeabi_fmul`, `__aeabi_i2f`.
fn is_float(name: &str) -> bool {
    const OF_COMPILER: [&str; 10] =
        ["sf2", "sf3", "df2", "df3", "sfsi", "sisf", "sfdi", "disf", "sidf", "dfsi"];
    let of_arm = name.strip_prefix("__aeabi_").is_some_and(|name| {
        let converts = name.ends_with("2f") || name.ends_with("2d");
        converts || name.starts_with(['f', 'd', 'c']) || name.starts_with("ui2")
    });
    let in_crate = name.contains("compiler_builtins5float");
    of_arm || in_crate || name.starts_with("__") && OF_COMPILER.iter().any(|it| name.contains(it))
}

#[cfg(test)]
mod tests {
    use super::{is_float, is_forbidden};

    #[test]
    fn symbols_of_float_arithmetic_are_known() {
        for name in [
            "__aeabi_fadd",
            "__aeabi_fcmpgt",
            "__aeabi_i2f",
            "__aeabi_ui2d",
            "__aeabi_f2iz",
            "__addsf3",
            "__gtdf2",
            "__fixunssfsi",
            "__floatsisf",
            "_RNvNtNtCs1_17compiler_builtins5float3add8___addsf3",
        ] {
            assert!(is_float(name), "{name}");
        }
        for name in ["__aeabi_lmul", "__aeabi_uidivmod", "__aeabi_memcpy", "__muldi3", "memcpy"] {
            assert!(!is_float(name), "{name}");
        }
    }

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
