//! The C++ compiler that builds the fuzzer, and Valgrind.

use anyhow::{Result, bail};

use super::{apt, is_installed};

/// Where the kernels' accesses to memory are watched.
pub(super) const NEEDS_VALGRIND: bool = cfg!(all(target_arch = "x86_64", target_os = "linux"));

/// Installs what is missing as far as it can be had.
pub(super) fn install_missing() {
    if !has_cxx() {
        apt::install_cxx();
    }
    if NEEDS_VALGRIND && !has_valgrind() {
        apt::install_valgrind();
    }
}

/// # Errors
/// It is not there.
pub(super) fn check() -> Result<()> {
    if !has_cxx() {
        bail!("there is no C++ compiler, which builds the fuzzer; install g++ or clang");
    }
    Ok(())
}

pub(super) fn has_cxx() -> bool {
    std::env::var_os("CXX").is_some() || is_installed("c++") || is_installed("g++")
}

/// Whether there is Valgrind.
pub(super) fn has_valgrind() -> bool {
    is_installed("valgrind")
}
