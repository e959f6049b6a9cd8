//! The package for CMake and pkg-config, which both are here.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use super::{EMULATED, check_said};
use crate::c::compile::{MACHINES, output};
use crate::c::library;
use crate::command;

/// The board that the example is built for beside this machine.
const BOARD: &str = "mps2-an386";

/// Versions that a project may ask for, and whether 0.1.0 will do.
const VERSIONS: [(&str, bool); 6] =
    [("", true), ("0.1", true), ("0.1.0", true), ("0.0", false), ("0.1.1", false), ("1.0", false)];

/// Asks the package's own file, as `find_package` does.
fn check_version(package: &Path, asked: &str, fits: bool) -> Result<()> {
    let mut numbers = asked.split('.').filter(|number| !number.is_empty());
    let [major, minor] = [(); 2].map(|()| numbers.next().unwrap_or("0"));
    let file = package.join("lib/cmake/autoencoder/autoencoderConfigVersion.cmake");
    let script = format!(
        "set(PACKAGE_FIND_VERSION \"{asked}\")\nset(PACKAGE_FIND_VERSION_MAJOR {major})\n\
         set(PACKAGE_FIND_VERSION_MINOR {minor})\ninclude(\"{}\")\n\
         message(\"${{PACKAGE_VERSION}} ${{PACKAGE_VERSION_COMPATIBLE}}\")\n",
        file.display()
    );
    let path = package.join("version.cmake");
    fs::write(&path, format!("cmake_policy(VERSION 3.13)\n{script}"))?;
    let expected = format!("{} {}", env!("CARGO_PKG_VERSION"), if fits { "TRUE" } else { "FALSE" });
    let said = output(command::program("cmake").arg("-P").arg(&path))?;
    check_said(&format!("version {asked:?}"), &said, &expected)
}

/// Builds the package's example with CMake for this machine and for the emulated board, and with pkg-config,
/// and runs all three.
pub(super) fn run(package: &Path, expected: &str) -> Result<String> {
    let says = |name: &str, said: (String, bool)| check_said(name, &said, expected);
    for (asked, fits) in VERSIONS {
        check_version(package, asked, fits)?;
    }
    let native = package.join("build-native");
    build(package, &native, &[])?;
    says("find_package", output(&mut command::program(native.join("example")))?)?;

    let Some(machine) = MACHINES.iter().find(|machine| machine.board == BOARD) else {
        bail!("there is no machine {BOARD}");
    };
    let emulated = package.join("build-emulated");
    let flags = format!("-DCMAKE_C_FLAGS={} -ffreestanding", machine.core.join(" "));
    let options = [
        "-DCMAKE_SYSTEM_NAME=Generic",
        "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
        &format!("-DCMAKE_C_COMPILER={}", machine.gcc),
        &flags,
        &format!("-DBOARD={BOARD}"),
    ];
    build(package, &emulated, &options)?;
    says(EMULATED, machine.run(&emulated.join("example"), package)?)?;

    let mut pkg_config = command::program("pkg-config");
    let files = package.join("lib").join(library::NATIVE).join("pkgconfig");
    pkg_config.env("PKG_CONFIG_PATH", files);
    let flags = command::read(pkg_config.args(["--cflags", "--libs", "autoencoder"]))?;
    let program = package.join("by-pkg-config");
    let mut gcc = command::program("gcc");
    let example = package.join("example");
    gcc.args(["main.c", "model.c", "board/host.c"].map(|source| example.join(source)));
    command::run(gcc.args(flags.split_whitespace()).arg("-o").arg(&program))?;
    says("pkg-config", output(&mut command::program(&program))?)?;
    Ok("found by CMake, here and for a Cortex-M4F, and by pkg-config".to_owned())
}

/// Configures and builds the example.
fn build(package: &Path, folder: &Path, options: &[&str]) -> Result<()> {
    let mut configure = command::program("cmake");
    configure.arg("-S").arg(package.join("example")).arg("-B").arg(folder).args(options);
    configure.arg(format!("-DCMAKE_PREFIX_PATH={}", package.display()));
    let mut build = command::program("cmake");
    build.arg("--build").arg(folder);
    for command in [configure, build].iter_mut() {
        let (printed, success) = output(command)?;
        if !success {
            bail!("`{}`: {printed}", command::line(command));
        }
    }
    Ok(())
}
