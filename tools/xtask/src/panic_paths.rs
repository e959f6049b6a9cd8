//! Ways from the entry points of inference to a panic, in a program that was linked.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::call_graph::{self, Node};
use crate::firmware;
use crate::footprint::is_forbidden;

/// What was found in a program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Entry points and other functions of the crates that compute: where the search began.
    pub(crate) roots: usize,
    /// Functions that these reach, themselves included.
    pub(crate) functions: usize,
}

/// The module of the firmware that all programs call inference by.
const ENTRIES: &str = "11ae_firmware9inference";
/// The crates with everything behind it, as they stand in names.
const CRATES: [&str; 3] = ["ae_core", "ae_infer", "ae_store"];

/// Follows all that entry points reach in `elf`; `entries` are those that must be there.
///
/// # Errors
/// A panic, a heap or an instruction that ends the program is reached, which is told with the
/// functions on the way; or an entry point is missing, or the program cannot be read.
pub(crate) fn check(elf: &[u8], maps: &[String], entries: &[&str]) -> Result<Reach> {
    check_from(elf, maps, entries, is_root)
}

/// [`check`] for other roots, whose names `is_root` knows.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_from(
    elf: &[u8],
    maps: &[String],
    entries: &[&str],
    is_root: impl Fn(&str) -> bool,
) -> Result<Reach> {
    let graph = call_graph::read(elf, maps)?;
    let is_root = |node: &Node| node.is_code && node.names.iter().any(|name| is_root(name));
    for entry in entries {
        let has_entry =
            |node: &Node| is_root(node) && node.names.iter().any(|it| it.contains(entry));
        graph
            .nodes
            .iter()
            .find(|node| has_entry(node))
            .with_context(|| format!("it has no function {entry}"))?;
    }
    let reached = graph.reach(is_root, is_beyond);
    let ends = |node: &Node| node.traps || node.names.iter().any(|name| is_forbidden(name));
    let paths = reached.paths_to(ends);
    if !paths.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.join(" -> ")).collect();
        bail!("{} ways to a panic:\n{}", paths.len(), paths.join("\n"));
    }
    let told = reached.nodes().filter(|node| graph.follows_pointers(node));
    let told: Vec<&str> = told.map(Node::name).filter(|name| !jumps_within(name)).collect();
    if !told.is_empty() {
        bail!(
            "these call functions by pointers, perhaps such as they are given: {}",
            told.join(", ")
        );
    }
    let outside = reached.nodes().flat_map(|node| &node.outside);
    let outside: Vec<&str> = outside.map(|name| &**name).filter(|it| !ROM.contains(it)).collect();
    if !outside.is_empty() {
        bail!("these are not in the program: {}", outside.join(", "));
    }
    Ok(Reach {
        roots: graph.nodes.iter().filter(|node| is_root(node)).count(),
        functions: reached.nodes().filter(|node| node.is_code).count(),
    })
}

/// Functions that jump to a place which they compute, and which is in themselves.
const JUMPING: [&str; 1] = ["ae_infer4arch3arm10mve_blocks3run"];

/// What the ESP32-C3 has in its ROM and every other program has from the compiler: memory, floating
/// point in software, and a division of 64 bits.
const ROM: [&str; 17] = [
    "__addsf3",
    "__divsf3",
    "__eqsf2",
    "__fixsfsi",
    "__floatsisf",
    "__floatunsisf",
    "__gesf2",
    "__gtsf2",
    "__ltsf2",
    "__mulsf3",
    "__subsf3",
    "__udivdi3",
    "__unordsf2",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
];

/// What is not looked into: the arithmetic of a signature's curve. On some cores `ed25519-dalek` links a
/// bounds check with it, whose index is in range by construction; `SECURITY.md` says so.
const BEYOND: [&str; 2] =
    ["ae_signature3key9PublicKey10from_bytes", "ae_signature3key9PublicKey6verify"];

fn is_beyond(name: &str) -> bool {
    BEYOND.iter().any(|it| name.contains(it))
}

fn jumps_within(name: &str) -> bool {
    JUMPING.iter().any(|it| name.contains(it))
}

/// Whether a function is an entry point, or one of the crates behind them, by its name.
fn is_root(name: &str) -> bool {
    if name.contains(ENTRIES) {
        return true;
    }
    // `_ZN`, the length of the path's first part, and that part: a crate, or the type that a trait
    // is implemented for. What the firmware implements for them is not theirs, and what tells an
    // error in words calls whoever prints it.
    let Some(path) = name.strip_prefix("_ZN") else { return false };
    let first = path.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let first = first.trim_start_matches("_$LT$");
    let is_foreign = |it: &&str| first.contains(&format!("$u20$as$u20${it}.."));
    CRATES.iter().any(|name| first.starts_with(name))
        && !["ae_firmware", "core..fmt"].iter().any(is_foreign)
}

/// The maps that the linker made of a program in the builds for a target: a package has
/// one for each of its sets of features.
///
/// # Errors
/// They cannot be read.
pub(crate) fn maps(target: &str, package: &str, program: &str) -> Result<Vec<String>> {
    let folder = firmware::build_folder()?.join(target).join("release").join("build");
    let mut maps = Vec::new();
    let entries = fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let is_of_package = entry.file_name().to_string_lossy().starts_with(&format!("{package}-"));
        let map = entry.path().join("out").join(format!("{program}.map"));
        if is_of_package && map.exists() {
            maps.push(fs::read_to_string(&map).with_context(|| format!("{}", map.display()))?);
        }
    }
    Ok(maps)
}

#[cfg(test)]
mod tests {
    use super::is_root;

    #[test]
    fn functions_of_the_crates_and_entry_points_are_roots() {
        for name in [
            "_ZN11ae_firmware9inference4load17h0E",
            "_ZN7ae_core5model13Part$LT$A$GT$5parse17h0E",
            "_ZN8ae_infer4arch3arm3dsp3run17h0E",
            "_ZN83_$LT$ae_infer..self_test..Expected$LT$A$GT$$u20$as$u20$ae_infer..trace..Trace$GT$5layer17h0E",
        ] {
            assert!(is_root(name), "{name}");
        }
        for name in [
            "memcpy",
            "_ZN11ae_firmware5bench3run17h0E",
            "_ZN76_$LT$ae_infer..error..SelfTestError$u20$as$u20$ae_firmware..text..Reason$GT$3say17h0E",
            "_ZN63_$LT$ae_core..error..PartKind$u20$as$u20$core..fmt..Display$GT$3fmt17h0E",
            "_ZN4core9panicking5panic17h0E",
        ] {
            assert!(!is_root(name), "{name}");
        }
    }
}
