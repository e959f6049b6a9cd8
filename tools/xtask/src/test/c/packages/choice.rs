//! Which library a package chooses for a core: Zephyr's module by Kconfig, ESP-IDF's component by the chip,
//! and CMake's package by what the compiler says of itself.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::folder;
use crate::c::compile::{ARM_GCC as ARM, RISCV_GCC as RISCV, output};
use crate::c::library;
use crate::c::package::Form;
use crate::command;

/// Settings of Kconfig, and the library; none where there is none.
const ZEPHYR: &[(&str, &str)] = &[
    ("CPU_CORTEX_M CPU_CORTEX_M0PLUS", "thumbv6m-none-eabi"),
    ("CPU_CORTEX_M CPU_CORTEX_M23", "thumbv6m-none-eabi"),
    ("CPU_CORTEX_M CPU_CORTEX_M3", "thumbv7m-none-eabi"),
    ("CPU_CORTEX_M CPU_CORTEX_M4", "thumbv7em-none-eabi"),
    ("CPU_CORTEX_M CPU_CORTEX_M4 FPU FP_SOFTABI", "thumbv7em-none-eabi"),
    ("CPU_CORTEX_M CPU_CORTEX_M4 FPU FP_HARDABI", "thumbv7em-none-eabihf"),
    ("CPU_CORTEX_M CPU_CORTEX_M7 FPU FP_HARDABI", "thumbv7em-none-eabihf"),
    ("CPU_CORTEX_M CPU_CORTEX_M33", "thumbv8m.main-none-eabi"),
    ("CPU_CORTEX_M CPU_CORTEX_M33 ARMV8_M_DSP", "thumbv7em-none-eabi"),
    ("CPU_CORTEX_M CPU_CORTEX_M33 ARMV8_M_DSP FPU FP_HARDABI", "thumbv8m.main-none-eabihf"),
    ("CPU_CORTEX_M CPU_CORTEX_M33 FPU FP_HARDABI", ""),
    ("CPU_CORTEX_M CPU_CORTEX_M55 ARMV8_M_DSP ARMV8_1_M_MVEI", "thumbv7em-none-eabi"),
    (
        "CPU_CORTEX_M CPU_CORTEX_M55 ARMV8_M_DSP ARMV8_1_M_MVEI FPU FP_HARDABI",
        "thumbv8m.main-none-eabihf-mve",
    ),
    ("RISCV RISCV_ISA_EXT_M RISCV_ISA_EXT_C", "riscv32imc-unknown-none-elf"),
    ("RISCV RISCV_ISA_EXT_M RISCV_ISA_EXT_A RISCV_ISA_EXT_C", "riscv32imac-unknown-none-elf"),
    ("RISCV RISCV_ISA_EXT_M RISCV_ISA_EXT_A RISCV_ISA_EXT_C FPU", ""),
    ("RISCV RISCV_ISA_EXT_M RISCV_ISA_EXT_A RISCV_ISA_EXT_C 64BIT", ""),
    ("ARCH_POSIX 64BIT", library::NATIVE),
    ("ARCH_POSIX", ""),
];

/// Chips, and the library.
const ESP_IDF: &[(&str, &str)] = &[
    ("esp32c2", "riscv32imc-unknown-none-elf"),
    ("esp32c3", "riscv32imc-unknown-none-elf"),
    ("esp32c6", "riscv32imac-unknown-none-elf"),
    ("esp32h2", "riscv32imac-unknown-none-elf"),
    ("esp32s3", ""),
];

/// Compilers, their flags, and the library.
const CMAKE: &[(&str, &str, &str)] = &[
    (ARM, "-mthumb -mcpu=cortex-m0plus", "thumbv6m-none-eabi"),
    (ARM, "-mthumb -mcpu=cortex-m23", "thumbv6m-none-eabi"),
    (ARM, "-mthumb -mcpu=cortex-m3", "thumbv7m-none-eabi"),
    (ARM, "-mthumb -mcpu=cortex-m4", "thumbv7em-none-eabi"),
    (ARM, "-mthumb -mcpu=cortex-m4 -mfloat-abi=softfp -mfpu=fpv4-sp-d16", "thumbv7em-none-eabi"),
    (ARM, "-mthumb -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16", "thumbv7em-none-eabihf"),
    (ARM, "-mthumb -mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16", "thumbv7em-none-eabihf"),
    (ARM, "-mthumb -mcpu=cortex-m33", "thumbv7em-none-eabi"),
    (ARM, "-mthumb -mcpu=cortex-m33+nodsp", "thumbv8m.main-none-eabi"),
    (ARM, "-mthumb -mcpu=cortex-m33 -mfloat-abi=hard", "thumbv8m.main-none-eabihf"),
    (ARM, "-mthumb -mcpu=cortex-m55 -mfloat-abi=hard", "thumbv8m.main-none-eabihf-mve"),
    (ARM, "-mcpu=cortex-a53", ""),
    (RISCV, "-march=rv32imc -mabi=ilp32", "riscv32imc-unknown-none-elf"),
    (RISCV, "-march=rv32imac -mabi=ilp32", "riscv32imac-unknown-none-elf"),
    (RISCV, "-march=rv32imafc -mabi=ilp32f", ""),
    (RISCV, "-march=rv64imac -mabi=lp64", ""),
    ("gcc", "", library::NATIVE),
    ("clang", "--target=aarch64-linux-gnu", "aarch64-unknown-linux-musl"),
];

