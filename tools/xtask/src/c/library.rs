//! The static libraries, one for each target and kernel.

use std::fs;
use std::path::PathBuf;

use ae_boards::Board;
use anyhow::{Context, Result, bail};
use object::{Object, ObjectSection, SectionKind};

use crate::{command, firmware, footprint, workspace};

/// Their package in the firmware's workspace.
const PACKAGE: &str = "ae-c-library";
/// The file that a program links.
const FILE: &str = "libautoencoder.a";
/// What the library holds: what the boards' own firmware does, so that one build of the engine serves
/// both.
const FEATURES: [&str; 4] = ["double-rounding", "f32", "maps", "signal-features"];
/// Targets of hosts.
const HOSTS: [&str; 2] = ["aarch64-unknown-linux-musl", "x86_64-unknown-linux-gnu"];
/// The name of the library for this machine, where it is one of the above.
pub(crate) const NATIVE: &str = "x86_64-unknown-linux-gnu";

/// A library.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    /// Its folder's name: the target's, and the kernel's where there are two.
    pub(crate) name: String,
    /// Target and kernel.
    pub(crate) board: Board,
}

/// All there are.
pub(crate) fn all() -> Vec<Library> {
    let cores = footprint::cores();
    let boards = cores.iter().map(|core| {
        // The kernel that the target's name does not tell.
        let is_vector = core.kernel == "mve";
        let name = if is_vector { format!("{}-mve", core.target) } else { core.target.clone() };
        Library { name, board: plain(core, &core.target, &core.kernel) }
    });
    let hosts = HOSTS.iter().filter_map(|target| {
        let board = plain(cores.first()?, target, "host");
        Some(Library { name: (*target).to_owned(), board })
    });
    boards.chain(hosts).collect()
}

/// A board without what is particular to it, for another target and kernel.
fn plain(core: &Board, target: &str, kernel: &str) -> Board {
    let features = FEATURES.map(str::to_owned).to_vec();
    let (target, kernel) = (target.to_owned(), kernel.to_owned());
    Board { features, target, kernel, workspace: None, ..core.clone() }
}

/// The libraries of these names, or all.
///
/// # Errors
/// A name is not that of a library.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<Library>> {
    if names.is_empty() {
        return Ok(all());
    }
    names.iter().map(|name| find(name)).collect()
}

/// The library of this name.
///
/// # Errors
/// There is none.
pub(crate) fn find(name: &str) -> Result<Library> {
    let known = all();
    let names: Vec<&str> = known.iter().map(|library| &*library.name).collect();
    let names = names.join(", ");
    known
        .into_iter()
        .find(|library| library.name == name)
        .with_context(|| format!("there is no library {name}; there are {names}"))
}

/// Where they lie.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(crate) fn folder() -> Result<PathBuf> {
    Ok(workspace::target_folder()?.join("c"))
}

impl Library {
    /// Builds it and gives its file.
    ///
    /// # Errors
    /// It does not build.
    pub(crate) fn build(&self, signature: bool) -> Result<PathBuf> {
        let mut board = self.board.clone();
        board.features.extend(signature.then(|| "signature".to_owned()));
        let folder = folder()?.join(&self.name);
        fs::create_dir_all(&folder)?;
        // Kernels of one target take each other's place where cargo builds.
        let _lock = firmware::lock()?;
        let mut cargo = firmware::cargo_for(&board, "build")?;
        command::run(cargo.args(["--quiet", "--package", PACKAGE]))?;
        let built = firmware::build_folder()?.join(&board.target).join("release").join(FILE);
        let file = folder.join(FILE);
        fs::copy(&built, &file).with_context(|| format!("cannot copy {}", built.display()))?;
        Ok(file)
    }
}

/// Bytes of code and constants of our own object in a library; the rest is what compilers need.
///
/// # Errors
/// It is not a library.
pub(crate) fn code_bytes(archive: &[u8]) -> Result<u64> {
    for member in members(archive).context("the file is no static library")? {
        // The table of symbols and that of names are no objects.
        let Ok(object) = object::File::parse(member) else { continue };
        if object.symbol_by_name("ae_error_text").is_some() {
            let linked = |kind| matches!(kind, SectionKind::Text | SectionKind::ReadOnlyData);
            let sections = object.sections().filter(|section| linked(section.kind()));
            return Ok(sections.map(|section| section.size()).sum());
        }
    }
    bail!("the library has no function of ours")
}

/// The members of an archive as `ar` makes it: each behind a header of 60 bytes, which has the length in
/// ten digits, and on an even place.
fn members(archive: &[u8]) -> Option<Vec<&[u8]>> {
    const HEADER: usize = 60;
    let mut rest = archive.strip_prefix(b"!<arch>\n")?;
    let mut members = Vec::new();
    while let Some((header, behind)) = rest.split_at_checked(HEADER) {
        let len: usize = std::str::from_utf8(header.get(48..58)?).ok()?.trim_end().parse().ok()?;
        members.push(behind.get(..len)?);
        rest = behind.get(len + len % 2..).unwrap_or_default();
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::{all, chosen, code_bytes, members};

    #[test]
    fn there_is_a_library_for_every_core_and_no_name_comes_twice() {
        let mut names: Vec<String> = all().into_iter().map(|library| library.name).collect();
        for name in [
            "thumbv6m-none-eabi",
            "thumbv7m-none-eabi",
            "thumbv7em-none-eabihf",
            "thumbv8m.main-none-eabihf",
            "thumbv8m.main-none-eabihf-mve",
            "riscv32imc-unknown-none-elf",
            "riscv32imac-unknown-none-elf",
            "x86_64-unknown-linux-gnu",
            "aarch64-unknown-linux-musl",
        ] {
            assert!(names.iter().any(|it| it == name), "{name}");
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(chosen(&[]).unwrap().len(), count);
        assert!(chosen(&["m4".to_owned()]).is_err());
    }
    #[test]
    fn members_are_found_by_their_lengths() {
        let member = |len: &str, data: &str| format!("{:48}{len:10}`\n{data}", "name/");
        let archive = format!("!<arch>\n{}\n{}", member("3", "abc"), member("2", "de"));
        assert_eq!(members(archive.as_bytes()), Some(vec![&b"abc"[..], b"de"]));
        assert_eq!(members(&archive.as_bytes()[..archive.len() - 1]), None);
        assert_eq!(members(b"no archive"), None);
        assert!(code_bytes(archive.as_bytes()).is_err());
    }
}
