//! Where a package has its libraries.

use super::Form;
use crate::c::library;

/// A library's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The library.
    pub(crate) library: String,
    /// Its file in the package.
    pub(crate) path: String,
}

/// For Arduino: the library, the board's `build.mcu`, and the registers for real values as
/// `-mfpu` and `-mfloat-abi` of its compiler say it. Where no folder has both, the Arduino software takes
/// the one of the core, so what lies there passes real values in ordinary registers.
pub(crate) const ARDUINO: [(&str, &str, &str); 16] = [
    ("thumbv6m-none-eabi", "cortex-m0", ""),
    ("thumbv6m-none-eabi", "cortex-m0plus", ""),
    ("thumbv6m-none-eabi", "cortex-m23", ""),
    ("thumbv7m-none-eabi", "cortex-m3", ""),
    ("thumbv7em-none-eabi", "cortex-m4", ""),
    ("thumbv7em-none-eabihf", "cortex-m4", "fpv4-sp-d16-hard"),
    ("thumbv7em-none-eabi", "cortex-m7", ""),
    ("thumbv7em-none-eabihf", "cortex-m7", "fpv4-sp-d16-hard"),
    ("thumbv7em-none-eabihf", "cortex-m7", "fpv5-d16-hard"),
    ("thumbv7em-none-eabihf", "cortex-m7", "fpv5-sp-d16-hard"),
    ("thumbv8m.main-none-eabi", "cortex-m33", ""),
    ("thumbv8m.main-none-eabihf", "cortex-m33", "fpv4-sp-d16-hard"),
    ("thumbv8m.main-none-eabihf", "cortex-m33", "fpv5-sp-d16-hard"),
    ("riscv32imc-unknown-none-elf", "esp32c3", ""),
    ("riscv32imac-unknown-none-elf", "esp32c6", ""),
    ("riscv32imac-unknown-none-elf", "esp32h2", ""),
];

/// Those of ESP-IDF: of the chips that have a RISC-V core without a floating-point unit.
const ESP_IDF: [&str; 2] = ["riscv32imac-unknown-none-elf", "riscv32imc-unknown-none-elf"];

/// All places of a form.
pub(super) fn of(form: Form) -> Vec<Place> {
    match form {
        Form::Arduino => ARDUINO.iter().map(arduino).collect(),
        Form::EspIdf => ESP_IDF.iter().map(|library| by_name(library)).collect(),
        Form::Zephyr | Form::Cmake => {
            library::all().iter().map(|library| by_name(&library.name)).collect()
        }
    }
}

fn arduino((library, core, floats): &(&str, &str, &str)) -> Place {
    let folders = [*core, *floats].into_iter().filter(|folder| !folder.is_empty());
    let folder = folders.collect::<Vec<_>>().join("/");
    Place { library: (*library).to_owned(), path: format!("src/{folder}/{}", library::FILE) }
}

fn by_name(library: &str) -> Place {
    Place { library: library.to_owned(), path: format!("lib/{library}/{}", library::FILE) }
}
