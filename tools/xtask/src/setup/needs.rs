//! What the tests need, and whether the machine has it.

use super::{AARCH64, c, emulators, fuzzer, has_cargo, is_installed, rustup};
use crate::fashion_mnist;

/// Something that the tests need.
pub(super) struct Need {
    /// As a person calls it.
    name: String,
    /// What it is for.
    purpose: &'static str,
    is_there: bool,
}

/// All that the tests need, each looked for now.
pub(super) fn all() -> Vec<Need> {
    let need = |name: &str, purpose, is_there| Need { name: name.to_owned(), purpose, is_there };
    let missing = rustup::missing_targets();
    let targets = match missing[..] {
        [] => "the boards' targets".to_owned(),
        _ => format!("the boards' targets, of which are missing: {}", missing.join(", ")),
    };
    let mut needs = vec![
        need("rustfmt", "checks the layout of code", has_cargo("fmt")),
        need("clippy", "checks code", has_cargo("clippy")),
        need(&targets, "build firmware", missing.is_empty() || super::has_board_toolchain()),
    ];
    let emulators = emulators().into_iter();
    needs.extend(emulators.map(|name| need(name, "emulates boards", is_installed(name))));
    needs.extend([
        need(AARCH64, "builds for AArch64", rustup::has_target(AARCH64)),
        need("qemu-aarch64", "runs the kernel for AArch64", is_installed("qemu-aarch64")),
        need("Fashion-MNIST", "images; else a sample", fashion_mnist::is_installed()),
        need("chromium", "renders the page of a report", is_installed("chromium")),
        need("a C++ compiler", "builds the fuzzer", fuzzer::has_cxx()),
    ]);
    let compilers = c::COMPILERS.into_iter();
    needs.extend(compilers.map(|name| need(name, "compiles programs in C", is_installed(name))));
    let finders = c::FINDERS.into_iter();
    needs.extend(finders.map(|name| need(name, "finds packages for C", is_installed(name))));
    if fuzzer::NEEDS_VALGRIND {
        needs.push(need("valgrind", "watches memory", fuzzer::has_valgrind()));
    }
    needs
}

/// A line for each: whether it is there, what it is, what it is for.
pub(super) fn table(needs: &[Need]) -> String {
    let line = |Need { name, purpose, is_there }: &Need| {
        format!("  {}  {name}: {purpose}", if *is_there { "there  " } else { "missing" })
    };
    needs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// How it stands, in a sentence.
pub(super) fn summary(before: &[Need], after: &[Need]) -> String {
    let missing = |needs: &[Need]| needs.iter().filter(|need| !need.is_there).count();
    let (of, were, are) = (after.len(), missing(before), missing(after));
    let were = match were - were.min(are) {
        0 => "nothing was installed".to_owned(),
        installed => format!("{installed} of them installed now"),
    };
    match are {
        0 => format!("all {of} things that the tests need are there, {were}"),
        _ => format!(
            "{} of {of} things that the tests need are there, {were}; steps of `cargo xtask test` \
             that need the {are} missing fail or do less",
            of - are
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_and_what_is_missing_is_told() {
        let needs = |there: [bool; 2]| {
            let need = |(name, is_there): (&str, bool)| Need {
                name: name.to_owned(),
                purpose: "is for this",
                is_there,
            };
            ["one", "two"].into_iter().zip(there).map(need).collect::<Vec<_>>()
        };
        let (none, half, all) = (needs([false; 2]), needs([true, false]), needs([true; 2]));
        assert_eq!(table(&half), "  there    one: is for this\n  missing  two: is for this");
        let nothing = "all 2 things that the tests need are there, nothing was installed";
        assert_eq!(summary(&all, &all), nothing);
        assert!(summary(&half, &all).ends_with("are there, 1 of them installed now"));
        let text = summary(&none, &half);
        assert!(text.starts_with("1 of 2") && text.contains("the 1 missing"), "{text}");
    }
}
