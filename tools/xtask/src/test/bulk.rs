//! The kernels that this host does not choose give the bits of one sample at a time.

use anyhow::Result;

use crate::setup::{AARCH64, has_aarch64};
use crate::{command, workspace};

pub(super) fn run() -> Result<String> {
    let tests = "test --release --package ae-infer --lib --test bulk --target-dir";
    let folder = workspace::target_folder()?.join("bulk");
    let forced = |kernel: &str| {
        let mut forced = command::cargo(tests);
        forced.arg(&folder).env("RUSTFLAGS", format!("--cfg ae_kernel=\"{kernel}\""));
        forced
    };
    let mut commands = vec![forced("portable")];
    // A processor may have more, and choose it by itself.
    if cfg!(target_arch = "x86_64") {
        commands.push(forced("avx2"));
    }
    let is_there = has_aarch64();
    if is_there {
        let mut neon = command::cargo(tests);
        neon.arg(&folder).args(["--target", AARCH64]);
        neon.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
        neon.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER", "qemu-aarch64");
        commands.push(neon);
    }
    command::run_all(commands)?;
    Ok(if is_there { String::new() } else { format!("NEON left out: no {AARCH64} or QEMU for it") })
}
