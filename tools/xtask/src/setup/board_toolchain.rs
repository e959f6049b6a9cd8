//! A compiler for the boards where rustup can get no targets.
//!
//! Debian's packages rustc-web and rust-web-src are a compiler and the source of its library. The
//! library's `core` is built once for every target and put beside the compiler's own libraries
//! into one folder, `target/board-toolchain`, which then is a toolchain like any other: cargo in
//! `firmware` finds it by the configuration file that it includes.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{apt, rustup};
use crate::{command, firmware, workspace};

/// Debian's compiler and its library's source.
const RUSTC: &str = "/usr/bin/rustc";
const SOURCE: &str = "/usr/lib/rustlib/src/rust/library/core";

/// The libraries that a program without an operating system may link.
const LIBRARIES: [&str; 3] = ["alloc", "compiler_builtins", "core"];

/// Makes the toolchain if rustup has left targets missing, and takes it out of the way if not.
///
/// # Errors
/// Debian's compiler is there, and the libraries cannot be built with it.
pub(super) fn ensure(missing: &[&str]) -> Result<()> {
    let folder = folder();
    let config = folder.join("config.toml");
    if missing.is_empty() {
        if config.exists() {
            fs::remove_file(&config)?;
        }
        return Ok(());
    }
    let has_rust = || Path::new(RUSTC).exists() && Path::new(SOURCE).exists();
    if !has_rust() && !apt::install_rust() {
        println!("not installed: {}; `rustup target add` installs them", missing.join(", "));
        return Ok(());
    }
    let version = command::read(command::program(RUSTC).arg("--version"))?;
    let version = version.split(' ').nth(1).context("rustc tells its version")?.to_owned();
    let toolchain = folder.join(&version);
    // It takes the place of the toolchain for all firmware.
    let targets = rustup::targets();
    if !is_complete(&toolchain, &targets) {
        build(&folder, &toolchain, &targets)?;
    }
    let rustc = toolchain.join("bin").join("rustc");
    let text = format!("[build]\nrustc = {:?}\n", rustc.to_str().context("a path in UTF-8")?);
    if fs::read_to_string(&config).ok().as_deref() != Some(&text) {
        fs::write(&config, text)?;
    }
    Ok(())
}

/// Whether the toolchain has been made.
pub(super) fn is_there() -> bool {
    let toolchains = fs::read_dir(folder()).into_iter().flatten().flatten();
    folder().join("config.toml").exists()
        && toolchains.map(|entry| entry.path()).any(|it| is_complete(&it, &rustup::targets()))
}

/// Whether a toolchain has the libraries of these targets.
fn is_complete(toolchain: &Path, targets: &[&str]) -> bool {
    targets.iter().all(|target| libraries(toolchain, target).join("complete").exists())
}

/// Where `firmware/.cargo/config.toml` looks for the toolchain.
fn folder() -> PathBuf {
    workspace::root().join("target").join("board-toolchain")
}

fn libraries(toolchain: &Path, target: &str) -> PathBuf {
    toolchain.join("lib/rustlib").join(target).join("lib")
}

fn build(folder: &Path, toolchain: &Path, targets: &[&str]) -> Result<()> {
    println!("building core for {}", targets.join(", "));
    let package = folder.join("package");
    fs::create_dir_all(&package)?;
    let manifest = "[package]\nname = \"bare\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                    [lib]\npath = \"lib.rs\"\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::write(package.join("lib.rs"), "#![no_std]\n")?;

    let built = folder.join("build");
    let mut cargo = command::cargo("build --release --quiet -Zbuild-std=core,alloc");
    cargo.current_dir(&package).arg("--target-dir").arg(&built);
    for target in targets {
        cargo.args(["--target", target]);
    }
    // The library is built with features that only its own compiler may use. Firmware is linked
    // with link-time optimisation, for which libraries need bitcode.
    cargo.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
    command::run(&mut cargo)?;

    host_part(toolchain)?;
    for target in targets {
        let place = libraries(toolchain, target);
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::create_dir_all(&place)?;
        for file in fs::read_dir(built.join(target).join("release/deps"))?.flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let of_library = |library: &str| {
                name.starts_with(&format!("lib{library}-")) && name.ends_with(".rlib")
            };
            if LIBRARIES.iter().any(|library| of_library(library)) {
                fs::copy(file.path(), place.join(&name))?;
            }
        }
        fs::write(place.join("complete"), "")?;
    }
    fs::remove_dir_all(&built)?;
    // Cargo does not see that these libraries are others than those it built firmware with.
    let firmware = firmware::build_folder()?;
    if firmware.exists() {
        fs::remove_dir_all(&firmware)?;
    }
    Ok(())
}

/// The compiler itself, the host's libraries for build scripts, and a linker.
fn host_part(toolchain: &Path) -> Result<()> {
    let host = command::read(command::program(RUSTC).args(["--print", "host-tuple"]))?;
    let host = toolchain.join("lib/rustlib").join(host.trim());
    fs::create_dir_all(host.join("bin"))?;
    fs::create_dir_all(toolchain.join("bin"))?;
    let libdir = command::read(command::program(RUSTC).args(["--print", "target-libdir"]))?;
    link(Path::new(libdir.trim()), &host.join("lib"))?;
    link(&lld()?, &host.join("bin/rust-lld"))?;

    let rustc = toolchain.join("bin/rustc");
    let script = format!("#!/bin/sh\nexec {RUSTC} --sysroot '{}' \"$@\"\n", toolchain.display());
    fs::write(&rustc, script)?;
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// The linker of the toolchain that runs this program, or the system's.
fn lld() -> Result<PathBuf> {
    let libdir =
        command::read(command::program(rustup::rustc()).args(["--print", "target-libdir"]))?;
    let own = Path::new(libdir.trim()).with_file_name("bin").join("rust-lld");
    for path in [own, "/usr/bin/lld".into()] {
        if path.exists() {
            return Ok(path);
        }
    }
    bail!("there is no linker for the boards: neither rust-lld in the toolchain nor /usr/bin/lld")
}

fn link(from: &Path, to: &Path) -> Result<()> {
    if to.is_symlink() {
        fs::remove_file(to)?;
    }
    symlink(from, to).with_context(|| format!("cannot link {}", to.display()))
}
