//! Compilers for programs in C, and what finds packages for them.

use anyhow::{Result, bail};

use super::{apt, is_installed};

/// Those of this machine, and those for boards.
pub(super) const COMPILERS: [&str; 4] =
    ["gcc", "clang", "arm-none-eabi-gcc", "riscv64-unknown-elf-gcc"];

/// What finds packages.
pub(super) const FINDERS: [&str; 2] = ["cmake", "pkg-config"];

fn missing() -> Vec<&'static str> {
    COMPILERS.into_iter().filter(|name| !is_installed(name)).collect()
}

/// Installs what is missing as far as it can be had.
pub(super) fn install_missing() {
    if !missing().is_empty() && !apt::install_c() {
        println!("not installed: {}; the step c fails without them", missing().join(", "));
    }
    if !has_finders() && !apt::install_finders() {
        println!("not installed: {}; the step c tries less of packages", FINDERS.join(", "));
    }
}

/// Whether packages for CMake and pkg-config can be tried.
pub(super) fn has_finders() -> bool {
    FINDERS.into_iter().all(is_installed)
}

/// # Errors
/// A compiler is not there.
pub(super) fn check() -> Result<()> {
    let missing = missing();
    if !missing.is_empty() {
        bail!(
            "not installed: {}; Debian's packages clang, gcc-arm-none-eabi and \
             gcc-riscv64-unknown-elf have them",
            missing.join(", ")
        );
    }
    Ok(())
}
