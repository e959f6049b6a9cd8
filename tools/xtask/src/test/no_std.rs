//! What runs on boards has no `std` and no heap, nor do its dependencies.
//!
//! This looks at sources and features, so it needs no toolchain for a board; the step `firmware`
//! shows the same by building.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

/// The crates that run on boards.
pub(super) const CRATES: [&str; 6] =
    ["ae-core", "ae-infer", "ae-protocol", "ae-signature", "ae-store", "ae-update"];

/// Where a crate's sources begin: at the top of the repository, or in `crates`.
pub(super) fn source(name: &str) -> PathBuf {
    let [top, crates] = ["", "crates"].map(|place| workspace::root().join(place).join(name));
    [top, crates].into_iter().find(|folder| folder.is_dir()).unwrap_or_default().join("src/lib.rs")
}

/// Features by which crates ask for an operating system or a heap.
const FORBIDDEN: [&str; 3] = ["alloc", "std", "use-std"];

pub(super) fn run() -> Result<String> {
    for name in CRATES {
        let path = source(name);
        let source =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if !declares_no_std(&source) {
            bail!("{} has no line `#![no_std]`", path.display());
        }
    }
    let mut tree = command::cargo("tree --edges normal,no-proc-macro --prefix none --no-dedupe");
    // Only these packages, so that no other one's features count.
    tree.args(CRATES.map(|name| format!("--package={name}")));
    let tree = command::read(tree.args(["--format", "{p}|{f}"]))?;
    let offenders = offenders(&tree);
    if !offenders.is_empty() {
        bail!("features that need an operating system or a heap: {}", offenders.join(", "));
    }
    check_kinds()?;
    let mut packages: Vec<&str> = tree.lines().filter(|line| !line.is_empty()).collect();
    packages.sort_unstable();
    packages.dedup();
    Ok(format!("{} packages", packages.len()))
}

/// Features of `ae-infer`, each a kind of layers that a board may do without.
const KINDS: [&str; 4] = ["convolution", "depthwise", "pooling", "upsampling"];

/// Without any kind beside the dense one, and with each alone, the engine compiles without a warning.
fn check_kinds() -> Result<()> {
    for kind in [""].into_iter().chain(KINDS) {
        let mut check = command::cargo("check --quiet --package ae-infer --no-default-features");
        command::run(check.args(["--features", kind]))
            .with_context(|| format!("ae-infer with the features \"{kind}\" alone"))?;
    }
    Ok(())
}

/// Whether the attribute stands there by itself, under no condition.
fn declares_no_std(source: &str) -> bool {
    source.lines().any(|line| line.trim_end() == "#![no_std]")
}

/// `package/feature` for each forbidden feature in lines of `package version|feature,feature`.
fn offenders(tree: &str) -> Vec<String> {
    let mut found: Vec<String> = tree
        .lines()
        .filter_map(|line| line.rsplit_once('|'))
        .flat_map(|(package, features)| {
            let name = package.split(' ').next().unwrap_or(package);
            let features = features.split(',').filter(|feature| FORBIDDEN.contains(feature));
            features.map(move |feature| format!("{name}/{feature}"))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::{declares_no_std, offenders};

    #[test]
    fn the_attribute_must_be_unconditional() {
        assert!(declares_no_std("//! Doc.\n#![no_std]\nmod a;\n"));
        assert!(!declares_no_std("//! #![no_std]\n"));
        assert!(!declares_no_std("#![cfg_attr(not(test), no_std)]\n"));
    }

    #[test]
    fn forbidden_features_are_named_once() {
        let good = "ae-infer v0.1.0 (/a|b)|\nserde v1.0.0|derive,serde_derive\nlibm v0.2.0|arch\n";
        assert_eq!(offenders(good), Vec::<String>::new());
        let bad = "a v0.1.0|default,std\n\nb v1.0.0|alloc,use-std\na v0.1.0|default,std\n";
        assert_eq!(offenders(bad), ["a/std", "b/alloc", "b/use-std"]);
    }
}
