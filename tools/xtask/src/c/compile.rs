//! Compilers for programs in C, and the machines that run what they make.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use ae_boards::Board;
use anyhow::{Context, Result};

use super::library;
use crate::{command, workspace};

/// Warnings that the header and our own programs must not give.
pub(crate) const WARNINGS: [&str; 5] =
    ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

/// An emulated machine without an operating system.
pub(crate) struct Machine {
    /// Its name in `firmware/boards.toml`.
    pub(crate) board: &'static str,
    /// The library.
    pub(crate) library: &'static str,
    /// The compiler.
    pub(crate) gcc: &'static str,
    /// What tells it the core.
    pub(crate) core: &'static [&'static str],
    /// The linker script in `bindings/c/tests/bare`.
    pub(crate) script: &'static str,
}

pub(crate) const ARM_GCC: &str = "arm-none-eabi-gcc";
pub(crate) const RISCV_GCC: &str = "riscv64-unknown-elf-gcc";

/// One of each kind of core.
pub(crate) const MACHINES: [Machine; 4] = [
    Machine {
        board: "mps2-an385-v6m",
        library: "thumbv6m-none-eabi",
        gcc: ARM_GCC,
        core: &["-mthumb", "-mcpu=cortex-m0"],
        script: "mps2.ld",
    },
    Machine {
        board: "mps2-an386",
        library: "thumbv7em-none-eabihf",
        gcc: ARM_GCC,
        core: &["-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
        script: "mps2.ld",
    },
    Machine {
        board: "mps3-an547",
        library: "thumbv8m.main-none-eabihf-mve",
        gcc: ARM_GCC,
        core: &["-mthumb", "-mcpu=cortex-m55", "-mfloat-abi=hard"],
        script: "mps3-an547.ld",
    },
    Machine {
        board: "rv32",
        library: "riscv32imac-unknown-none-elf",
        gcc: RISCV_GCC,
        core: &["-march=rv32imac_zicsr", "-mabi=ilp32", "-mcmodel=medany"],
        script: "rv32.ld",
    },
];

/// The library of this name, built once in a run of this program.
///
/// # Errors
/// It does not build.
pub(crate) fn built(name: &str) -> Result<PathBuf> {
    static BUILT: Mutex<Vec<(String, PathBuf)>> = Mutex::new(Vec::new());
    let mut all = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, file)) = all.iter().find(|(known, _)| known == name) {
        return Ok(file.clone());
    }
    let file = library::find(name)?.build(false)?;
    all.push((name.to_owned(), file.clone()));
    Ok(file)
}

/// The folder with our programs in C.
pub(crate) fn tests() -> PathBuf {
    workspace::root().join("bindings/c/tests")
}

/// A compiler that is given all warnings and finds the header.
pub(crate) fn compiler(name: &str, standard: &str) -> Command {
    let mut compiler = command::program(name);
    compiler.arg(standard).args(WARNINGS);
    compiler.arg("-I").arg(workspace::root().join("bindings/c/include"));
    compiler
}

impl Machine {
    /// Compiles and links sources of `bindings/c/tests` with the library into `out`. `more` is what the
    /// compiler is given beside.
    ///
    /// # Errors
    /// There is no such compiler, or it finds something.
    pub(crate) fn link(&self, sources: &[&str], more: &[&OsStr], out: &Path) -> Result<()> {
        let library = built(self.library)?;
        let mut gcc = self.compiler();
        gcc.args(sources.iter().map(|source| tests().join(source))).args(more);
        gcc.args(["-nostdlib", "-nostartfiles", "-Wl,--gc-sections", "-Wl,-z,noexecstack"]);
        // For the graph of its calls: what the program has in memory is the same with it.
        gcc.arg("-Wl,--emit-relocs").arg(map_option(out));
        gcc.arg("-L").arg(tests().join("bare")).args(["-T", self.script]);
        gcc.arg(library).arg("-lgcc").arg("-o").arg(out);
        command::run(&mut gcc)
    }

    /// The compiler for its core, for small programs without an operating system.
    pub(crate) fn compiler(&self) -> Command {
        let mut gcc = compiler(self.gcc, "-std=c99");
        gcc.args(["-Os", "-ffreestanding", "-ffunction-sections", "-fdata-sections"]);
        gcc.args(self.core);
        gcc
    }

    /// Runs a program in a folder, whose files it may read. Gives what it printed, and whether it ended
    /// with success.
    ///
    /// # Errors
    /// The emulator is not there.
    pub(crate) fn run(&self, elf: &Path, folder: &Path) -> Result<(String, bool)> {
        self.run_counting(elf, folder, false)
    }

    /// The same; with `counting` an instruction takes a nanosecond of the timer's time.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(crate) fn run_counting(
        &self,
        elf: &Path,
        folder: &Path,
        counting: bool,
    ) -> Result<(String, bool)> {
        let emulator = Board::find(self.board)?.emulator.as_ref().context("an emulated board")?;
        output(emulator.command(elf, counting).current_dir(folder))
    }
}

/// Has the linker write a map of a program beside it.
fn map_option(out: &Path) -> OsString {
    let mut option = OsString::from("-Wl,-Map=");
    option.push(out.with_extension("map"));
    option
}

/// What a program printed, standard error too, and whether it ended with success.
///
/// # Errors
/// It cannot be started.
pub(crate) fn output(program: &mut Command) -> Result<(String, bool)> {
    program.stdin(std::process::Stdio::null());
    let output = program.output().with_context(|| command::line(program))?;
    let printed = [output.stdout, output.stderr].concat();
    Ok((String::from_utf8_lossy(&printed).trim().to_owned(), output.status.success()))
}
