//! Compilers for programs in C.

use anyhow::{Result, bail};

use super::{apt, is_installed};

/// Those of this machine, and those for boards.
pub(super) const COMPILERS: [&str; 4] =
    ["gcc", "clang", "arm-none-eabi-gcc", "riscv64-unknown-elf-gcc"];

fn missing() -> Vec<&'static str> {
    COMPILERS.into_iter().filter(|name| !is_installed(name)).collect()
}

/// Installs what is missing as far as it can be had.
pub(super) fn install_missing() {
    if !missing().is_empty() && !apt::install_c() {
        println!("not installed: {}; the step c fails without them", missing().join(", "));
    }
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
