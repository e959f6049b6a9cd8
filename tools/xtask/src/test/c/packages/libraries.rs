//! The libraries that the step does not take otherwise, each on a core that a package chooses it for: they
//! read the file of cases as the others do.

use std::path::Path;

use anyhow::{Context, Result};

use super::super::{Place, READER, SOME, check, told, write_cases};
use crate::c::compile::{ARM_GCC, Machine, RISCV_GCC};

/// Flags for a Cortex-M4F without real values in registers of their own, as those of a Nano 33 BLE.
const SOFTFP: [&str; 4] = ["-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"];

/// Cores and settings. The Cortex-M55 runs what is for other cores of Armv8-M.
const OTHERS: [Machine; 9] = [
    arm("mps2-an385", "thumbv7m-none-eabi", &["-mthumb", "-mcpu=cortex-m3"], MPS2),
    arm("mps2-an385", "thumbv6m-none-eabi", &["-mthumb", "-mcpu=cortex-m23"], MPS2),
    arm("mps2-an386", "thumbv7em-none-eabi", &["-mthumb", "-mcpu=cortex-m4"], MPS2),
    arm("mps2-an386", "thumbv7em-none-eabi", &SOFTFP, MPS2),
    arm(
        "mps2-an500",
        "thumbv7em-none-eabihf",
        &["-mthumb", "-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-d16"],
        MPS2,
    ),
    arm("mps3-an547", "thumbv7em-none-eabi", &["-mthumb", "-mcpu=cortex-m55"], MPS3),
    arm("mps3-an547", "thumbv8m.main-none-eabi", &["-mthumb", "-mcpu=cortex-m33+nodsp"], MPS3),
    arm(
        "mps3-an547",
        "thumbv8m.main-none-eabihf",
        &["-mthumb", "-mcpu=cortex-m33", "-mfloat-abi=hard"],
        MPS3,
    ),
    Machine {
        board: "rv32",
        library: "riscv32imc-unknown-none-elf",
        gcc: RISCV_GCC,
        core: &["-march=rv32imc_zicsr", "-mabi=ilp32", "-mcmodel=medany"],
        script: "rv32.ld",
    },
];

/// Linker scripts.
const MPS2: &str = "mps2.ld";
const MPS3: &str = "mps3-an547.ld";

const fn arm(
    board: &'static str,
    library: &'static str,
    core: &'static [&'static str],
    script: &'static str,
) -> Machine {
    Machine { board, library, gcc: ARM_GCC, core, script }
}

/// Runs all of them.
///
/// # Errors
/// One gives something else, or does not find a wrong byte.
pub(super) fn run(folder: &Path) -> Result<String> {
    let file = write_cases(SOME)?;
    let expected = told(&file);
    for machine in &OTHERS {
        let Machine { board, library, core, .. } = machine;
        let place = || format!("{library} on {board}, {}", core.join(" "));
        let program = folder.join("others.elf");
        machine.link(&READER, &[], &program).with_context(place)?;
        let read = Place { name: library, program, machine: Some(machine), started_by: &[] };
        check(&read, &file, &expected, folder).with_context(place)?;
    }
    Ok(format!("{} libraries and cores more: {expected}", OTHERS.len()))
}

#[cfg(test)]
mod tests {
    use super::OTHERS;
    use crate::c::compile::MACHINES;
    use crate::c::library;

    #[test]
    fn every_library_for_boards_is_run() {
        let run = MACHINES.iter().chain(&OTHERS).map(|machine| machine.library);
        let run: Vec<&str> = run.collect();
        let known = library::all().into_iter().map(|library| library.name);
        for name in known.filter(|name| !name.contains("linux")) {
            assert!(run.contains(&&*name), "{name}");
        }
    }
}