/// Asks each package for each core.
pub(super) fn run(packages: &Path) -> Result<String> {
    for (settings, expected) in ZEPHYR {
        let sets = settings.split(' ').map(|name| format!("set(CONFIG_{name} y)\n"));
        let script = format!(
            "set(CONFIG_AUTOENCODER y)\nset(CMAKE_HOST_SYSTEM_PROCESSOR x86_64)\n{}\
             function(zephyr_include_directories)\nendfunction()\n\
             function(zephyr_link_libraries file)\nmessage(\"chosen ${{file}}\")\nendfunction()\n",
            sets.collect::<String>()
        );
        let file = packages.join(folder(Form::Zephyr)).join("zephyr/CMakeLists.txt");
        compare(settings, expected, &ask(packages, &script, &file)?)?;
    }
    for (chip, expected) in ESP_IDF {
        let script = format!(
            "set(IDF_TARGET {chip})\nset(COMPONENT_LIB component)\n\
             function(idf_component_register)\nendfunction()\n\
             function(add_prebuilt_library name file)\nmessage(\"chosen ${{file}}\")\nendfunction()\n\
             function(target_link_libraries)\nendfunction()\n"
        );
        let file = packages.join(folder(Form::EspIdf)).join("CMakeLists.txt");
        compare(chip, expected, &ask(packages, &script, &file)?)?;
    }
    for (compiler, flags, expected) in CMAKE {
        let script = format!(
            "set(CMAKE_C_COMPILER {compiler})\nset(CMAKE_C_FLAGS \"{flags}\")\n\
             function(add_library)\nendfunction()\n\
             function(set_target_properties name word place file)\n\
             message(\"chosen ${{file}}\")\nendfunction()\n"
        );
        let package = packages.join(folder(Form::Cmake));
        let file = package.join("lib/cmake/autoencoder/autoencoderConfig.cmake");
        compare(&format!("{compiler} {flags}"), expected, &ask(packages, &script, &file)?)?;
    }
    let choices = ZEPHYR.len() + ESP_IDF.len() + CMAKE.len();
    Ok(format!("{choices} cores get the library that is theirs, or none"))
}

/// The library that a file of CMake chooses behind a script's settings, by its folder's name.
fn ask(place: &Path, script: &str, file: &Path) -> Result<String> {
    let path = place.join("ask.cmake");
    let text = format!(
        "cmake_policy(VERSION 3.13)\n{script}include(\"{}\")\n",
        file.to_str().context("a path in UTF-8")?
    );
    fs::write(&path, text)?;
    let (printed, success) = output(command::program("cmake").arg("-P").arg(&path))?;
    let chosen = printed.lines().find_map(|line| line.strip_prefix("chosen "));
    let Some(chosen) = chosen else {
        // Nothing is to be refused for another reason than that there is no library.
        if !success && !printed.contains("no library") {
            bail!("{}: {printed}", file.display());
        }
        return Ok(String::new());
    };
    let library = Path::new(chosen).parent().and_then(Path::file_name);
    Ok(library.context("a library in a folder")?.to_string_lossy().into_owned())
}

fn compare(core: &str, expected: &str, found: &str) -> Result<()> {
    if found != expected {
        bail!("{core}: the package chooses {found:?}, expected {expected:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{CMAKE, ESP_IDF, ZEPHYR, compare};
    use crate::c::package::{Form, Package};

    #[test]
    fn every_library_of_a_package_is_chosen_by_some_core_and_another_one_is_found() {
        let of_cmake: Vec<&str> = CMAKE.iter().map(|(.., library)| *library).collect();
        let second =
            |rows: &[(&str, &'static str)]| rows.iter().map(|row| row.1).collect::<Vec<_>>();
        let mut of_zephyr = second(ZEPHYR);
        // The machine that runs the test is the other one.
        of_zephyr.push("aarch64-unknown-linux-musl");
        for (form, chosen) in
            [(Form::Zephyr, of_zephyr), (Form::EspIdf, second(ESP_IDF)), (Form::Cmake, of_cmake)]
        {
            let places = Package::plain(form).places(&[]).unwrap();
            for place in &places {
                assert!(chosen.contains(&&*place.library), "{form:?}: {}", place.library);
            }
            let known = |name: &&str| places.iter().any(|place| place.library == **name);
            assert!(chosen.iter().filter(|name| !name.is_empty()).all(known));
        }
        compare("a core", "one", "one").unwrap();
        assert!(compare("a core", "one", "another").is_err());
    }
}
