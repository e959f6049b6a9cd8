//! The examples for Arduino, Zephyr and ESP-IDF, with stand-ins for these.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::{EMULATED, SOFT, check_said, folder};
use crate::c::compile::{self, ARM_GCC, WARNINGS, output};
use crate::c::library;
use crate::c::package::{ARDUINO, Form};
use crate::{command, workspace};

/// The board in the emulator, its flags with and without real values in registers of their own, and the
/// folder that the Arduino software takes for them.
const BOARD: &str = "mps2-an386";
const CORE: [&str; 3] = ["-mthumb", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16"];
const ABIS: [(&str, &str, &str); 2] =
    [("-mfloat-abi=hard", EMULATED, "fpv4-sp-d16-hard"), ("-mfloat-abi=softfp", SOFT, "")];

/// Runs all of them, here and on the emulated board.
pub(super) fn run(packages: &Path, expected: &str, all: bool) -> Result<String> {
    let programs = packages.join("programs");
    std::fs::create_dir_all(&programs)?;
    let says = |name: &str, mut build: Command, run: &dyn Fn(&Path) -> Result<(String, bool)>| {
        let program = programs.join(name);
        command::run(build.arg("-o").arg(&program))?;
        check_said(name, &run(&program)?, expected)
    };
    let here = |program: &Path| output(&mut command::program(program));
    says("arduino", arduino(packages, "gcc", &[], "host.c", &native_library(packages)), &here)?;
    says("zephyr", zephyr(packages, &[]), &here)?;
    says("zephyr-sensor", zephyr(packages, &["-DSTAND_IN_SENSOR"]), &here)?;
    says("esp-idf", esp_idf(packages), &here)?;

    let script = templates().join(format!("{BOARD}.ld"));
    let machine = compile::MACHINES.iter().find(|machine| machine.board == BOARD);
    let Some(machine) = machine else { bail!("there is no machine {BOARD}") };
    // The second library is built for this alone.
    for (abi, library, floats) in ABIS.into_iter().take(if all { 2 } else { 1 }) {
        let core: Vec<&str> =
            CORE.into_iter().chain([abi, "-ffreestanding", "-fno-exceptions"]).collect();
        let source = format!("{BOARD}.c");
        let taken = taken(packages, library, floats)?;
        let mut build = arduino(packages, ARM_GCC, &core, &source, &taken);
        build
            .args(["-nostdlib", "-Wl,--gc-sections,-z,noexecstack", "-T"])
            .arg(&script)
            .arg("-lgcc");
        let name = format!("arduino{abi}.elf");
        says(&name, build, &|program| machine.run(program, &programs))?;
    }
    let decisions = expected.lines().count();
    Ok(format!("{decisions} decisions of the packages' examples"))
}

fn stand_ins() -> PathBuf {
    workspace::root().join("bindings/packages/stand-ins")
}

fn templates() -> PathBuf {
    workspace::root().join("crates/ae-export/templates/board")
}

/// The library of the folder that the Arduino software takes on a Cortex-M4.
fn taken(packages: &Path, library: &str, floats: &str) -> Result<PathBuf> {
    const CORE: &str = "cortex-m4";
    if !ARDUINO.contains(&(library, CORE, floats)) {
        bail!("the package for Arduino has no place for {library} in {CORE}/{floats}");
    }
    let folder = packages.join(folder(Form::Arduino)).join("src").join(CORE);
    Ok(folder.join(floats).join(library::FILE))
}

/// That of this machine, which no board of Arduino's is and no chip of ESP-IDF's.
fn native_library(packages: &Path) -> PathBuf {
    packages.join(folder(Form::Zephyr)).join("lib").join(library::NATIVE).join(library::FILE)
}

fn arduino(packages: &Path, compiler: &str, core: &[&str], board: &str, library: &Path) -> Command {
    let package = packages.join(folder(Form::Arduino));
    let sketch = package.join("examples/Accelerometer");
    let mut build = command::program(compiler);
    build.args(WARNINGS).arg("-Os").args(core);
    for include in [package.join("src"), stand_ins(), stand_ins().join("arduino"), templates()] {
        build.arg("-I").arg(include);
    }
    build.args(["-x", "c++"]).arg(sketch.join("Accelerometer.ino"));
    build.arg(stand_ins().join("arduino/main.cpp"));
    build.args(["-x", "c"]).arg(sketch.join("model.c")).arg(templates().join(board));
    build.args(["-x", "none"]).arg(library);
    build
}

fn zephyr(packages: &Path, flags: &[&str]) -> Command {
    let package = packages.join(folder(Form::Zephyr));
    let source = package.join("samples/detector/src");
    let mut build = native(&package, &stand_ins().join("zephyr"));
    build.args(flags).args([source.join("main.c"), source.join("model.c")]);
    build.arg(native_library(packages));
    build
}

fn esp_idf(packages: &Path) -> Command {
    let package = packages.join(folder(Form::EspIdf));
    let source = package.join("examples/detector/main");
    let mut build = native(&package, &stand_ins().join("esp-idf"));
    build.args([source.join("main.c"), source.join("model.c"), stand_ins().join("esp-idf/main.c")]);
    build.arg(native_library(packages));
    build
}

/// A compiler for this machine that finds a package's header and the stand-ins.
fn native(package: &Path, stand_in: &Path) -> Command {
    let mut build = command::program("gcc");
    // Zephyr's and ESP-IDF's own standard.
    build.arg("-std=gnu11").args(WARNINGS).arg("-O1");
    for include in [&package.join("include"), &stand_ins(), stand_in] {
        build.arg("-I").arg(include);
    }
    build
}
