//! The kernels that this host does not choose give the bits of one sample at a time.

use std::process::Command;

use anyhow::Result;

use crate::setup::{self, AARCH64, has_aarch64};
use crate::{command, workspace};

pub(super) fn run() -> Result<String> {
    command::run_all(commands()?)?;
    Ok(if has_aarch64() {
        String::new()
    } else {
        format!("NEON left out: no {AARCH64} or QEMU for it")
    })
}

/// The calls of cargo that build what this step runs.
///
/// # Errors
/// As [`run`].
pub(super) fn only_build() -> Result<Vec<Command>> {
    let mut commands = commands()?;
    commands.iter_mut().for_each(|command| {
        command.arg("--no-run");
    });
    Ok(commands)
}

fn commands() -> Result<Vec<Command>> {
    let host = setup::host()?;
    let mut commands = vec![kernel_tests(&host, &forced("portable"))?];
    // A processor may have more, and choose it by itself.
    if cfg!(target_arch = "x86_64") {
        commands.push(kernel_tests(&host, &forced(AVX2))?);
    }
    if has_aarch64() {
        let mut neon = kernel_tests(AARCH64, "")?;
        neon.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
        neon.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER", "qemu-aarch64");
        commands.push(neon);
    }
    Ok(commands)
}

/// The best kernel that Valgrind knows, too.
pub(super) const AVX2: &str = "avx2";

/// The flag that chooses a kernel.
pub(super) fn forced(kernel: &str) -> String {
    format!("--cfg ae_kernel=\"{kernel}\"")
}

/// The tests of the crate that has unsafe code: its own, and all kernels against one sample at a
/// time.
///
/// The target is always named, so that the flags are not those of what builds: scripts and macros are
/// built once for all flags.
///
/// # Errors
/// `cargo metadata` cannot be run or read.
pub(super) fn kernel_tests(target: &str, rustflags: &str) -> Result<Command> {
    let mut tests = command::cargo("test --release --package ae-infer --lib --test bulk");
    let folder = workspace::target_folder()?.join("bulk");
    tests.args(["--target", target, "--target-dir"]).arg(folder).env("RUSTFLAGS", rustflags);
    Ok(tests)
}
